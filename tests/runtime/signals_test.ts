import { deepEqual } from "node:assert/strict";

const module = JSON.stringify(import.meta.resolve("../../lib/runtime/signals.ts"));

/** What every script begins with: a clock that stands still until the script moves it. */
const prelude = `
  import { untilAsked } from ${module};
  let ms = 0;
  const clock = { monotonic: () => ms };
  setTimeout(() => Deno.exit(1), 20_000);
  const send = async (name) => {
    Deno.kill(Deno.pid, name);
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
`;

/** Runs `script` in a process of its own: signals to this one would reach whoever runs the tests. */
async function run(script: string): Promise<{ code: number; said: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", prelude + script],
    stderr: "inherit",
  });
  const { code, stdout } = await child.output();
  return { code, said: new TextDecoder().decode(stdout) };
}

for (const name of ["SIGTERM", "SIGINT"]) {
  Deno.test(`${name} asks the process to end, and does not end it`, async () => {
    const answer = await run(`
      const { signal, dispose } = untilAsked(clock);
      const asked = new Promise((resolve) => signal.addEventListener("abort", resolve));
      const before = signal.aborted;
      Deno.kill(Deno.pid, "${name}");
      await asked;
      dispose();
      console.log(before, signal.aborted, signal.reason.message);
      Deno.exit(0);`);
    deepEqual(answer, { code: 0, said: "false true asked to end\n" });
  });
}

Deno.test("a signal that comes again within a second is the same one: a terminal and a task both send it", async () => {
  const answer = await run(`
    const { signal } = untilAsked(clock);
    for (const name of ["SIGINT", "SIGINT", "SIGTERM"]) await send(name);
    ms = 999;
    await send("SIGINT");
    console.log(signal.aborted);
    Deno.exit(0);`);
  deepEqual(answer, { code: 0, said: "true\n" });
});

Deno.test("a second signal after a second ends the process at once, for people who have waited long enough", async () => {
  for (const name of ["SIGTERM", "SIGINT"]) {
    const answer = await run(`
      untilAsked(clock);
      await send("SIGINT");
      await send("SIGINT");
      ms = 1000;
      await send("${name}");
      console.log("still here");`);
    deepEqual(answer, { code: 130, said: "" });
  }
});

Deno.test("once nobody listens any more a signal ends the process as it always would", async () => {
  const answer = await run(`
    untilAsked(clock).dispose();
    Deno.kill(Deno.pid, "SIGTERM");`);
  deepEqual(answer, { code: 143, said: "" });
});
