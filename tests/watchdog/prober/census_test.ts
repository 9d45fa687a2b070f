import { deepEqual, equal } from "node:assert/strict";
import type { Fields, Log } from "../../../lib/runtime/log.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { Census } from "../../../lib/watchdog/prober/census.ts";
import { proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { silentLog } from "../../support/silent_log.ts";

/** A census of a prober whose counts a test sets. */
function bench() {
  const counts = { watchdogs: 0, failing: 0, failingPods: 0 };
  const lines: { readonly level: string; readonly message: string; readonly fields: Fields | undefined }[] =
    [];
  const log: Log = {
    ...silentLog,
    info: (message, fields) => lines.push({ level: "info", message, fields }),
    warn: (message, fields) => lines.push({ level: "warn", message, fields }),
  };
  const registry = new Registry();
  const census = new Census({ census: () => counts }, proberMetrics(registry), log);
  const take = (watchdogs: number, failing: number, failingPods: number) => {
    Object.assign(counts, { watchdogs, failing, failingPods });
    census.take();
  };
  const gauge = async (name: string) => {
    const metric = await registry.getSingleMetric(`autocrane_watchdogprober_${name}`)!.get();
    return metric.values[0]!.value;
  };
  return { take, lines, gauge };
}

Deno.test("what is probed and what fails is shown", async () => {
  const { take, gauge } = bench();
  take(10, 3, 2);
  deepEqual([await gauge("watchdogs"), await gauge("watchdogs_failing")], [10, 3]);
});

Deno.test("when most probes fail, a metric and one line say so, and one when that is over", async () => {
  const { take, lines, gauge } = bench();
  take(10, 6, 6);
  take(10, 9, 9);
  equal(await gauge("most_probes_fail"), 1);
  equal(lines.length, 1);
  deepEqual(lines[0], {
    level: "warn",
    message: "most probes fail at once: look at the network first",
    fields: { failing: 6, watchdogs: 10 },
  });
  take(10, 5, 5);
  take(10, 0, 0);
  equal(await gauge("most_probes_fail"), 0);
  deepEqual(lines.map(({ level }) => level), ["warn", "info"]);
});

Deno.test("half of the probes are not most of them", async () => {
  const { take, lines, gauge } = bench();
  take(20, 10, 10);
  equal(await gauge("most_probes_fail"), 0);
  deepEqual(lines, []);
});

Deno.test("one pod with many failing watchdogs is no storm, nor are four pods", async () => {
  const { take, lines, gauge } = bench();
  take(100, 100, 1);
  take(4, 4, 4);
  equal(await gauge("most_probes_fail"), 0);
  deepEqual(lines, []);
});

Deno.test("a prober without watchdogs is calm", async () => {
  const { take, gauge } = bench();
  take(0, 0, 0);
  equal(await gauge("most_probes_fail"), 0);
});

Deno.test("who ceases to probe does not say that probes succeed", () => {
  const { take, lines } = bench();
  take(10, 9, 9);
  take(0, 0, 0);
  deepEqual(lines.map(({ message }) => message), ["most probes fail at once: look at the network first"]);
});
