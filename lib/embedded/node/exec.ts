/**
 * Commands beside a container's own: probes and hooks.
 *
 * @module
 */
import type { Guard } from "../../runtime/guard.ts";
import { type Launch, lineOf } from "./launch.ts";
import { withRealPaths } from "./mounts.ts";
import type { ProbeOutcome } from "./probe_action.ts";
import { NoProgram } from "./programs.ts";
import type { Machine } from "./tools.ts";

/** The most that is kept of what a command prints, bytes. */
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
  const decoder = new TextDecoder();
  let said = "";
  const output = (bytes: Uint8Array) => {
    if (said.length < mostKept) said += decoder.decode(bytes.subarray(0, mostKept), { stream: true });
  };
  try {
    const line = await lineOf(command.map((part) => withRealPaths(part, launch.mounts)), launch, machine);
    const process = await guard.run({ line, env: launch.env, cwd: launch.cwd, output });
    const kill = () => process.kill();
    signal.addEventListener("abort", kill);
    if (signal.aborted) kill();
    const { code } = await process.ended;
    signal.removeEventListener("abort", kill);
    if (signal.aborted) return { ok: false, why: `command "${command.join(" ")}" timed out` };
    return code === 0 ? { ok: true } : { ok: false, why: said.trim() || `command exited with ${code}` };
  } catch (error) {
    if (!(error instanceof NoProgram)) throw error;
    return { ok: false, why: error.message };
  }
}
