import { deepEqual } from "node:assert/strict";

const module = JSON.stringify(import.meta.resolve("../../lib/runtime/signals.ts"));

/** Runs `script` in a process of its own: signals to this one would reach whoever runs the tests. */
async function run(script: string): Promise<{ code: number; said: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", `import { untilAsked } from ${module};\n${script}`],
    stderr: "inherit",
  });
  const { code, stdout } = await child.output();
  return { code, said: new TextDecoder().decode(stdout) };
}

for (const name of ["SIGTERM", "SIGINT"]) {
  Deno.test(`${name} asks the process to end, and does not end it`, async () => {
    const answer = await run(`
      const { signal, dispose } = untilAsked();
      const asked = new Promise((resolve) => signal.addEventListener("abort", resolve));
      const before = signal.aborted;
      Deno.kill(Deno.pid, "${name}");
      await asked;
      dispose();
      console.log(before, signal.aborted, signal.reason.message);`);
    deepEqual(answer, { code: 0, said: "false true asked to end\n" });
  });
}

Deno.test("a second signal ends the process at once, for people who have waited long enough", async () => {
  const answer = await run(`
    const { signal } = untilAsked();
    setTimeout(() => Deno.exit(1), 20_000);
    signal.addEventListener("abort", () => Deno.kill(Deno.pid, "SIGTERM"));
    Deno.kill(Deno.pid, "SIGTERM");`);
  deepEqual(answer, { code: 130, said: "" });
});

Deno.test("once nobody listens any more a signal ends the process as it always would", async () => {
  const answer = await run(`
    untilAsked().dispose();
    setTimeout(() => Deno.exit(1), 20_000);
    Deno.kill(Deno.pid, "SIGTERM");`);
  deepEqual(answer, { code: 143, said: "" });
});
