import { deepEqual, equal, rejects } from "node:assert/strict";
import { execIn } from "../../../lib/embedded/node/exec.ts";
import type { Launch } from "../../../lib/embedded/node/launch.ts";
import type { ProbeOutcome } from "../../../lib/embedded/node/probe_action.ts";
import type { Machine } from "../../../lib/embedded/node/tools.ts";
import type { Command, Exit, Guard } from "../../../lib/runtime/guard.ts";

const launch: Launch = { command: [], env: { PATH: "/bin" }, cwd: "/", mounts: [], probes: [] };
const machine = { deno: [] } as unknown as Machine;

/** Runs a command that only seems to run: it prints and ends as a test wants it. */
function exec(
  { print = () => {}, ended, kill = () => {} }: {
    print?: (output: Command["output"]) => void;
    ended: Promise<Exit>;
    kill?: () => void;
  },
  signal: AbortSignal = new AbortController().signal,
): Promise<ProbeOutcome> {
  const run = ({ output }: Command) => {
    print(output);
    return Promise.resolve({ pid: 2, ended, kill, signal: () => {} });
  };
  return execIn(launch, ["sh"], { guard: { run } as unknown as Guard, machine }, signal);
}

const failed = () => Promise.resolve<Exit>({ code: 1, signal: undefined });

Deno.test("what comes on one stream does not break a character of the other", async () => {
  const [first, second] = new TextEncoder().encode("é");
  const print = (output: Command["output"]) => {
    output(Uint8Array.of(first!), "stdout");
    output(new TextEncoder().encode("!"), "stderr");
    output(Uint8Array.of(second!), "stdout");
  };
  deepEqual(await exec({ print, ended: failed() }), { ok: false, why: "!é" });
});

Deno.test("no more is kept of what a command prints than its limit", async () => {
  const print = (output: Command["output"]) => {
    for (const stream of ["stdout", "stderr"] as const) output(new Uint8Array(10_000).fill(0x61), stream);
  };
  deepEqual(await exec({ print, ended: failed() }), { ok: false, why: "a".repeat(10 * 1024) });
});

Deno.test("a command that is over is not ended by an abort that comes later", async () => {
  let kills = 0;
  const kill = () => void kills++;
  const stop = new AbortController();
  await exec({ ended: failed(), kill }, stop.signal);
  const lost = Promise.reject(new Error("lost"));
  lost.catch(() => {});
  await rejects(exec({ ended: lost, kill }, stop.signal), /lost/);
  stop.abort();
  equal(kills, 0);
});
