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

Deno.test("what a server asks us to wait is bounded, and passed over where it is no time", () => {
  const asked = (header: number | undefined, body?: unknown) =>
    new KubeError(call, 503, { details: { retryAfterSeconds: body as number } }, header).retryAfter;
  equal(asked(30 * 24 * 3600), 300_000);
  equal(asked(undefined, 30 * 24 * 3600), 300_000);
  equal(asked(0), 0);
  for (const bad of [NaN, Infinity, -1]) {
    equal(asked(bad), undefined);
    equal(asked(bad, 7), 7000, "then the body's counts");
  }
  for (const bad of ["soon", "7", null, {}, 1e999]) equal(asked(undefined, bad), undefined);
});

Deno.test("what a server or a proxy says reaches a terminal as one short line", () => {
  const hostile = `bad\r\n\u001b]0;owned\u0007\u202e gateway${" x".repeat(5000)}`;
  const cause = { reason: "A\nB", message: hostile, field: "a\tb" };
  const error = new KubeError(call, 502, {
    message: hostile,
    reason: "C\u001bD",
    details: { causes: [cause] },
  });
  match(error.message, /502: bad \]0;owned gateway x x/);
  equal(error.message.length < 1100, true);
  equal(error.reason, "C D");
  deepEqual([error.causes[0]?.reason, error.causes[0]?.field], ["A B", "a b"]);
  equal(error.causes[0]!.message!.length <= 1000, true);
  for (const text of [error.message, error.causes[0]!.message!]) equal(/[\p{Cc}\p{Cf}]/u.test(text), false);
  const silent = new Unreachable(call, "https://x", new Error(`certificate for "a\n\u001b[2Jb"`));
  match(silent.message, /no answer from https:\/\/x: certificate for "a \[2Jb"\./);
});

Deno.test("a Status whose parts are of other types is no reason to break", () => {
  const details = { causes: "none", retryAfterSeconds: "soon" } as never;
  const error = new KubeError(call, 500, { message: {}, reason: 7, details } as never);
  match(error.message, /500: no reason given$/);
  deepEqual([error.reason, error.causes, error.hasCause("x")], ["", [], false]);
  const odd = new KubeError(
    call,
    500,
    { details: { causes: [null, 1, { reason: 1, message: "why" }] } } as never,
  );
  deepEqual(odd.causes.map(({ message }) => message), ["why"]);
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
  equal(unsent("No connection could be made because the target machine actively refused it."), true);
  equal(
    unsent("Network is unreachable (os error 101)"),
    false,
    "a route may also end under an open connection",
  );
  equal(unsent("stream refused before processing"), false);
  equal(unsent("connection closed before message completed"), false);
  equal(unsent("Connection reset by peer (os error 104)"), false);
  equal(unsent("silent for 30 s"), false);
});

Deno.test("isStatus knows a refusal from other errors", () => {
  equal(isStatus(new KubeError(call, 404, {}), 404), true);
  equal(isStatus(new KubeError(call, 404, {}), 409), false);
  equal(isStatus(Object.assign(new Error(), { status: 404 }), 404), false);
});
