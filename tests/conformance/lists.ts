/**
 * What lists hold, and of which time they are.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { ConfigMap } from "../../k8s/core_v1.ts";
import { type Query, refused } from "./api.ts";
import { Collection, type List } from "./collection.ts";
import { map } from "./objects.ts";
import type { Conformance, Room, Subject } from "./subject.ts";

/** Names of the ConfigMaps that the tests make; others come with the namespace. */
const ours = { labelSelector: "made" };

async function roomWith(subject: Subject, ...names: string[]): Promise<Room> {
  const room = await subject.room();
  for (const name of names) await room.maps.create(map(name, undefined, { labels: { made: "here" } }));
  return room;
}

/** Declares the tests. */
export function lists(test: Conformance): void {
  contents(test);
  versions(test);
  refusals(test);
}

function contents(test: Conformance): void {
  test("a list says its kind and version once; its items say neither", async (subject) => {
    const { maps, deployments } = await roomWith(subject, "one");
    const { kind, apiVersion, items } = await maps.list(ours);
    deepEqual({ kind, apiVersion }, { kind: "ConfigMapList", apiVersion: "v1" });
    deepEqual(items.map((item) => [item.kind, item.apiVersion]), [[undefined, undefined]]);
    const other = await deployments.list();
    deepEqual([other.kind, other.apiVersion, other.items], ["DeploymentList", "apps/v1", []]);
  });

  test("one object says its kind and version", async (subject) => {
    const { maps } = await roomWith(subject, "one");
    const { kind, apiVersion } = await maps.get("one");
    deepEqual({ kind, apiVersion }, { kind: "ConfigMap", apiVersion: "v1" });
  });

  test("a list is sorted by namespace and name, however its objects came", async (subject) => {
    const first = await roomWith(subject, "b", "a", "c-1", "c");
    const second = await roomWith(subject, "a.b", "a-b");
    deepEqual(await first.maps.names(ours), ["a", "b", "c", "c-1"]);
    deepEqual(await second.maps.names(ours), ["a-b", "a.b"]);
    const { items } = await subject.api.json<List<ConfigMap>>("GET", "/api/v1/configmaps", { query: ours });
    const rooms = new Set([first.namespace, second.namespace]);
    const names = items.filter(({ metadata }) => rooms.has(metadata.namespace!));
    deepEqual(names.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`), [
      ...["a", "b", "c", "c-1"].map((name) => `${first.namespace}/${name}`),
      ...["a-b", "a.b"].map((name) => `${second.namespace}/${name}`),
    ]);
  });

  test("a list in a namespace that does not exist is empty", async (subject) => {
    const nowhere = new Collection<ConfigMap>(subject.api, "/api/v1/namespaces/nowhere/configmaps");
    const { items, metadata } = await nowhere.list();
    deepEqual(items, []);
    ok(Number(metadata.resourceVersion) > 0);
  });
}

function versions(test: Conformance): void {
  test("a list's version is at least that of the newest write, and grows with writes elsewhere", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create(map("one"));
    const before = Number((await maps.list()).metadata.resourceVersion);
    ok(before >= Number(metadata.resourceVersion));
    const other = await roomWith(subject, "elsewhere");
    ok(Number((await other.maps.list()).metadata.resourceVersion) > before);
  });

  const newest: Query[] = [
    {},
    { resourceVersion: "" },
    { resourceVersionMatch: "NotOlderThan" },
    { resourceVersionMatch: "NotOlderThan", resourceVersion: "0" },
  ];
  for (const query of newest) {
    test(`a list with ${JSON.stringify(query)} shows the newest state`, async (subject) => {
      const { maps } = await roomWith(subject, "one", "two");
      const { resourceVersion } = (await maps.list()).metadata;
      await maps.delete("one");
      // Not older than an old version may be old: a server may answer from what it has at hand. Who asks for no
      // version gets the newest, and so makes the server have that.
      await maps.list();
      const needsVersion = query.resourceVersionMatch && query.resourceVersion === undefined;
      deepEqual(await maps.names({ ...ours, ...query, ...(needsVersion && { resourceVersion }) }), ["two"]);
    });
  }

  test("an exact list shows the state of its version, and says so", async (subject) => {
    const { maps } = await roomWith(subject, "one", "two");
    const { resourceVersion } = (await maps.list()).metadata;
    await maps.delete("one");
    await maps.merge("two", { data: { later: "yes" } });
    const then = await maps.list({ ...ours, resourceVersionMatch: "Exact", resourceVersion });
    equal(then.metadata.resourceVersion, resourceVersion);
    deepEqual(then.items.map(({ metadata, data }) => [metadata.name, data]), [["one", undefined], [
      "two",
      undefined,
    ]]);
  });
}

function refusals(test: Conformance): void {
  test("a version that is still to come is waited for, and refused in the end", async (subject) => {
    const { maps } = await roomWith(subject, "one");
    const resourceVersion = String(Number((await maps.list()).metadata.resourceVersion) + 1_000_000);
    const status = await refused(maps.list({ resourceVersion }), {
      code: 504,
      reason: "Timeout",
      says: /^Timeout: Too large resource version: \d+, current: \d+$/,
      cause: "ResourceVersionTooLarge",
    });
    ok(status.details?.retryAfterSeconds);
  });

  const malformed: { query: Query; code: number; reason: string; says: RegExp; field?: string }[] = [
    { query: { resourceVersion: "abc" }, code: 400, reason: "BadRequest", says: /invalid resource version/ },
    { query: { limit: "abc" }, code: 400, reason: "BadRequest", says: /abc/ },
    {
      query: { resourceVersionMatch: "Exact" },
      code: 422,
      reason: "Invalid",
      says: /resourceVersionMatch is forbidden unless resourceVersion is provided/,
      field: "resourceVersionMatch",
    },
    {
      query: { resourceVersionMatch: "Exact", resourceVersion: "0" },
      code: 422,
      reason: "Invalid",
      says: /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
      field: "resourceVersionMatch",
    },
    {
      query: { resourceVersionMatch: "Newest", resourceVersion: "5" },
      code: 422,
      reason: "Invalid",
      says: /Unsupported value: "Newest"/,
      field: "resourceVersionMatch",
    },
    {
      query: { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" },
      code: 422,
      reason: "Invalid",
      says: /sendInitialEvents is forbidden for list/,
      field: "sendInitialEvents",
    },
  ];
  for (const { query, ...expected } of malformed) {
    test(`a list with ${JSON.stringify(query)} is refused`, async (subject) => {
      const { maps } = await subject.room();
      await refused(maps.list(query), expected);
    });
  }
}
