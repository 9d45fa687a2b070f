import { deepEqual, equal, match } from "node:assert/strict";
import { isStatus, KubeError, Unreachable } from "../../lib/kube/errors.ts";
import { exitCode } from "../../lib/runtime/failure.ts";

const call = { method: "GET", path: "/api/v1/namespaces/shop/pods" };
const prober = "system:serviceaccount:autocrane:prober";

function forbidden(message: string): KubeError {
  return new KubeError(call, 403, { message, reason: "Forbidden" });
}

Deno.test("a refusal carries status, reason, causes, method, path and message", () => {
  const error = new KubeError({ method: "POST", path: "/api/v1/x" }, 429, {
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: "TooManyRequests",
    details: { causes: [{ reason: "DisruptionBudget", message: "needs 3" }], retryAfterSeconds: 10 },
  });
  equal(error.status, 429);
  equal(error.reason, "TooManyRequests");
  equal(error.method, "POST");
  equal(error.path, "/api/v1/x");
  equal(error.retryAfter, 10_000);
  equal(error.hasCause("DisruptionBudget"), true);
  equal(error.hasCause("Other"), false);
  match(error.message, /^Cannot POST \/api\/v1\/x: 429: Cannot evict pod as it would violate/);
});

Deno.test("a Retry-After header wins over the seconds in the body", () => {
  equal(new KubeError(call, 429, { details: { retryAfterSeconds: 10 } }, 2).retryAfter, 2000);
});

Deno.test("a refusal without words says that there were none", () => {
  const error = new KubeError(call, 500, {});
  match(error.message, /no reason given/);
  equal(error.reason, "");
  deepEqual(error.causes, []);
  equal(error.retryAfter, undefined);
});

Deno.test("a 403 in a namespace names the rule, the Role's namespace and whom to bind it to", () => {
  const { message } = forbidden(
    `pods is forbidden: User "${prober}" cannot list resource "pods" in API group "" in the namespace "shop"`,
  );
  match(message, /Add to a Role in the namespace "shop"/);
  match(message, new RegExp(`bound to "${prober}"`));
  match(message, /the rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["list"\]\}$/);
});

Deno.test("a 403 for a subresource of a group names both in the rule", () => {
  const { message } = forbidden(
    `deployments.apps "web" is forbidden: User "${prober}" cannot patch resource "deployments/scale" ` +
      `in API group "apps" in the namespace "shop": RBAC: role "x" not found`,
  );
  match(message, /\{apiGroups: \["apps"\], resources: \["deployments\/scale"\], verbs: \["patch"\]\}$/);
});

Deno.test("a 403 across the cluster asks for a ClusterRole", () => {
  const { message } = forbidden(
    `nodes is forbidden: User "${prober}" cannot watch resource "nodes" in API group "" at the cluster scope`,
  );
  match(message, /Add to a ClusterRole that is bound to/);
  match(message, /verbs: \["watch"\]/);
});

Deno.test("a 403 that is not RBAC's gets no invented advice", () => {
  const { message } = forbidden("admission webhook denied the request");
  equal(message, "Cannot GET /api/v1/namespaces/shop/pods: 403: admission webhook denied the request");
});

Deno.test("a 401 asks whether the credential is still valid", () => {
  match(new KubeError(call, 401, { message: "Unauthorized" }).message, /token or certificate still valid/);
});

Deno.test("a program that ends by a refusal says which kind by its exit code", () => {
  const codes = [401, 403, 404, 409, 500].map((status) => new KubeError(call, status, {}).exitCode);
  deepEqual(codes, [
    exitCode.noPermission,
    exitCode.noPermission,
    exitCode.notFound,
    exitCode.couldNot,
    exitCode.couldNot,
  ]);
});

Deno.test("no answer is told with the server, the innermost cause and the exit code for it", () => {
  const cause = new TypeError("error sending request", {
    cause: new Error("client error (Connect)", { cause: new Error("Connection refused (os error 111)") }),
  });
  const error = new Unreachable(call, "https://10.0.0.1", cause);
  match(error.message, /no answer from https:\/\/10\.0\.0\.1: Connection refused \(os error 111\)\./);
  equal(error.exitCode, exitCode.unreachable);
  equal(error.cause, cause);
});

Deno.test("only a call that cannot have reached the server counts as unsent", () => {
  const unsent = (why: string) => new Unreachable(call, "https://x", new Error(why)).unsent;
  equal(unsent("Connection refused (os error 111)"), true);
  equal(unsent("dns error: failed to lookup address information"), true);
  equal(unsent("Network is unreachable (os error 101)"), true);
  equal(unsent("connection closed before message completed"), false);
  equal(unsent("Connection reset by peer (os error 104)"), false);
  equal(unsent("silent for 30 s"), false);
});

Deno.test("isStatus knows a refusal from other errors", () => {
  equal(isStatus(new KubeError(call, 404, {}), 404), true);
  equal(isStatus(new KubeError(call, 404, {}), 409), false);
  equal(isStatus(Object.assign(new Error(), { status: 404 }), 404), false);
});
