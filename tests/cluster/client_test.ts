import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type ConfigMap, CoreV1Api } from "../../k8s/core_v1.ts";
import type { KubeError } from "../../lib/kube/errors.ts";
import type { Cluster } from "./support/cluster.ts";
import { onCluster } from "./support/suite.ts";
import { barePod, deployment } from "./support/workloads.ts";

const test = onCluster();

async function maps(cluster: Cluster) {
  return cluster.core.namespace(await cluster.namespace());
}

test("a merge patch sets and removes what it names", async (cluster) => {
  const core = await maps(cluster);
  await core.createConfigMap({ metadata: { name: "one" }, data: { kept: "1", gone: "2" } });
  const after = await core.patchConfigMap("one", {
    type: "merge",
    body: { data: { gone: null, added: "3" } },
  });
  deepEqual(after.data, { kept: "1", added: "3" });
});

test("a strategic patch merges lists by their keys", async (cluster) => {
  const apps = cluster.apps.namespace(await cluster.namespace());
  await apps.createDeployment(deployment({ name: "web", replicas: 0 }));
  const sidecar = { name: "sidecar", image: "sidecar" };
  const body = { spec: { template: { spec: { containers: [sidecar] } } } };
  const after = await apps.patchDeployment("web", { type: "strategic", body });
  deepEqual(after.spec?.template.spec?.containers.map(({ name }) => name).sort(), ["app", "sidecar"]);
});

test("a JSON patch is carried out whole or not at all", async (cluster) => {
  const core = await maps(cluster);
  await core.createConfigMap({ metadata: { name: "one" }, data: { a: "1" } });
  const test = (value: string) =>
    core.patchConfigMap("one", {
      type: "json",
      body: [{ op: "test", path: "/data/a", value }, { op: "replace", path: "/data/a", value: "2" }],
    });
  await rejects(test("other"), (error: KubeError) => error.status === 422);
  equal((await test("1")).data?.a, "2");
});

test("an apply patch owns its fields, and takes others' only by force", async (cluster) => {
  const core = await maps(cluster);
  const apply = (fieldManager: string, value: string, force?: boolean) =>
    core.patchConfigMap("one", {
      type: "apply",
      body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" }, data: { a: value } },
      fieldManager,
      ...(force && { force }),
    });
  await apply("first", "1");
  await rejects(apply("second", "2"), (error: KubeError) => {
    return error.status === 409 && error.causes.some(({ reason }) => reason === "FieldManagerConflict");
  });
  const after = await apply("second", "2", true);
  equal(after.data?.a, "2");
  ok(
    after.metadata?.managedFields?.some(({ manager, operation }) =>
      manager === "second" && operation === "Apply"
    ),
  );
});

test("a list comes in pages and by selectors", async (cluster) => {
  const core = await maps(cluster);
  for (let i = 0; i < 5; i++) {
    await core.createConfigMap({
      metadata: { name: `map-${i}`, labels: { parity: i % 2 ? "odd" : "even" } },
    });
  }
  const names: string[] = [];
  let page: { limit: number; continue?: string } = { limit: 2 };
  for (;;) {
    const { items, metadata } = await core.getConfigMapList(page);
    ok(items.length <= 2);
    names.push(...items.map((map) => map.metadata!.name!));
    if (!metadata?.continue) break;
    page = { limit: 2, continue: metadata.continue };
  }
  deepEqual(names.filter((name) => name.startsWith("map-")).length, 5);
  const odd = await core.getConfigMapList({ labelSelector: "parity=odd" });
  deepEqual(odd.items.map((map) => map.metadata!.name), ["map-1", "map-3"]);
  const third = await core.getConfigMapList({ fieldSelector: "metadata.name=map-3" });
  equal(third.items.length, 1);
});

test("a watch tells what happens, from where a list ended", async (cluster) => {
  const core = await maps(cluster);
  const { metadata } = await core.getConfigMapList();
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    const from = { resourceVersion: metadata!.resourceVersion, signal: stop.signal };
    for await (const event of core.watchConfigMapList(from)) {
      seen.push(`${event.type} ${(event.object as ConfigMap).metadata?.name}`);
      if (event.type === "DELETED") break;
    }
  })();
  await core.createConfigMap({ metadata: { name: "one" } });
  await core.patchConfigMap("one", { type: "merge", body: { data: { a: "1" } } });
  await core.deleteConfigMap("one");
  await watching;
  stop.abort();
  deepEqual(seen, ["ADDED one", "MODIFIED one", "DELETED one"]);
});

test("subresources: status, eviction, token, log", async (cluster) => {
  const namespace = await cluster.namespace();
  const core = cluster.core.namespace(namespace);
  await core.createPod(barePod({ name: "alone" }));
  await cluster.readyPods(namespace, "alone", 1);
  const body = { status: { message: "said by a test" } };
  await core.patchPodStatus("alone", { type: "merge", body });
  equal((await core.getPodStatus("alone")).status?.message, "said by a test");
  const token = await core.createServiceAccountToken("default", { spec: { audiences: [] } });
  match(token.status?.token ?? "", /^[\w-]+\.[\w-]+\.[\w-]+$/);
  // There is no kubelet to ask, which the server says.
  await rejects(core.getPodLog("alone"), (error: KubeError) => error.status >= 400);
  const eviction = { metadata: { name: "alone", namespace } };
  await core.createPodEviction("alone", eviction, { dryRun: "All" });
  equal((await core.getPod("alone")).metadata?.deletionTimestamp, undefined);
});

test("a delete holds only for the object that is meant", async (cluster) => {
  const core = await maps(cluster);
  const { metadata } = await core.createConfigMap({ metadata: { name: "one" } });
  const other = { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } };
  await rejects(core.deleteConfigMap("one", other), (error: KubeError) => error.status === 409);
  await core.deleteConfigMap("one", { preconditions: { uid: metadata!.uid } });
  await rejects(
    core.getConfigMap("one"),
    (error: KubeError) => error.status === 404 && error.reason === "NotFound",
  );
});

test("what a server refuses as malformed names the field", async (cluster) => {
  const core = await maps(cluster);
  await rejects(core.createConfigMap({ metadata: { name: "No Good" } }), (error: KubeError) => {
    return error.status === 422 && error.causes.some(({ field }) => field === "metadata.name");
  });
});

test("a call ends with its signal, also when it is a watch that waits", async (cluster) => {
  const client = new CoreV1Api(cluster.client);
  const stop = new AbortController();
  const watching = (async () => {
    for await (const _ of client.watchNodeList({ signal: stop.signal, resourceVersion: "0" })) {
      stop.abort("enough");
    }
  })();
  await rejects(watching, (reason) => reason === "enough");
});
