import { equal, rejects } from "node:assert/strict";
import {
  namespaceGoes,
  refusalOf,
  unlessMissing,
} from "../../../../lib/embedded/controllers/frame/refusal.ts";
import { KubeError } from "../../../../lib/kube/errors.ts";

function refused(status: number, message: string, reason?: string): KubeError {
  const details = reason === undefined ? undefined : { causes: [{ reason }] };
  return new KubeError({ method: "POST", path: "/api/v1/pods" }, status, { message, details });
}

Deno.test("a refusal is told in the server's words alone", () => {
  equal(refusalOf(refused(403, "exceeded quota")), "exceeded quota");
  equal(refusalOf(new Error("broken", { cause: new Error("deep") })), "broken: deep");
});

Deno.test("what is not there reads as nothing; other failures stay failures", async () => {
  equal(await unlessMissing(Promise.resolve(1)), 1);
  equal(await unlessMissing(Promise.reject(refused(404, "gone"))), undefined);
  await rejects(unlessMissing(Promise.reject(refused(500, "no"))), KubeError);
});

Deno.test("that a namespace goes is told from other refusals by its cause", () => {
  equal(namespaceGoes(refused(403, "no", "NamespaceTerminating")), true);
  equal(namespaceGoes(refused(403, "no")), false);
  equal(namespaceGoes(new Error("no")), false);
});
