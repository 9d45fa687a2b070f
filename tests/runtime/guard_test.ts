import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { sleep, systemClock as clock } from "../../lib/runtime/clock.ts";
import { Guard, type GuardedProcess } from "../../lib/runtime/guard.ts";
import { until } from "../cluster/support/wait.ts";

const env = { PATH: "/usr/bin:/bin" };

interface Run {
  readonly process: GuardedProcess;
  text(): string;
}

async function run(guard: Guard, script: string, more: Record<string, string> = {}): Promise<Run> {
  const decoder = new TextDecoder();
  let text = "";
  const process = await guard.run({
    line: ["/bin/sh", "-c", script],
    env: { ...env, ...more },
    cwd: "/",
    output: (bytes) => text += decoder.decode(bytes, { stream: true }),
  });
  return { process, text: () => text };
}

/** Whether a process of this id runs; one that nobody has waited for yet does not. */
function alive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

/** A process' group. */
function groupOf(pid: number): number {
  return Number(/\) \S+ \d+ (\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/stat`))?.[1]);
}

function guarded(name: string, body: (guard: Guard) => Promise<void>): void {
  Deno.test(name, async () => {
    const guard = Guard.start({ clock });
    try {
      await body(guard);
    } finally {
      await guard.close();
    }
  });
}

guarded("an exit code is told exactly", async (guard) => {
  const { process } = await run(guard, "exit 143");
  deepEqual(await process.ended, { code: 143, signal: undefined });
});

guarded("a signal is told apart from the exit code that looks like it", async (guard) => {
  const { process } = await run(guard, "kill -TERM $$");
  deepEqual(await process.ended, { code: 143, signal: "SIGTERM" });
});

guarded("everything that was printed is there when the end is told", async (guard) => {
  const { process, text } = await run(guard, "echo out; echo err >&2; seq 1 20000 | tail -1");
  await process.ended;
  deepEqual(text().split("\n").filter(Boolean).sort(), ["20000", "err", "out"]);
});

guarded("a program gets the given environment and nothing else", async (guard) => {
  let text = "";
  const process = await guard.run({
    line: ["/usr/bin/env"],
    env: { ...env, "app.mode": "odd name", GREETING: "a b" },
    cwd: "/",
    output: (bytes) => text += new TextDecoder().decode(bytes),
  });
  await process.ended;
  deepEqual(text.trim().split("\n").sort(), ["GREETING=a b", "PATH=/usr/bin:/bin", "app.mode=odd name"]);
});

guarded(
  "a variable's name may begin with a dash, and a program's path hold an equals sign",
  async (guard) => {
    const folder = await Deno.makeTempDir();
    try {
      const program = join(folder, "a=b");
      await Deno.symlink("/usr/bin/env", program);
      let text = "";
      const process = await guard.run({
        line: [program],
        env: { ...env, "-u": "PATH", "-i": "x=y" },
        cwd: "/",
        output: (bytes) => text += new TextDecoder().decode(bytes),
      });
      equal((await process.ended).code, 0);
      deepEqual(text.trim().split("\n").sort(), ["-i=x=y", "-u=PATH", "PATH=/usr/bin:/bin"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

guarded("a signal reaches the program alone, and its children end with it", async (guard) => {
  const { process, text } = await run(guard, "trap 'echo asked; exit 3' TERM; sleep 600 & echo $!; wait");
  const child = await until("the child's id", () => Number(text()) || undefined);
  ok(alive(child));
  process.signal("SIGTERM");
  deepEqual(await process.ended, { code: 3, signal: undefined });
  await until("the child has ended", () => !alive(child));
});

guarded("killing ends the children too", async (guard) => {
  const { process, text } = await run(guard, "trap '' TERM; sleep 600 & echo $!; wait");
  const child = await until("the child's id", () => Number(text()) || undefined);
  process.kill();
  deepEqual(await process.ended, { code: 137, signal: "SIGKILL" });
  await until("the child has ended", () => !alive(child));
});

guarded("a child that left the group and holds the output does not hold the end back", async (guard) => {
  const { process, text } = await run(guard, "trap 'exit 3' TERM; setsid sleep 600 & echo $!; wait");
  const child = await until("the child's id", () => Number(text()) || undefined);
  ok(child > 1);
  const late = new AbortController();
  try {
    await until("the child has left the group", () => groupOf(child) === child);
    process.signal("SIGTERM");
    const end = await Promise.race([process.ended, sleep(clock, 5000, late.signal)]);
    deepEqual(end, { code: 3, signal: undefined });
    ok(alive(child));
  } finally {
    late.abort();
    if (alive(child)) Deno.kill(child, "SIGKILL");
  }
});

guarded("a folder that is missing is named", async (guard) => {
  await rejects(
    guard.run({ line: ["/bin/true"], env, cwd: "/no/such/folder", output: () => {} }),
    /Cannot run "\/bin\/true" in "\/no\/such\/folder"/,
  );
});

guarded("a relative folder is refused", async (guard) => {
  await rejects(guard.remove("tmp"), /its path is not absolute/);
});

Deno.test("closing ends what runs and removes the folders", async () => {
  const guard = Guard.start({ clock });
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "left"), "");
  await guard.remove(folder);
  const { process } = await run(guard, "sleep 600");
  await guard.close();
  deepEqual(await process.ended, { code: 137, signal: "SIGKILL" });
  await rejects(Deno.stat(folder), Deno.errors.NotFound);
});

Deno.test("after a SIGKILL of ours no process and no folder is left", async () => {
  const folder = await Deno.makeTempDir();
  const victim = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", new URL("guard_victim.ts", import.meta.url).pathname, folder],
    stdout: "piped",
  }).spawn();
  let said = "";
  for await (const text of victim.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes("\n")) break;
  }
  const pids = said.trim().split(" ").map(Number);
  equal(pids.length, 3);
  ok(pids.every(alive));
  victim.kill("SIGKILL");
  await victim.status;
  await until("the processes have ended", () => !pids.some(alive));
  await until("the folder is gone", () => Deno.stat(folder).then(() => false, () => true));
});
