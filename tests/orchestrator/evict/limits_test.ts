import { deepEqual } from "node:assert/strict";
import { limitsOf } from "../../../lib/orchestrator/evict/limits.ts";
import { hour, limits, minute } from "../build.ts";

const settings = { failuresBeforeEviction: 3, scanInterval: minute, stormPercent: 50, stormMinPods: 5 };

Deno.test("the settings' defaults give the limits that the documentation names", () => {
  deepEqual(limitsOf(settings, limits.own), limits);
});

Deno.test("a replacement must stay clear for as many scans as an eviction takes", () => {
  deepEqual(
    [0, 3, 10].map((failuresBeforeEviction) =>
      limitsOf({ ...settings, failuresBeforeEviction }, limits.own).pace.clearScans
    ),
    [1, 4, 11],
  );
});

Deno.test("a workload waits for as long as its scans take; how long at most does not depend on them", () => {
  const { pace } = limitsOf({ ...settings, failuresBeforeEviction: 1, scanInterval: 10_000 }, limits.own);
  deepEqual(pace, { replacementDeadline: 10 * minute, clearScans: 2, wait: 20_000, maxWait: hour });
});
