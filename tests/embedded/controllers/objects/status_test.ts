import { deepEqual } from "node:assert/strict";
import { withoutZeros } from "../../../../lib/embedded/controllers/objects/status.ts";

Deno.test("counts of 0 are left out but for those that are always shown, and so are empty lists", () => {
  const status = { replicas: 0, readyReplicas: 0, availableReplicas: 2, conditions: [], unset: undefined };
  deepEqual(withoutZeros(status, ["replicas"]), { replicas: 0, availableReplicas: 2 });
});
