import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { AppsV1Api, AuthenticationV1Api, CoreV1Api } from "../../k8s/mod.ts";
import { FakeClient } from "./fake_client.ts";

function shop() {
  const client = new FakeClient();
  return { client, pods: new CoreV1Api(client).namespace("shop") };
}

Deno.test("a list sends its selectors and page by their wire names", async () => {
  const { client, pods } = shop();
  await pods.getPodList({
    labelSelector: "app=web",
    fieldSelector: "spec.nodeName=n1",
    limit: 100,
    continue: "abc",
  });
  deepEqual(client.calls, [{
    through: "json",
    request: {
      method: "GET",
      path: "/api/v1/namespaces/shop/pods",
      query: { labelSelector: "app=web", fieldSelector: "spec.nodeName=n1", limit: 100, continue: "abc" },
    },
  }]);
});

Deno.test("a list across namespaces names none", async () => {
  const client = new FakeClient();
  await new AppsV1Api(client).getDeploymentListForAllNamespaces();
  equal(client.request?.path, "/apis/apps/v1/deployments");
});

Deno.test("a watch is a list with watch=true, from where the caller says", () => {
  const { client, pods } = shop();
  const { signal } = new AbortController();
  pods.watchPodList({ resourceVersion: "7", allowWatchBookmarks: true, timeoutSeconds: 300, signal });
  deepEqual(client.calls, [{
    through: "watch",
    request: {
      method: "GET",
      path: "/api/v1/namespaces/shop/pods",
      query: { resourceVersion: "7", allowWatchBookmarks: true, timeoutSeconds: 300, watch: true },
      signal,
    },
  }]);
});

Deno.test("a signal goes along with every call and is no query parameter", async () => {
  const { client, pods } = shop();
  const { signal } = new AbortController();
  await pods.getPod("web", { signal });
  await pods.createPod({}, { signal });
  await pods.patchPod("web", { type: "merge", body: {} }, { signal });
  await pods.deletePod("web", { signal });
  await pods.deletePodList({ signal });
  await pods.streamPodLog("web", { signal });
  for (const { request } of client.calls) {
    equal(request.signal, signal);
    equal("signal" in (request.query ?? {}), false);
  }
});

Deno.test("a create posts the object to its collection", async () => {
  const { client, pods } = shop();
  await pods.createPod({ metadata: { name: "web" } }, {
    dryRun: "All",
    fieldManager: "me",
    fieldValidation: "Strict",
  });
  deepEqual(client.request, {
    method: "POST",
    path: "/api/v1/namespaces/shop/pods",
    query: { dryRun: "All", fieldManager: "me", fieldValidation: "Strict" },
    body: { metadata: { name: "web" } },
  });
});

Deno.test("an object of no namespace is created without one", async () => {
  const client = new FakeClient();
  await new AuthenticationV1Api(client).createTokenReview({ spec: { token: "secret" } });
  equal(client.request?.path, "/apis/authentication.k8s.io/v1/tokenreviews");
});

Deno.test("each kind of patch has its own media type", async () => {
  const { client, pods } = shop();
  const body = { metadata: { name: "web", labels: { tier: "web" } } };
  await pods.patchPod("web", { type: "merge", body });
  await pods.patchPod("web", { type: "strategic", body });
  await pods.patchPod("web", { type: "json", body: [{ op: "remove", path: "/metadata/labels/a~1b" }] });
  const apply = { apiVersion: "v1", kind: "Pod", ...body };
  await pods.patchPod("web", { type: "apply", body: apply, fieldManager: "me" });
  deepEqual(client.calls.map(({ request }) => request.contentType), [
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
  ]);
  deepEqual(client.calls.map(({ request }) => request.method), ["PATCH", "PATCH", "PATCH", "PATCH"]);
  deepEqual(client.request?.body, apply);
});

Deno.test("an apply names its manager and may take over; no other patch can", async () => {
  const { client, pods } = shop();
  const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" } };
  await pods.patchPod("web", { type: "apply", body, fieldManager: "me", force: true }, { dryRun: "All" });
  deepEqual(client.request?.query, { dryRun: "All", fieldManager: "me", force: true });

  await pods.patchPod("web", { type: "merge", body: {} }, { fieldManager: "me" });
  deepEqual(client.request?.query, { fieldManager: "me" });
});

Deno.test("a status is read and written apart from its object", async () => {
  const { client, pods } = shop();
  await pods.getPodStatus("web");
  await pods.replacePodStatus("web", { status: { phase: "Running" } });
  await pods.patchPodStatus("web", { type: "merge", body: { status: { phase: "Failed" } } });
  deepEqual(
    client.calls.map(({ request }) => `${request.method} ${request.path}`),
    ["GET", "PUT", "PATCH"].map((method) => `${method} /api/v1/namespaces/shop/pods/web/status`),
  );
});

Deno.test("an eviction is posted to its pod", async () => {
  const { client, pods } = shop();
  const eviction = { metadata: { name: "web" }, deleteOptions: { preconditions: { uid: "u1" } } };
  await pods.createPodEviction("web", eviction, { dryRun: "All" });
  deepEqual(client.request, {
    method: "POST",
    path: "/api/v1/namespaces/shop/pods/web/eviction",
    query: { dryRun: "All" },
    body: eviction,
  });
});

Deno.test("a log is read as text or as it comes, and accepts whatever the container wrote", async () => {
  const { client, pods } = shop();
  await pods.getPodLog("web", { container: "app", tailLines: 10 });
  await pods.streamPodLog("web", { follow: true });
  const request = { method: "GET", path: "/api/v1/namespaces/shop/pods/web/log", accept: "*/*" };
  deepEqual(client.calls, [
    { through: "text", request: { ...request, query: { container: "app", tailLines: 10 } } },
    { through: "stream", request: { ...request, query: { follow: true } } },
  ]);
});

Deno.test("a delete without options has no body", async () => {
  const { client, pods } = shop();
  await pods.deletePod("web");
  deepEqual(client.request, { method: "DELETE", path: "/api/v1/namespaces/shop/pods/web", query: {} });
});

Deno.test("a delete carries its preconditions, and every other option, in the body", async () => {
  const { client, pods } = shop();
  const options = {
    preconditions: { uid: "u1" },
    gracePeriodSeconds: 0,
    propagationPolicy: "Foreground",
  } as const;
  await pods.deletePod("web", { ...options, dryRun: "All" });
  deepEqual(client.request?.query, {});
  deepEqual(client.request?.body, { ...options, dryRun: ["All"] });
});

Deno.test("the delete of a collection selects by query and deletes by body", async () => {
  const { client, pods } = shop();
  await pods.deletePodList({ labelSelector: "app=web", limit: 5, gracePeriodSeconds: 0 });
  deepEqual(client.request?.query, { labelSelector: "app=web", limit: 5 });
  deepEqual(client.request?.body, { gracePeriodSeconds: 0 });
});

Deno.test("a name is one segment of the path, whatever is in it", async () => {
  const client = new FakeClient();
  await new CoreV1Api(client).namespace("a/b").getConfigMap("../../nodes?x#y%z");
  equal(client.request?.path, "/api/v1/namespaces/a%2Fb/configmaps/..%2F..%2Fnodes%3Fx%23y%25z");
});

Deno.test("a name that would lead to another resource is refused before anything is sent", async () => {
  const { client, pods } = shop();
  for (const name of ["", ".", ".."]) {
    await rejects(pods.deletePod(name), TypeError);
    throws(() => new CoreV1Api(client).namespace(name), TypeError);
  }
  deepEqual(client.calls, []);
});
