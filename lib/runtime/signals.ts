/**
 * SIGTERM and SIGINT as an abort signal.
 *
 * @module
 */

/**
 * Aborts when the process is asked to end. A second signal ends it at once, for people who have waited
 * long enough.
 *
 * @returns the signal, and a function that stops listening
 */
export function untilAsked(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const asked = () => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort(new Error("asked to end"));
  };
  const names = ["SIGTERM", "SIGINT"] as const;
  for (const name of names) Deno.addSignalListener(name, asked);
  return {
    signal: controller.signal,
    dispose: () => names.forEach((name) => Deno.removeSignalListener(name, asked)),
  };
}
