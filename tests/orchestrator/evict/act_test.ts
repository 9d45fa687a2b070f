import { deepEqual, equal, match } from "node:assert/strict";
import { CoreV1Api } from "../../../k8s/core_v1.ts";
import { KubeError, type StatusLike, Unreachable } from "../../../lib/kube/errors.ts";
import { WriteRefused } from "../../../lib/kube/transport.ts";
import { evict, type EvictOptions, outcomeOf } from "../../../lib/orchestrator/evict/act.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import { FakeClient } from "../../k8s/fake_client.ts";
import { failingPod } from "../build.ts";

const call = { method: "POST", path: "/api/v1/namespaces/shop/pods/web-1/eviction" };

/** Evicts through a client that remembers the request. */
async function evicting(options: Partial<EvictOptions> = {}, changes: Partial<JudgedPod> = {}) {
  const client = new FakeClient();
  const core = new CoreV1Api(client);
  const outcome = await evict(failingPod(changes), {
    core,
    dryRun: false,
    gracePeriod: undefined,
    ...options,
  });
  return { outcome, request: client.request!, body: client.request!.body as EvictionBody };
}

interface EvictionBody {
  readonly metadata: unknown;
  readonly deleteOptions: { readonly gracePeriodSeconds: number; readonly preconditions: unknown };
}

/** What an answer of the API server means. */
function answered(httpStatus: number, status: StatusLike, retryAfterSeconds?: number) {
  return outcomeOf(new KubeError(call, httpStatus, status, retryAfterSeconds), failingPod());
}

/** The API server's answer where a budget allows no disruption. */
const budgetRefusal: StatusLike = {
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
  reason: "TooManyRequests",
  details: {
    causes: [{
      reason: "DisruptionBudget",
      message: "The disruption budget web needs 3 healthy pods and has 3 currently",
    }],
  },
};

Deno.test("an eviction holds only for the pod as it was judged: by uid and resourceVersion", async () => {
  const { outcome, request, body } = await evicting();
  equal(outcome.kind, "evicted");
  equal(request.method, "POST");
  equal(request.path, call.path);
  deepEqual(body.metadata, { name: "web-1", namespace: "shop" });
  deepEqual(body.deleteOptions.preconditions, { uid: "web-1-uid", resourceVersion: "7" });
});

Deno.test("a pod is given at least 120 seconds to end", async () => {
  equal((await evicting({}, { gracePeriod: 30 })).body.deleteOptions.gracePeriodSeconds, 120);
});

Deno.test("a pod that asks for more than 120 seconds is given them", async () => {
  equal((await evicting({}, { gracePeriod: 600 })).body.deleteOptions.gracePeriodSeconds, 600);
});

Deno.test("the setting decides the grace period where there is one, be it 0", async () => {
  equal(
    (await evicting({ gracePeriod: 5 }, { gracePeriod: 600 })).body.deleteOptions.gracePeriodSeconds,
    5,
  );
  equal((await evicting({ gracePeriod: 0 })).body.deleteOptions.gracePeriodSeconds, 0);
});

Deno.test("an eviction is no dry run unless it is to be one", async () => {
  equal((await evicting()).request.query?.dryRun, undefined);
});

Deno.test("a dry run asks the API server with dryRun=All and says that nothing was evicted", async () => {
  const { outcome, request } = await evicting({ dryRun: true });
  equal(request.query?.dryRun, "All");
  equal(outcome.kind, "would-evict");
  match(outcome.words, /dry run/);
});

Deno.test("whatever the API server answers is an outcome, never a rejection", async () => {
  const client = new FakeClient();
  client.json = () => Promise.reject(new KubeError(call, 404, { message: "not found" }));
  const options = { core: new CoreV1Api(client), dryRun: false, gracePeriod: undefined };
  equal((await evict(failingPod(), options)).kind, "gone");
});

Deno.test("429 with the DisruptionBudget cause is a budget's refusal, in the budget's words", () => {
  const { kind, words, retryAfter } = answered(429, budgetRefusal, 10);
  equal(kind, "budget");
  equal(retryAfter, undefined, "a budget's refusal slows nobody else down");
  equal(
    words,
    'Cannot evict pod "shop/web-1": The disruption budget web needs 3 healthy pods and has 3 currently. ' +
      "Trying again at the next scan.",
  );
});

Deno.test("a budget's sentence that ends in a full stop gets no second one", () => {
  const causes = [{ reason: "DisruptionBudget", message: "The disruption budget web is being processed." }];
  match(answered(429, { ...budgetRefusal, details: { causes } }).words, /is being processed\. Trying again/);
});

Deno.test("429 without that cause is throttling, for as long as the server asks", () => {
  const { kind, retryAfter } = answered(429, { message: "too many requests" }, 7);
  deepEqual({ kind, retryAfter }, { kind: "throttled", retryAfter: 7000 });
});

Deno.test("throttling that names no time is ten seconds", () => {
  deepEqual(answered(429, { message: "too many requests" }).retryAfter, 10_000);
});

Deno.test("throttling may also name its time in the body", () => {
  equal(answered(429, { message: "busy", details: { retryAfterSeconds: 3 } }).retryAfter, 3000);
});

Deno.test("500 with more than one PodDisruptionBudget is a misconfiguration, with what to do", () => {
  const { kind, words } = answered(500, {
    message:
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
  });
  equal(kind, "two-budgets");
  match(words, /more than one PodDisruptionBudget selects it.*Change the budgets' selectors/);
});

Deno.test("any other 500 is a failure, in the server's words", () => {
  const { kind, words } = answered(500, { message: "etcdserver: request timed out" });
  equal(kind, "failed");
  match(words, /^Cannot evict pod "shop\/web-1": .*etcdserver: request timed out/);
});

Deno.test("403 is forbidden, and the words name the rule to add", () => {
  const { kind, words } = answered(403, {
    message: 'pods "web-1" is forbidden: User "system:serviceaccount:autocrane:orchestrate" cannot create ' +
      'resource "pods/eviction" in API group "" in the namespace "shop"',
  });
  equal(kind, "forbidden");
  match(words, /resources: \["pods\/eviction"\], verbs: \["create"\]/);
});

Deno.test("404 is a pod that is gone already", () => {
  const { kind, words } = answered(404, { message: 'pods "web-1" not found' });
  equal(kind, "gone");
  equal(words, 'Cannot evict pod "shop/web-1": it is gone already.');
});

Deno.test("409 is a pod that changed since it was judged", () => {
  equal(answered(409, { message: "the UID in the precondition does not match" }).kind, "changed");
});

Deno.test("an answer that nobody expects is a failure with its status", () => {
  const { kind, words } = answered(422, { message: "unprocessable" });
  equal(kind, "failed");
  match(words, /422: unprocessable/);
});

Deno.test("no answer is a failure that says so", () => {
  const { kind, words } = outcomeOf(
    new Unreachable(call, "https://10.0.0.1", new Error("connection reset")),
    failingPod(),
  );
  equal(kind, "failed");
  match(words, /^Cannot evict pod "shop\/web-1": .*no answer from https:\/\/10\.0\.0\.1: connection reset/);
});

Deno.test("an eviction that was not sent, as leadership was over, is told apart from a failure", () => {
  deepEqual(outcomeOf(new WriteRefused("too late"), failingPod()), {
    kind: "not-leading",
    // Whether anybody else leads is not known.
    words: 'Cannot evict pod "shop/web-1": this process\'s Lease ended before it could ask.',
  });
});
