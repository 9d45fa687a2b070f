/**
 * Answers in other shapes: tables, as kubectl prints them, and metadata only.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { node } from "../cluster/support/kubelet.ts";
import { type Api, refused } from "./api.ts";
import type { List } from "./collection.ts";
import { boundPod, map, pod, running, startPod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

interface Table {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion?: string };
  readonly columnDefinitions:
    | { readonly name: string; readonly type: string; readonly priority: number }[]
    | null;
  readonly rows: { readonly cells: unknown[]; readonly object: Pod | null }[];
}

/** As kubectl asks. */
const asTable = {
  accept: "application/json;as=Table;v=v1;g=meta.k8s.io," +
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
};

function tableOf(api: Api, path: string): Promise<Table> {
  return api.json("GET", path, { headers: asTable });
}

/** Each kind's columns; those of `kubectl get -o wide` only are marked with a star. */
const columns: Record<string, string> = {
  "/api/v1/pods": "Name,Ready,Status,Restarts,Age,IP*,Node*,Nominated Node*,Readiness Gates*",
  "/api/v1/configmaps": "Name,Data,Age",
  "/api/v1/namespaces": "Name,Status,Age",
  "/api/v1/nodes":
    "Name,Status,Roles,Age,Version,Internal-IP*,External-IP*,OS-Image*,Kernel-Version*,Container-Runtime*",
  "/api/v1/events": "Last Seen,Type,Reason,Object,Subobject*,Source*,Message,First Seen*,Count*,Name*",
  "/api/v1/services": "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector*",
  "/apis/apps/v1/deployments": "Name,Ready,Up-to-date,Available,Age,Containers*,Images*,Selector*",
  "/apis/apps/v1/replicasets": "Name,Desired,Current,Ready,Age,Containers*,Images*,Selector*",
  "/apis/apps/v1/statefulsets": "Name,Ready,Age,Containers*,Images*",
  "/apis/apps/v1/daemonsets":
    "Name,Desired,Current,Ready,Up-to-date,Available,Node Selector,Age,Containers*,Images*,Selector*",
  "/apis/policy/v1/poddisruptionbudgets": "Name,Min Available,Max Unavailable,Allowed Disruptions,Age",
  "/apis/coordination.k8s.io/v1/leases": "Name,Holder,Age",
};

/** Declares the tests. */
export function tables(test: Conformance): void {
  definitions(test);
  rows(test);
  partial(test);
}

function definitions(test: Conformance): void {
  for (const [path, wanted] of Object.entries(columns)) {
    test(`${path} as a table has the columns that kubectl prints`, async ({ api }) => {
      const { kind, apiVersion, columnDefinitions } = await tableOf(api, path);
      deepEqual([kind, apiVersion], ["Table", "meta.k8s.io/v1"]);
      const said = columnDefinitions?.map(({ name, priority }) => priority === 0 ? name : `${name}*`);
      deepEqual(said?.join(), wanted);
    });
  }
}

function rows(test: Conformance): void {
  test("a row has a cell for each column, and the object's metadata", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("bound", { app: "web" }), { ...running(), podIP: "127.9.9.8" });
    await pods.create(pod("waiting"));
    const table = await tableOf(subject.api, pods.path);
    deepEqual(table.rows.map(({ cells }) => cells.length), [9, 9]);
    const [bound, waiting] = table.rows;
    deepEqual(bound!.cells.slice(0, 4), ["bound", "0/1", "Running", "0"]);
    deepEqual(bound!.cells.slice(5), ["127.9.9.8", node, "<none>", "<none>"]);
    deepEqual(waiting!.cells.slice(0, 4), ["waiting", "0/1", "Pending", "0"]);
    deepEqual(waiting!.cells.slice(5), ["<none>", "<none>", "<none>", "<none>"]);
    const { object } = bound!;
    deepEqual([object?.kind, object?.apiVersion], ["PartialObjectMetadata", "meta.k8s.io/v1"]);
    deepEqual(object?.metadata?.labels, { app: "web" });
    equal(object?.spec, undefined);
    ok(table.metadata.resourceVersion);
  });

  test("a row says in which state a pod's containers are", async (subject) => {
    const { pods } = await subject.room();
    const states: Record<string, [Pod["status"], unknown[]]> = {
      "back-off": [{
        phase: "Running",
        containerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } }, false, 4)],
      }, ["0/1", "CrashLoopBackOff", "4"]],
      ended: [{
        phase: "Succeeded",
        containerStatuses: [container({ terminated: { exitCode: 0, reason: "Completed" } }, false, 0)],
      }, ["0/1", "Completed", "0"]],
      failed: [{
        phase: "Failed",
        containerStatuses: [container({ terminated: { exitCode: 3, reason: "Error" } }, false, 0)],
      }, ["0/1", "Error", "0"]],
      ready: [{ ...running(), containerStatuses: [container({ running: {} }, true, 0)] }, [
        "1/1",
        "Running",
        "0",
      ]],
    };
    for (const [name, [status]] of Object.entries(states)) await startPod(pods, boundPod(name), status);
    const { rows } = await tableOf(subject.api, pods.path);
    const shown = Object.fromEntries(rows.map(({ cells: [name, ...cells] }) => [name, cells.slice(0, 3)]));
    deepEqual(shown, Object.fromEntries(Object.entries(states).map(([name, [, cells]]) => [name, cells])));
  });

  test("a pod that is told to end is Terminating", async (subject) => {
    const { pods } = await subject.room();
    await startPod(pods, boundPod("one"));
    await pods.delete("one");
    equal((await tableOf(subject.api, pods.path)).rows[0]?.cells[2], "Terminating");
  });

  test("one object is a table of one row", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    const { kind, rows } = await tableOf(subject.api, pods.at("one"));
    deepEqual([kind, rows.map(({ cells }) => cells[0])], ["Table", ["one"]]);
  });

  test("who asks for a table may ask for whole objects, or for none", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    const ask = (includeObject: string) =>
      subject.api.json<Table>("GET", pods.path, { headers: asTable, query: { includeObject } });
    equal((await ask("None")).rows[0]?.object, null);
    equal((await ask("Object")).rows[0]?.object?.kind, "Pod");
    ok((await ask("Object")).rows[0]?.object?.spec);
  });

  test("a table comes in pages, and by selectors", async (subject) => {
    const { pods } = await subject.room();
    for (const name of ["a", "b", "c"]) await pods.create(pod(name));
    const query = { limit: 2, fieldSelector: "metadata.name!=a" };
    const { rows } = await subject.api.json<Table>("GET", pods.path, { headers: asTable, query });
    deepEqual(rows.map(({ cells }) => cells[0]), ["b", "c"]);
  });

  test("a watch as a table sends a row an event, and the columns once", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(pod("one"));
    await using watching = await subject.api.watch<Table>(pods.path, { headers: asTable });
    await watching.until(({ type }) => type === "ADDED");
    await pods.delete("one");
    await watching.until(({ type }) => type === "DELETED");
    const [added, ...later] = watching.events.map(({ object }) => object);
    deepEqual([added?.kind, added?.rows.length, added?.rows[0]?.cells[0]], ["Table", 1, "one"]);
    equal(added?.columnDefinitions?.length, 9);
    ok(later.every(({ columnDefinitions }) => !columnDefinitions?.length));
  });

  test("a refusal is a Status for who asks for a table too", async (subject) => {
    const { pods } = await subject.room();
    await refused(tableOf(subject.api, pods.at("none")), { code: 404, reason: "NotFound" });
  });
}

function container(state: object, ready: boolean, restartCount: number) {
  return { name: "app", image: "app", imageID: "", ready, restartCount, state };
}

function partial(test: Conformance): void {
  const as = (kind: string) => ({ accept: `application/json;as=${kind};v=v1;g=meta.k8s.io` });

  test("objects can be asked for without all but their metadata", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", { a: "1" }, { labels: { made: "here" } }));
    const query = { labelSelector: "made" };
    const headers = as("PartialObjectMetadataList");
    const { kind, apiVersion, items } = await subject.api.json<List<{ kind: string; data?: object }>>(
      "GET",
      maps.path,
      { headers, query },
    );
    deepEqual([kind, apiVersion], ["PartialObjectMetadataList", "meta.k8s.io/v1"]);
    deepEqual(items.map((one) => [one.kind, one.metadata.name, one.data]), [[
      "PartialObjectMetadata",
      "one",
      undefined,
    ]]);
    const one = await subject.api.json<{ kind: string; data?: object }>("GET", maps.at("one"), {
      headers: as("PartialObjectMetadata"),
    });
    deepEqual([one.kind, one.data], ["PartialObjectMetadata", undefined]);
  });

  test("a shape that does not fit, or is none, is not acceptable", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const expected = { code: 406, reason: "NotAcceptable" };
    const ask = (path: string, headers: Record<string, string>) => subject.api.json("GET", path, { headers });
    await refused(ask(maps.path, as("PartialObjectMetadata")), expected);
    await refused(ask(maps.at("one"), as("PartialObjectMetadataList")), expected);
    await refused(ask(maps.path, as("Gadget")), expected);
    await refused(ask(maps.path, { accept: "text/plain" }), expected);
  });

  test("who takes anything, or JSON among others, gets JSON", async (subject) => {
    const { maps } = await subject.room();
    for (const accept of ["*/*", "application/*", "text/html,application/json;q=0.9"]) {
      const { headers } = await subject.api.call("GET", maps.path, { headers: { accept } });
      equal(headers.get("content-type"), "application/json");
    }
  });
}
