/**
 * SIGTERM and SIGINT as an abort signal.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/**
 * Further signals within so many milliseconds after the first are the same wish: Ctrl-C reaches a process both
 * from the terminal and from a `deno task` that started it.
 */
const echoMs = 1000;

/**
 * Aborts when the process is asked to end. A second signal, once the first is a second old, ends it at once:
 * for people who have waited long enough.
 *
 * @returns the signal, and a function that stops listening
 */
export function untilAsked(clock: Pick<Clock, "monotonic">): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  let first: number | undefined;
  const asked = () => {
    first ??= clock.monotonic();
    if (controller.signal.aborted && clock.monotonic() - first >= echoMs) Deno.exit(130);
    controller.abort(new Error("asked to end"));
  };
  const names = ["SIGTERM", "SIGINT"] as const;
  for (const name of names) Deno.addSignalListener(name, asked);
  return {
    signal: controller.signal,
    dispose: () => names.forEach((name) => Deno.removeSignalListener(name, asked)),
  };
}
