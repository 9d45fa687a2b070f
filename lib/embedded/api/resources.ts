/**
 * The kinds that the embedded API serves, and what can be done with each.
 *
 * @module
 */

/** One kind of object and where it is served. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** In the plural, as in paths. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `status` among them means that the object itself is written without its status. */
  readonly subresources: readonly string[];
  /** Where the objects are kept; two groups' Events are the same objects. */
  readonly storage: string;
}

type Shape = Partial<Pick<Resource, "shortNames" | "categories" | "namespaced" | "subresources" | "storage">>;

function resource(group: string, kind: string, plural: string, shape: Shape = {}): Resource {
  return {
    group,
    version: "v1",
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    subresources: [],
    storage: group ? `${plural}.${group}` : plural,
    ...shape,
  };
}

const all = ["all"];
const workload = { categories: all, subresources: ["status", "scale"] };

/** All of them, in the order in which discovery tells them. */
export const resources: readonly Resource[] = [
  resource("", "ConfigMap", "configmaps", { shortNames: ["cm"] }),
  resource("", "Event", "events", { shortNames: ["ev"] }),
  resource("", "Namespace", "namespaces", {
    shortNames: ["ns"],
    namespaced: false,
    subresources: ["status"],
  }),
  resource("", "Node", "nodes", { shortNames: ["no"], namespaced: false, subresources: ["status"] }),
  resource("", "Pod", "pods", {
    shortNames: ["po"],
    categories: all,
    subresources: ["status", "eviction", "binding", "log"],
  }),
  resource("", "Service", "services", { shortNames: ["svc"], categories: all, subresources: ["status"] }),
  resource("apps", "DaemonSet", "daemonsets", {
    shortNames: ["ds"],
    categories: all,
    subresources: ["status"],
  }),
  resource("apps", "Deployment", "deployments", { shortNames: ["deploy"], ...workload }),
  resource("apps", "ReplicaSet", "replicasets", { shortNames: ["rs"], ...workload }),
  resource("apps", "StatefulSet", "statefulsets", { shortNames: ["sts"], ...workload }),
  resource("coordination.k8s.io", "Lease", "leases"),
  resource("events.k8s.io", "Event", "events", { shortNames: ["ev"], storage: "events" }),
  resource("policy", "PodDisruptionBudget", "poddisruptionbudgets", {
    shortNames: ["pdb"],
    subresources: ["status"],
  }),
];

/** `v1`, `apps/v1`. */
export function groupVersion({ group, version }: Pick<Resource, "group" | "version">): string {
  return group ? `${group}/${version}` : version;
}

/** The resource at a path; `undefined` where nothing is served there. */
export function resourceAt(group: string, version: string, plural: string): Resource | undefined {
  return resources.find((one) => one.group === group && one.version === version && one.plural === plural);
}
