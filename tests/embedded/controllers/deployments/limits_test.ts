import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { IntOrString } from "../../../../k8s/meta_v1.ts";
import {
  fewestAvailable,
  limitsOf,
  mostPods,
} from "../../../../lib/embedded/controllers/deployments/limits.ts";
import { deployment } from "../build.ts";

function rolling(replicas: number, maxSurge?: IntOrString, maxUnavailable?: IntOrString) {
  return deployment({
    spec: { replicas, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } } },
  });
}

Deno.test("surge is rounded up and unavailability down", () => {
  deepEqual(limitsOf(rolling(3, "25%", "25%")), { surge: 1, unavailable: 0 });
  deepEqual(limitsOf(rolling(10, "25%", "25%")), { surge: 3, unavailable: 2 });
  deepEqual(limitsOf(rolling(10, 4, 1)), { surge: 4, unavailable: 1 });
});

Deno.test("where both limits come to nothing, one pod may be unavailable", () => {
  deepEqual(limitsOf(rolling(3, 0, "10%")), { surge: 0, unavailable: 1 });
  deepEqual(limitsOf(rolling(3)), { surge: 0, unavailable: 1 });
});

Deno.test("no more pods may be unavailable than there are to be", () => {
  deepEqual(limitsOf(rolling(2, 0, 5)), { surge: 0, unavailable: 2 });
  deepEqual(limitsOf(rolling(0, 0, 0)), { surge: 0, unavailable: 0 });
});

Deno.test("a Deployment that recreates its pods has neither more nor fewer", () => {
  const recreated = deployment({ spec: { strategy: { type: "Recreate" } } });
  equal(mostPods(recreated), 3);
  equal(fewestAvailable(recreated), 3);
});

Deno.test("something can always move: there is room above or below", () => {
  const part = fc.oneof(fc.nat(20), fc.nat(100).map((percent) => `${percent}%`));
  fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), part, part, (replicas, surge, unavailable) => {
    const one = rolling(replicas, surge, unavailable);
    ok(mostPods(one) > fewestAvailable(one));
    ok(fewestAvailable(one) >= 0);
  }));
});
