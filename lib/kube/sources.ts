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
    pods: either(
      { list: (o) => core.getPodListForAllNamespaces(o), watch: (o) => core.watchPodListForAllNamespaces(o) },
      (name) => ({
        list: (o) => core.namespace(name).getPodList(o),
        watch: (o) => core.namespace(name).watchPodList(o),
      }),
    ),
    services: either(
      {
        list: (o) => core.getServiceListForAllNamespaces(o),
        watch: (o) => core.watchServiceListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => core.namespace(name).getServiceList(o),
        watch: (o) => core.namespace(name).watchServiceList(o),
      }),
    ),
    deployments: either(
      {
        list: (o) => apps.getDeploymentListForAllNamespaces(o),
        watch: (o) => apps.watchDeploymentListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => apps.namespace(name).getDeploymentList(o),
        watch: (o) => apps.namespace(name).watchDeploymentList(o),
      }),
    ),
    replicaSets: either(
      {
        list: (o) => apps.getReplicaSetListForAllNamespaces(o),
        watch: (o) => apps.watchReplicaSetListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => apps.namespace(name).getReplicaSetList(o),
        watch: (o) => apps.namespace(name).watchReplicaSetList(o),
      }),
    ),
    statefulSets: either(
      {
        list: (o) => apps.getStatefulSetListForAllNamespaces(o),
        watch: (o) => apps.watchStatefulSetListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => apps.namespace(name).getStatefulSetList(o),
        watch: (o) => apps.namespace(name).watchStatefulSetList(o),
      }),
    ),
    daemonSets: either(
      {
        list: (o) => apps.getDaemonSetListForAllNamespaces(o),
        watch: (o) => apps.watchDaemonSetListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => apps.namespace(name).getDaemonSetList(o),
        watch: (o) => apps.namespace(name).watchDaemonSetList(o),
      }),
    ),
    budgets: either(
      {
        list: (o) => policy.getPodDisruptionBudgetListForAllNamespaces(o),
        watch: (o) => policy.watchPodDisruptionBudgetListForAllNamespaces(o),
      },
      (name) => ({
        list: (o) => policy.namespace(name).getPodDisruptionBudgetList(o),
        watch: (o) => policy.namespace(name).watchPodDisruptionBudgetList(o),
      }),
    ),
    nodes: () => ({ list: (o) => core.getNodeList(o), watch: (o) => core.watchNodeList(o) }),
    namespaces: either(
      { list: (o) => core.getNamespaceList(o), watch: (o) => core.watchNamespaceList(o) },
      (name) => {
        const fieldSelector = `metadata.name=${name}`;
        return {
          list: (o) => core.getNamespaceList({ ...o, fieldSelector }),
          watch: (o) => core.watchNamespaceList({ ...o, fieldSelector }),
        };
      },
    ),
  };
}

function either<T>(all: Source<T>, one: (namespace: string) => Source<T>): SourceOf<T> {
  return (namespace) => (namespace === undefined ? all : one(namespace));
}
