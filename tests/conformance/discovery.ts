/**
 * What a server says of itself: what it serves, its version, its health.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Conformance } from "./subject.ts";

interface Resource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: string[];
  readonly shortNames?: string[];
  readonly categories?: string[];
}

interface ResourceList {
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: Resource[];
}

interface Group {
  readonly metadata?: { readonly name?: string };
  readonly versions: {
    readonly version: string;
    readonly resources: {
      readonly resource: string;
      readonly scope: string;
      readonly singularResource: string;
      readonly responseKind: { readonly kind: string };
      readonly verbs: string[];
      readonly shortNames?: string[];
      readonly subresources?: {
        readonly subresource: string;
        readonly responseKind: { readonly kind: string };
      }[];
    }[];
  }[];
}

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** Kinds that every cluster serves: where, their names, and their subresources. */
const served: [string, string, string, string, boolean, string[]][] = [
  ["v1", "configmaps", "ConfigMap", "cm", true, []],
  ["v1", "events", "Event", "ev", true, []],
  ["v1", "namespaces", "Namespace", "ns", false, ["status"]],
  ["v1", "nodes", "Node", "no", false, ["status"]],
  ["v1", "pods", "Pod", "po", true, ["binding", "eviction", "log", "status"]],
  ["apps/v1", "deployments", "Deployment", "deploy", true, ["scale", "status"]],
  ["apps/v1", "replicasets", "ReplicaSet", "rs", true, ["scale", "status"]],
  ["apps/v1", "statefulsets", "StatefulSet", "sts", true, ["scale", "status"]],
  ["apps/v1", "daemonsets", "DaemonSet", "ds", true, ["status"]],
  ["policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", true, ["status"]],
  ["coordination.k8s.io/v1", "leases", "Lease", "", true, []],
  ["events.k8s.io/v1", "events", "Event", "ev", true, []],
];

/** Declares the tests. */
export function discovery(test: Conformance): void {
  groups(test);
  resources(test);
  aggregated(test);
  server(test);
}

function groups(test: Conformance): void {
  test("/api names the core group's version", async (subject) => {
    const { kind, versions } = await subject.api.json<{ kind: string; versions: string[] }>("GET", "/api");
    deepEqual({ kind, versions }, { kind: "APIVersions", versions: ["v1"] });
  });

  test("/apis names the groups with their versions", async (subject) => {
    const { kind, groups } = await subject.api.json<{
      kind: string;
      groups: { name: string; versions: object[]; preferredVersion: object }[];
    }>("GET", "/apis");
    equal(kind, "APIGroupList");
    for (const name of ["apps", "policy", "coordination.k8s.io", "events.k8s.io"]) {
      const version = { groupVersion: `${name}/v1`, version: "v1" };
      const group = groups.find((one) => one.name === name);
      ok(group?.versions.length);
      deepEqual(group.preferredVersion, version);
    }
  });

  test("a group says its versions at its own path", async (subject) => {
    const group = await subject.api.json<{ kind: string; name: string; preferredVersion: object }>(
      "GET",
      "/apis/apps",
    );
    deepEqual([group.kind, group.name], ["APIGroup", "apps"]);
    deepEqual(group.preferredVersion, { groupVersion: "apps/v1", version: "v1" });
  });
}

function rootOf(groupVersion: string): string {
  return groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
}

function resources(test: Conformance): void {
  for (const [groupVersion, plural, kind, shortName, namespaced, subresources] of served) {
    test(`${groupVersion} says what can be done with ${plural}`, async (subject) => {
      const list = await subject.api.json<ResourceList>("GET", rootOf(groupVersion));
      deepEqual([list.kind, list.groupVersion], ["APIResourceList", groupVersion]);
      const one = list.resources.find(({ name }) => name === plural);
      deepEqual([one?.kind, one?.namespaced, one?.singularName], [kind, namespaced, kind.toLowerCase()]);
      deepEqual(one?.shortNames ?? [], shortName ? [shortName] : []);
      deepEqual(one?.verbs, verbs.filter((verb) => plural !== "namespaces" || verb !== "deletecollection"));
      for (const subresource of subresources) {
        const below = list.resources.find(({ name }) => name === `${plural}/${subresource}`);
        equal(below?.namespaced, namespaced, subresource);
        ok(below.verbs.length > 0);
      }
    });
  }

  test("kubectl's word `all` means workloads and pods", async (subject) => {
    const core = await subject.api.json<ResourceList>("GET", "/api/v1");
    const apps = await subject.api.json<ResourceList>("GET", "/apis/apps/v1");
    const named = new Set(
      [...core.resources, ...apps.resources].filter(({ categories }) => categories?.includes("all"))
        .map(({ name }) => name),
    );
    for (const name of ["pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets"]) {
      ok(named.has(name), name);
    }
    ok(!named.has("configmaps"));
  });

  test("evictions and scales are kinds of other groups", async (subject) => {
    const find = async (root: string, name: string) => {
      const { resources } = await subject.api.json<ResourceList>("GET", root);
      const { group, version, kind } = resources.find((one) => one.name === name)!;
      return [group, version, kind];
    };
    deepEqual(await find("/api/v1", "pods/eviction"), ["policy", "v1", "Eviction"]);
    deepEqual(await find("/apis/apps/v1", "deployments/scale"), ["autoscaling", "v1", "Scale"]);
  });
}

function aggregated(test: Conformance): void {
  const type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const accept =
    `${type},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

  async function ask(path: string, api: Parameters<Parameters<Conformance>[1]>[0]["api"]): Promise<Group[]> {
    const { headers, text } = await api.call("GET", path, { headers: { accept } });
    equal(headers.get("content-type"), type);
    const { kind, apiVersion, items } = JSON.parse(text);
    deepEqual([kind, apiVersion], ["APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"]);
    return items;
  }

  for (const [groupVersion, plural, kind, shortName, namespaced, subresources] of served) {
    test(`aggregated discovery tells the same of ${plural} of ${groupVersion}`, async ({ api }) => {
      const items = await ask(groupVersion === "v1" ? "/api" : "/apis", api);
      const name = groupVersion === "v1" ? "" : groupVersion.split("/")[0];
      const group = items.find(({ metadata }) => (metadata?.name ?? "") === name);
      const version = group?.versions.find((one) => one.version === "v1");
      const one = version?.resources.find(({ resource }) => resource === plural);
      deepEqual([one?.responseKind.kind, one?.scope], [kind, namespaced ? "Namespaced" : "Cluster"]);
      equal(one?.singularResource, kind.toLowerCase());
      deepEqual(one?.shortNames ?? [], shortName ? [shortName] : []);
      ok(one?.verbs.includes("watch"));
      const below = new Set(one.subresources?.map(({ subresource }) => subresource));
      deepEqual(subresources.filter((subresource) => !below.has(subresource)), []);
    });
  }

  test("who does not ask for aggregated discovery gets the plain one", async ({ api }) => {
    for (const accept of ["application/json", "*/*"]) {
      const { kind } = await api.json<{ kind: string }>("GET", "/apis", { headers: { accept } });
      equal(kind, "APIGroupList");
    }
  });
}

function server(test: Conformance): void {
  test("a server says its version", async ({ api }) => {
    const { major, minor, gitVersion } = await api.json<Record<string, string>>("GET", "/version");
    match(major ?? "", /^\d+$/);
    match(minor ?? "", /^\d+\+?$/);
    match(gitVersion ?? "", /^v\d+\.\d+\.\d+/);
  });

  for (const path of ["/readyz", "/healthz", "/livez"]) {
    test(`${path} says ok in plain text`, async ({ api }) => {
      const { code, text, headers } = await api.call("GET", path);
      deepEqual([code, text], [200, "ok"]);
      match(headers.get("content-type") ?? "", /^text\/plain/);
    });
  }
}
