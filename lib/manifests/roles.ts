/**
 * The rights that each program needs, and no others. The manifests and the tests are made from them.
 *
 * @module
 */
import type { PolicyRule } from "../../k8s/rbac_authorization_v1.ts";

/** A program's rights, by where they hold. */
export interface Rights {
  /** In every namespace that is watched. */
  readonly watched: readonly PolicyRule[];
  /** In AutoCrane's own namespace. */
  readonly own: readonly PolicyRule[];
  /** In the whole cluster: for kinds that have no namespace. */
  readonly cluster: readonly PolicyRule[];
}

function rule(apiGroup: string, resources: string[], verbs: string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs };
}

/** Election: the Lease is followed, created once, and renewed. */
const election = rule("coordination.k8s.io", ["leases"], ["get", "list", "watch", "create", "patch"]);
/** What is done and why, on the object that it concerns. */
const events = rule("events.k8s.io", ["events"], ["create"]);

/** By mode. */
export const rights = {
  orchestrate: {
    watched: [
      // Requests for data are annotations.
      rule("", ["pods"], ["list", "watch", "patch"]),
      rule("", ["pods/eviction"], ["create"]),
      rule("apps", ["deployments", "replicasets", "statefulsets", "daemonsets"], ["list", "watch"]),
      events,
    ],
    own: [
      election,
      // How data rollouts stand, one a watched namespace; Events tell of them there.
      rule("", ["configmaps"], ["get", "list", "watch", "create", "patch"]),
      events,
    ],
    cluster: [rule("", ["nodes", "namespaces"], ["list", "watch"])],
  },
  watchdogprober: {
    watched: [
      rule("", ["pods"], ["get", "list", "watch", "patch"]),
      // Only the watched namespace itself, to say so where it does not exist.
      rule("", ["namespaces"], ["get"]),
      rule("", ["services"], ["list", "watch"]),
      rule("apps", ["replicasets", "statefulsets", "daemonsets"], ["list", "watch"]),
      rule("policy", ["poddisruptionbudgets"], ["list", "watch"]),
      events,
    ],
    own: [election],
    cluster: [],
  },
  /** Without an annotations file; with one it needs no rights at all. */
  watchdoghealthz: { watched: [rule("", ["pods"], ["list", "watch"])], own: [], cluster: [] },
  /** What must be kept, and its own pod's annotations, which name its sources. */
  datarepo: {
    watched: [],
    own: [rule("", ["configmaps"], ["list"]), rule("", ["pods"], ["list", "watch"])],
    cluster: [],
  },
  /** Without an annotations file; with one it needs no rights at all. */
  datadeploy: { watched: [rule("", ["pods"], ["list", "watch"])], own: [], cluster: [] },
  /** People: reading takes no `patch`. */
  data: {
    watched: [rule("", ["pods"], ["list"]), rule("", ["namespaces"], ["get"])],
    // The Lease tells whether anybody will carry an order out.
    own: [rule("", ["configmaps"], ["get", "patch"]), rule("coordination.k8s.io", ["leases"], ["get"])],
    cluster: [],
  },
  getwatchdog: { watched: [rule("", ["pods"], ["get", "list", "watch"])], own: [], cluster: [] },
  postwatchdog: { watched: [rule("", ["pods"], ["get", "patch"])], own: [], cluster: [] },
} as const satisfies Readonly<Record<string, Rights>>;
