import { deepEqual, equal } from "node:assert/strict";
import type { Fields } from "../../../lib/runtime/log.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { faultTeller, proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { Upkeep } from "../../../lib/watchdog/prober/upkeep.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

Deno.test("upkeep counts every five seconds, looks for namespaces every minute, and says when it does not", async () => {
  const clock = new FakeClock();
  const metrics = proberMetrics(new Registry());
  const asked: string[] = [];
  let counts = 0;
  const upkeep = new Upkeep({
    prober: {
      census() {
        // A count that fails is no reason to count no more.
        if (++counts === 1) throw new Error("a bug");
        return { watchdogs: 7, failing: 0, failingPods: 0 };
      },
    },
    core: {
      getNamespace(name) {
        asked.push(name);
        return Promise.resolve({});
      },
    },
    namespaces: ["*", "shop"],
    metrics,
    clock,
    log: silentLog,
  });
  const stop = new AbortController();
  const run = upkeep.run(stop.signal);
  await clock.advance(119_000);
  equal(counts, 24);
  deepEqual(asked, ["shop", "shop"]);
  equal((await metrics.watchdogs.get()).values[0]!.value, 7);
  equal(upkeep.trouble(), undefined);
  stop.abort();
  await run;
  await clock.advance(61_000);
  equal(upkeep.trouble(), "no schedule for 65 s");
  await settled();
  equal(clock.waiting, 0);
});

Deno.test("a fault is counted, and logged with where it happened", async () => {
  const metrics = proberMetrics(new Registry());
  const lines: [string, Fields | undefined][] = [];
  const log = {
    ...silentLog,
    error: (message: string, fields?: Fields) => void lines.push([message, fields]),
  };
  const fault = new Error("a bug");
  faultTeller(metrics, log)(fault);
  faultTeller(metrics, log)("thrown as it is");
  equal((await metrics.faults.get()).values[0]!.value, 2);
  deepEqual(lines, [
    ["a fault of the prober itself", { error: "a bug", stack: fault.stack }],
    ["a fault of the prober itself", { error: "thrown as it is", stack: undefined }],
  ]);
});
