/**
 * Commands beside a container's own: probes and hooks.
 *
 * @module
 */
import type { Exit, Guard, GuardedProcess } from "../../runtime/guard.ts";
import { type Launch, lineOf } from "./launch.ts";
import { withRealPaths } from "./mounts.ts";
import type { ProbeOutcome } from "./probe_action.ts";
import { NoProgram } from "./programs.ts";
import type { Machine } from "./tools.ts";

/** The most that is kept of what a command prints, characters. */
const mostKept = 10 * 1024;

/**
 * Runs a command as a container's own would run, to its end; where the signal aborts first, the command ends.
 * It is well when it exits with 0.
 */
export async function execIn(
  launch: Launch,
  command: readonly string[],
  { guard, machine }: { readonly guard: Guard; readonly machine: Machine },
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  let said = "";
  const output = (bytes: Uint8Array, stream: "stdout" | "stderr") => {
    if (said.length >= mostKept) return;
    said = (said + decoders[stream].decode(bytes, { stream: true })).slice(0, mostKept);
  };
  try {
    const line = await lineOf(command.map((part) => withRealPaths(part, launch.mounts)), launch, machine);
    const process = await guard.run({ line, env: launch.env, cwd: launch.cwd, output });
    const { code } = await endOf(process, signal);
    if (signal.aborted) return { ok: false, why: `command "${command.join(" ")}" timed out` };
    return code === 0 ? { ok: true } : { ok: false, why: said.trim() || `command exited with ${code}` };
  } catch (error) {
    if (!(error instanceof NoProgram)) throw error;
    return { ok: false, why: error.message };
  }
}

/** Waits for the end, which comes at once where the signal aborts. */
async function endOf(process: GuardedProcess, signal: AbortSignal): Promise<Exit> {
  const kill = () => process.kill();
  signal.addEventListener("abort", kill);
  try {
    if (signal.aborted) kill();
    return await process.ended;
  } finally {
    signal.removeEventListener("abort", kill);
  }
}
