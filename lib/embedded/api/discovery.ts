/**
 * What the API tells of itself: versions, groups and resources, in the old form and as aggregated discovery
 * (KEP-3352).
 *
 * @module
 */
import { groupVersion, type Resource, resources } from "./resources.ts";

/** The version that clients are told: the one whose API this is, marked as not the real thing. */
export const apiVersion = "v1.37.2+autocrane";

/** A document with its media type. */
export interface DiscoveryDocument {
  readonly body: object;
  readonly contentType: string;
}

/**
 * The document at a path; `undefined` where none is.
 *
 * @param accept the request's header: aggregated discovery is told only to those who ask for it
 * @param gitVersion as `kubectl version` shows it: `v1.37.2+autocrane`
 */
export function discovery(
  path: string,
  accept: string,
  gitVersion: string = apiVersion,
): DiscoveryDocument | undefined {
  const aggregated = (path === "/api" || path === "/apis") && wantsAggregated(accept);
  if (aggregated) return { body: aggregate(path === "/api"), contentType: aggregatedType };
  const body = path === "/version" ? versionInfo(gitVersion) : plainDocument(path);
  return body && { body, contentType: "application/json" };
}

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

function wantsAggregated(accept: string): boolean {
  return accept.split(",").some((range) => {
    const parameters = range.split(";").map((one) => one.trim());
    return aggregatedType.split(";").every((one) => parameters.includes(one));
  });
}

function versionInfo(gitVersion: string): object {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: "",
    gitTreeState: "",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "",
    platform: `${Deno.build.os}/${Deno.build.arch === "x86_64" ? "amd64" : "arm64"}`,
  };
}

function plainDocument(path: string): object | undefined {
  const [root, group, version, ...more] = path.slice(1).replace(/\/$/, "").split("/");
  if (more.length > 0) return undefined;
  if (root === "api") return version ? undefined : group ? resourceList("", group) : coreVersions();
  if (root !== "apis") return undefined;
  if (!group) return { kind: "APIGroupList", apiVersion: "v1", groups: groupNames().map(groupInfo) };
  if (version) return resourceList(group, version);
  return groupNames().includes(group)
    ? { kind: "APIGroup", apiVersion: "v1", ...groupInfo(group) }
    : undefined;
}

function coreVersions(): object {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
}

/** All groups but the core one. */
function groupNames(): string[] {
  return [...new Set(resources.map(({ group }) => group))].filter(Boolean);
}

function groupInfo(name: string): object {
  const version = { groupVersion: groupVersion({ group: name, version: "v1" }), version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(group: string, version: string): object | undefined {
  const served = resources.filter((one) => one.group === group && one.version === version);
  if (served.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: groupVersion({ group, version }),
    resources: served.flatMap((
      one,
    ) => [resourceInfo(one), ...one.subresources.map((sub) => subInfo(one, sub))]),
  };
}

function resourceInfo(resource: Resource): object {
  const { plural, singular, namespaced, kind } = resource;
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(resource),
    ...namesOf(resource),
  };
}

function subInfo({ plural, namespaced, kind }: Resource, name: string): object {
  const { responseKind, verbs } = subresource(name, kind);
  return { name: `${plural}/${name}`, singularName: "", namespaced, ...responseKind, verbs };
}

function verbsOf({ plural }: Resource): string[] {
  // Namespaces are deleted one by one, on a real server too.
  const collection = plural === "namespaces" ? [] : ["deletecollection"];
  return ["create", "delete", ...collection, "get", "list", "patch", "update", "watch"];
}

function namesOf({ shortNames, categories }: Resource): object {
  return { ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
}

/** What can be done with a subresource, and what it answers with where that is of another group. */
function subresource(name: string, kind: string): {
  responseKind: { group?: string; version?: string; kind: string };
  verbs: string[];
} {
  switch (name) {
    case "scale":
      return { responseKind: { group: "autoscaling", version: "v1", kind: "Scale" }, verbs: written };
    case "eviction":
      return { responseKind: { group: "policy", version: "v1", kind: "Eviction" }, verbs: ["create"] };
    case "binding":
      return { responseKind: { kind: "Binding" }, verbs: ["create"] };
    case "log":
      return { responseKind: { kind }, verbs: ["get"] };
    default:
      return { responseKind: { kind }, verbs: written };
  }
}

const written = ["get", "patch", "update"];

/** All groups, or the core one, with all of their resources. */
function aggregate(core: boolean): object {
  const items = (core ? [""] : groupNames()).map((group) => ({
    metadata: group ? { name: group } : {},
    versions: [{
      version: "v1",
      resources: resources.filter((one) => one.group === group).map(aggregatedResource),
      freshness: "Current",
    }],
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource(resource: Resource): object {
  const { plural, singular, namespaced, kind, subresources } = resource;
  return {
    resource: plural,
    responseKind: { group: "", version: "", kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: verbsOf(resource),
    ...namesOf(resource),
    ...(subresources.length > 0 && {
      subresources: subresources.map((name) => {
        const { responseKind, verbs } = subresource(name, kind);
        return { subresource: name, responseKind: { group: "", version: "", ...responseKind }, verbs };
      }),
    }),
  };
}
