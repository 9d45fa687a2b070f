/**
 * A workload that fails on request, to try AutoCrane with.
 *
 * @module
 */
import { Hono } from "hono";
import type { Clock } from "../runtime/clock.ts";

/** How long it fails once it was told to, milliseconds. */
export const failFor = 600_000;

/** GET `/watchdog`: 200, or 500 for ten minutes after a POST to `/fail`. */
export function testWorkload(clock: Clock): Hono {
  let failsUntil = -Infinity;
  return new Hono()
    .get("/watchdog", (c) => {
      const left = failsUntil - clock.monotonic();
      if (left <= 0) return c.text("healthy\n");
      return c.text(`failing on request for ${Math.ceil(left / 1000)} s more\n`, 500);
    })
    .post("/fail", (c) => {
      failsUntil = clock.monotonic() + failFor;
      return c.text(`failing for ${failFor / 1000} s\n`);
    });
}
