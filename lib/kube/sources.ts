/**
 * The kinds that AutoCrane follows: each one's list and watch calls, for a namespace or for all of them.
 *
 * @module
 */
import {
  AppsV1Api,
  type DaemonSet,
  type Deployment,
  type ReplicaSet,
  type StatefulSet,
} from "../../k8s/apps_v1.ts";
import type { KubeClient } from "../../k8s/client.ts";
import { CoreV1Api, type Namespace, type Node, type Pod, type Service } from "../../k8s/core_v1.ts";
import { type PodDisruptionBudget, PolicyV1Api } from "../../k8s/policy_v1.ts";
import type { Source } from "./reflector.ts";

/** Makes the calls for one namespace, or for all where none is given. */
export type SourceOf<T> = (namespace: string | undefined) => Source<T>;

/** The sources, by kind. */
export interface Sources {
  readonly pods: SourceOf<Pod>;
  readonly services: SourceOf<Service>;
  readonly deployments: SourceOf<Deployment>;
  readonly replicaSets: SourceOf<ReplicaSet>;
  readonly statefulSets: SourceOf<StatefulSet>;
  readonly daemonSets: SourceOf<DaemonSet>;
  readonly budgets: SourceOf<PodDisruptionBudget>;
  readonly nodes: SourceOf<Node>;
  /** A namespace's source lists that one Namespace object. */
  readonly namespaces: SourceOf<Namespace>;
}

/** Every kind's source, over one client. */
export function sourcesOver(client: KubeClient): Sources {
  const core = new CoreV1Api(client);
  const apps = new AppsV1Api(client);
  const policy = new PolicyV1Api(client);
  return {
    pods: namespaced("Pod", core),
    services: namespaced("Service", core),
    deployments: namespaced("Deployment", apps),
    replicaSets: namespaced("ReplicaSet", apps),
    statefulSets: namespaced("StatefulSet", apps),
    daemonSets: namespaced("DaemonSet", apps),
    budgets: namespaced("PodDisruptionBudget", policy),
    nodes: () => ({ list: (o) => core.getNodeList(o), watch: (o) => core.watchNodeList(o) }),
    namespaces: (name) => {
      const chosen = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
      return {
        list: (o) => core.getNamespaceList({ ...o, ...chosen }),
        watch: (o) => core.watchNamespaceList({ ...o, ...chosen }),
      };
    },
  };
}

/** The calls for a kind's objects as the generator names them: `getPodList`, `watchPodListForAllNamespaces`. */
type Calls<Name extends string, Rest extends string, T> =
  & Record<`get${Name}List${Rest}`, Source<T>["list"]>
  & Record<`watch${Name}List${Rest}`, Source<T>["watch"]>;

/** An API with the kind `Name`, in all namespaces and in one. */
type ApiOf<Name extends string, T> = Calls<Name, "ForAllNamespaces", T> & {
  namespace(name: string): Calls<Name, "", T>;
};

function namespaced<Name extends string, T>(kind: Name, api: ApiOf<Name, T>): SourceOf<T> {
  return (name) =>
    name === undefined ? sourceIn(kind, "ForAllNamespaces", api) : sourceIn(kind, "", api.namespace(name));
}

function sourceIn<Name extends string, Rest extends string, T>(
  kind: Name,
  rest: Rest,
  calls: Calls<Name, Rest, T>,
): Source<T> {
  // Apart, as the compiler does not look a computed name up in two types at once.
  const lists: Record<`get${Name}List${Rest}`, Source<T>["list"]> = calls;
  const watches: Record<`watch${Name}List${Rest}`, Source<T>["watch"]> = calls;
  return {
    list: (o) => lists[`get${kind}List${rest}`](o),
    watch: (o) => watches[`watch${kind}List${rest}`](o),
  };
}
