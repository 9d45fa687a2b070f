/**
 * What every server of ours answers, whatever else it does.
 *
 * @module
 */
import { Hono } from "hono";
import type { Log } from "../runtime/log.ts";
import { messageOf } from "../runtime/failure.ts";
import type { Registry } from "../runtime/metrics.ts";

/** What {@link baseApp} needs. */
export interface BaseAppOptions {
  readonly registry: Registry;
  readonly log: Log;
  /** Why the program does not work at the moment, or `undefined` while it does. */
  readonly trouble?: () => string | undefined;
}

/**
 * An app with GET `/ping` (200 while the program works, else 500 and why) and GET `/metrics` (Prometheus'
 * text format). A handler that throws answers 500 without telling the caller why; the log knows.
 */
export function baseApp({ registry, log, trouble = () => undefined }: BaseAppOptions): Hono {
  return new Hono()
    .get("/ping", (c) => {
      const why = trouble();
      return why === undefined ? c.text("pong\n") : c.text(`${why}\n`, 500);
    })
    .get(
      "/metrics",
      async (c) => c.text(await registry.metrics(), 200, { "content-type": registry.contentType }),
    )
    .notFound((c) => c.text("There is nothing here. Try /ping or /metrics.\n", 404))
    .onError((error, c) => {
      log.error("request failed", { method: c.req.method, path: c.req.path, error: messageOf(error) });
      return c.text("This did not work; the log says why.\n", 500);
    });
}
