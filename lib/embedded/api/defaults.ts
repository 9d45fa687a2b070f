/**
 * What API servers fill in where an object is silent, as far as anybody reads it.
 *
 * @module
 */
import type {
  Container,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  Probe,
  ServiceSpec,
} from "../../../k8s/core_v1.ts";
import type { DeploymentSpec, ReplicaSetSpec } from "../../../k8s/apps_v1.ts";
import { type ApiObject, withMetadata } from "./objects.ts";

/** The object with its kind's defaults. */
export function withDefaults(object: ApiObject): ApiObject {
  const filled = byKind[object.kind]?.(object.spec ?? {});
  const withSpec = filled ? { ...object, spec: filled as Record<string, unknown> } : object;
  if (object.kind === "Namespace") return named(withSpec);
  return object.kind === "Pod" ? withAddresses(withSpec) : withSpec;
}

/** A namespace is labelled with its name, so that it can be selected by it. */
function named(namespace: ApiObject): ApiObject {
  const { name = "", labels } = namespace.metadata;
  return withMetadata(namespace, { labels: { ...labels, "kubernetes.io/metadata.name": name } });
}

/** A pod's address is the first of its addresses: who tells only it means both. */
function withAddresses(pod: ApiObject): ApiObject {
  const { podIP, podIPs } = (pod.status ?? {}) as PodStatus;
  if (!podIP || podIPs?.[0]?.ip === podIP) return pod;
  return { ...pod, status: { ...pod.status, podIPs: [{ ip: podIP }] } };
}

/** By kind: the spec with its defaults. */
const byKind: Readonly<Record<string, (spec: object) => object>> = {
  Pod: (spec) => podSpec(spec as PodSpec),
  Deployment: (spec) => deploymentSpec(spec as DeploymentSpec),
  ReplicaSet: (spec) => replicaSetSpec(spec as ReplicaSetSpec),
  StatefulSet: (spec) => ({ replicas: 1, ...withTemplate(spec) }),
  DaemonSet: withTemplate,
  Service: (spec) => serviceSpec(spec as ServiceSpec),
  Namespace: (spec) => ({ finalizers: ["kubernetes"], ...spec }),
};

function podSpec(spec: PodSpec): PodSpec {
  const account = spec.serviceAccountName ?? spec.serviceAccount ?? "default";
  return {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    enableServiceLinks: true,
    securityContext: {},
    preemptionPolicy: "PreemptLowerPriority",
    priority: 0,
    ...spec,
    serviceAccountName: account,
    serviceAccount: account,
    containers: listOf(spec.containers).map(container),
    ...(spec.initContainers && { initContainers: listOf(spec.initContainers).map(container) }),
  };
}

/** A list that a client may have sent as something else: that is told by the validation, not here. */
function listOf<T>(value: T[] | undefined): T[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}

function container(one: Container): Container {
  const probes = Object.fromEntries(
    (["startupProbe", "readinessProbe", "livenessProbe"] as const)
      .filter((name) => one[name]).map((name) => [name, probe(one[name]!)]),
  );
  return {
    imagePullPolicy: /:(?!latest$)[^/]+$|@/.test(one.image ?? "") ? "IfNotPresent" : "Always",
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    resources: {},
    ...one,
    ...(one.ports && { ports: listOf(one.ports).map((port) => ({ protocol: "TCP", ...port })) }),
    ...probes,
  };
}

function probe(one: Probe): Probe {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...one,
    ...(one.httpGet && { httpGet: { path: "/", scheme: "HTTP", ...one.httpGet } }),
  };
}

function template(one: PodTemplateSpec | undefined): PodTemplateSpec {
  return { ...one, spec: podTemplateSpec(one?.spec) };
}

/** A template is no pod yet: what admission adds to pods is missing from it. */
function podTemplateSpec(spec: PodSpec | undefined): PodSpec {
  const { enableServiceLinks: _links, preemptionPolicy: _policy, priority: _priority, ...filled } = podSpec(
    spec ?? { containers: [] },
  );
  const given = { ...filled, ...spec, containers: filled.containers };
  const { serviceAccountName, serviceAccount } = spec ?? {};
  const account = serviceAccountName ?? serviceAccount;
  return {
    ...given,
    ...(filled.initContainers && { initContainers: filled.initContainers }),
    serviceAccountName: account,
    serviceAccount: account,
  };
}

function deploymentSpec(spec: DeploymentSpec): DeploymentSpec {
  const { strategy } = spec;
  const rolling = (strategy?.type ?? "RollingUpdate") === "RollingUpdate";
  return {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...spec,
    strategy: {
      type: "RollingUpdate",
      ...strategy,
      ...(rolling &&
        { rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%", ...strategy?.rollingUpdate } }),
    },
    template: template(spec.template),
  };
}

function replicaSetSpec(spec: ReplicaSetSpec): ReplicaSetSpec {
  return { replicas: 1, ...spec, template: template(spec.template) };
}

/** There is nobody here who would give a Service an address. */
function serviceSpec(spec: ServiceSpec): ServiceSpec {
  const ports = spec.ports &&
    { ports: spec.ports.map((one) => ({ protocol: "TCP", targetPort: one.port, ...one })) };
  return { type: "ClusterIP", sessionAffinity: "None", clusterIP: "None", ...spec, ...ports };
}

function withTemplate(spec: object): object {
  const { template: given } = spec as { template?: PodTemplateSpec };
  return given ? { ...spec, template: template(given) } : spec;
}
