/**
 * What the embedded API makes of objects for kubectl is what a real API server makes of them.
 *
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import type { Deployment } from "../../k8s/apps_v1.ts";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import type { KubeRequest } from "../../k8s/client.ts";
import type { ListMeta } from "../../k8s/meta_v1.ts";
import { discovery } from "../../lib/embedded/api/discovery.ts";
import type { ApiObject } from "../../lib/embedded/api/objects.ts";
import { groupVersion, type Resource, resourceAt, resources } from "../../lib/embedded/api/resources.ts";
import { strategicMerge } from "../../lib/embedded/api/strategic_patch.ts";
import { type Table, tableOf } from "../../lib/embedded/api/tables/table.ts";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import type { KubeError } from "../../lib/kube/errors.ts";
import { Transport } from "../../lib/kube/transport.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { findBinaries } from "../../scripts/cluster/build.ts";
import { type ControlPlane, startControlPlane } from "../../scripts/cluster/control_plane.ts";
import { podVectors, rowOf } from "../embedded/api/pod_vectors.ts";
import { deploymentWith, goodDeployment, schemaVectors } from "../embedded/api/schema_vectors.ts";
import { inPlace, strategicVectors } from "../embedded/api/strategic_vectors.ts";
import { bareObjects } from "../embedded/api/table_vectors.ts";
import { until } from "./support/wait.ts";

const binaries = await findBinaries();
const ignore = "missing" in binaries;
let plane: ControlPlane;
let client: Transport;
let core: CoreV1Api;

if (!("missing" in binaries)) {
  Deno.test.beforeAll(async () => {
    plane = await startControlPlane({ binaries: binaries.folder });
    const credentials = fixedCredentials({ authorization: `Bearer ${plane.adminToken}` });
    const access = {
      server: plane.server,
      ca: () => Promise.resolve(plane.ca),
      credentials,
      namespace: "default",
    };
    client = new Transport({ access, clock: systemClock, userAgent: "tests" });
    core = new CoreV1Api(client);
    // Pods are refused until their namespace has its service account.
    await until("a service account", () => core.namespace("default").getServiceAccount("default"));
  });
  Deno.test.afterAll(async () => {
    client?.close();
    await plane?.[Symbol.asyncDispose]();
  });
}

function test(name: string, fn: () => Promise<void>): void {
  // The control plane and its connections outlive a test, by intent.
  Deno.test({ name, ignore, sanitizeOps: false, sanitizeResources: false, fn });
}

const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io";

/** A list's table as the real server makes it, and as ours does of the same list. */
async function bothTables(resource: Resource, path: string): Promise<{ real: Table; ours: Table }> {
  type List = { items: ApiObject[]; metadata: ListMeta };
  const { items, metadata } = await client.json<List>({ method: "GET", path });
  const same = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: "Exact" };
  const query = { includeObject: "None", ...same };
  const real = await client.json<Table>({ method: "GET", path, accept: asTable, query });
  const objects = items.map((one) => ({ ...one, kind: resource.kind }));
  const options = { includeObject: "None", now: Date.now(), columns: true, metadata } as const;
  return { real, ours: tableOf(resource, objects, options) };
}

/** Ages grow between two looks. */
function withoutAges({ rows }: Table): unknown[] {
  return rows.map(({ cells }) => cells.map((one) => /^(\d+[smhdy])+$/.test(String(one)) ? "AGE" : one));
}

test("pods in all states are shown as a real server shows them", async () => {
  const pods = core.namespace("default");
  for (const [index, { spec, status, deleted }] of podVectors.entries()) {
    const name = `pod-${String(index).padStart(2, "0")}`;
    const metadata = { name, ...(deleted && { finalizers: ["tests.io/stays"] }) };
    await pods.createPod({ metadata, spec: { ...spec, nodeName: "none" } });
    await pods.patchPodStatus(name, { type: "merge", body: { status } });
    if (deleted) await pods.deletePod(name);
  }
  const { real, ours } = await bothTables(resourceAt("", "v1", "pods")!, "/api/v1/namespaces/default/pods");
  deepEqual(real.rows.map(({ cells }) => rowOf(cells)), podVectors.map(({ row }) => row));
  deepEqual(withoutAges(ours), withoutAges(real));
  deepEqual(
    ours.rows.map(({ conditions }) => conditions?.length),
    real.rows.map(({ conditions }) => conditions?.length),
  );
});

test("all other kinds are shown as a real server shows them", async () => {
  for (const { resource, path, objects } of bareObjects) {
    for (const { status, ...body } of objects) {
      await client.json({ method: "POST", path, body });
      if (status === undefined) continue;
      const of = `${path}/${(body as ApiObject).metadata.name}/status`;
      await client.json({
        method: "PATCH",
        path: of,
        body: { status },
        contentType: "application/merge-patch+json",
      });
    }
    const { real, ours } = await bothTables(resource, path);
    deepEqual(withoutAges(ours), withoutAges(real), resource.plural);
    const said = ({ columnDefinitions }: Table) =>
      columnDefinitions!.map(({ description: _, ...rest }) => rest);
    deepEqual(said(ours), said(real), resource.plural);
  }
});

test("what is wrong with an object is said in a real server's words", async () => {
  const request: KubeRequest = {
    method: "POST",
    path: "/apis/apps/v1/namespaces/default/deployments",
    query: { dryRun: "All", fieldValidation: "Strict" },
  };
  await client.json({ ...request, body: goodDeployment() });
  for (const vector of schemaVectors) {
    const said = await client.json({ ...request, body: deploymentWith(vector) }).then(
      () => "nothing",
      ({ message }: KubeError) => message,
    );
    equal(said.slice(said.indexOf('Deployment in version "v1"')), wordsFor(vector.says), vector.what);
  }
});

function wordsFor(says: string): string {
  return `Deployment in version "v1" cannot be handled as a Deployment: ${says}`;
}

test("strategic patches come to what a real server makes of them", async () => {
  const resource = resourceAt("apps", "v1", "deployments")!;
  for (const [index, { promise, held, patch }] of strategicVectors.entries()) {
    const path = `/apis/apps/v1/namespaces/default/deployments`;
    const before = await client.json<Deployment>({
      method: "POST",
      path,
      body: heldAs(`web-${index}`, held),
    });
    const at: Pick<KubeRequest, "path" | "query"> = {
      path: `${path}/web-${index}`,
      query: { dryRun: "All" },
    };
    const contentType = "application/strategic-merge-patch+json";
    const real = await client.json<Deployment>({ method: "PATCH", ...at, body: inPlace(patch), contentType });
    const body = strategicMerge(resource, before, inPlace(patch));
    // Stored as a real server would: with its defaults. The controller may have written meanwhile.
    const { metadata: { resourceVersion: _, ...metadata }, ...rest } = body as ApiObject;
    const ours = await client.json<Deployment>({ method: "PUT", ...at, body: { ...rest, metadata } });
    deepEqual([ours.spec, ours.metadata?.labels, ours.metadata?.finalizers], [
      real.spec,
      real.metadata?.labels,
      real.metadata?.finalizers,
    ], promise);
  }
});

/** A whole Deployment with the given parts. */
function heldAs(name: string, held: Parameters<typeof inPlace>[0]): object {
  const whole = goodDeployment();
  const { metadata, spec } = inPlace(held) as { metadata?: object; spec?: { template?: { spec: object } } };
  const base = whole.spec as { template: { metadata: object; spec: object } };
  const template = { ...base.template, spec: { ...base.template.spec, ...spec?.template?.spec } };
  return { ...whole, metadata: { ...metadata, name }, spec: { ...base, ...spec, template } };
}

test("what is served is told as a real server tells it", async () => {
  type Told = Record<string, unknown> & { name: string };
  for (const path of new Set(resources.map((one) => `/${one.group ? "apis" : "api"}/${groupVersion(one)}`))) {
    const real = await client.json<{ resources: Told[] }>({ method: "GET", path });
    const ours = discovery(path, "application/json")!.body as { resources: Told[] };
    for (const one of ours.resources) {
      const { storageVersionHash: _hash, ...same } = real.resources.find(({ name }) => name === one.name)!;
      deepEqual(one, same);
    }
  }
});

test("aggregated discovery is told as a real server tells it", async () => {
  type Told = {
    metadata: { name?: string };
    versions: { resources: { resource: string; subresources?: Sub[] }[] }[];
  };
  type Sub = { subresource: string };
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  for (const path of ["/api", "/apis"]) {
    const real = await client.json<{ items: Told[] }>({ method: "GET", path, accept });
    const ours = discovery(path, accept)!.body as { items: Told[] };
    for (const { metadata, versions: [version] } of ours.items) {
      const group = real.items.find((one) => one.metadata.name === metadata.name)!;
      for (const one of version!.resources) {
        const same = group.versions[0]!.resources.find(({ resource }) => resource === one.resource)!;
        const bySubresource = (list: Sub[] | undefined) =>
          list?.filter(({ subresource }) => one.subresources?.some((own) => own.subresource === subresource))
            .sort((a, b) => (a.subresource < b.subresource ? -1 : 1));
        deepEqual({ ...one, subresources: bySubresource(one.subresources) }, {
          ...same,
          subresources: one.subresources && bySubresource(same.subresources),
        });
      }
    }
  }
});
