/**
 * Objects of all kinds but pods, whose tables a real API server is asked for as well.
 *
 * @module
 */
import { type Resource, resourceAt } from "../../../lib/embedded/api/resources.ts";

/** Objects of one kind, and where they are created. */
export interface TableVector {
  readonly resource: Resource;
  readonly path: string;
  /** What stands under `status` is written behind the creation. */
  readonly objects: readonly (Readonly<Record<string, unknown>> & { readonly status?: object })[];
}

function of(
  group: string,
  plural: string,
  ...objects: TableVector["objects"]
): TableVector {
  const resource = resourceAt(group, "v1", plural)!;
  const root = group ? `/apis/${group}/v1` : "/api/v1";
  return { resource, path: `${root}${resource.namespaced ? "/namespaces/default" : ""}/${plural}`, objects };
}

const labels = { app: "web" };
const metadata = { name: "web" };
const selector = { matchLabels: labels };
const containers = [{ name: "app", image: "app:1" }, { name: "side", image: "side" }];
const template = { metadata: { labels: { ...labels, tier: "front" } }, spec: { containers } };
const odd = {
  ...selector,
  matchExpressions: [
    { key: "zone", operator: "DoesNotExist" },
    { key: "tier", operator: "In", values: ["front", "back"] },
    { key: "app", operator: "Exists" },
    { key: "canary", operator: "NotIn", values: ["b", "a"] },
  ],
};

const workloads: TableVector[] = [
  of(
    "apps",
    "deployments",
    { metadata, spec: { replicas: 0, selector, template } },
    { metadata: { name: "odd" }, spec: { replicas: 0, selector: odd, template } },
  ),
  of("apps", "replicasets", { metadata: { name: "lone" }, spec: { replicas: 0, selector: odd, template } }),
  of("apps", "statefulsets", { metadata, spec: { replicas: 0, selector, template } }),
  of(
    "apps",
    "daemonsets",
    { metadata, spec: { selector, template } },
    {
      metadata: { name: "odd" },
      spec: {
        selector: odd,
        template: { ...template, spec: { containers, nodeSelector: { b: "2", a: "1" } } },
      },
    },
  ),
  of(
    "policy",
    "poddisruptionbudgets",
    { metadata, spec: { minAvailable: "50%", selector } },
    { metadata: { name: "other" }, spec: { maxUnavailable: 1, selector } },
  ),
];

const nodeInfo = {
  kubeletVersion: "v1",
  kernelVersion: "6.1",
  architecture: "amd64",
  osImage: "Debian",
  containerRuntimeVersion: "processes://1",
  bootID: "",
  kubeProxyVersion: "",
  machineID: "",
  operatingSystem: "linux",
  systemUUID: "",
};
const nodes = of(
  "",
  "nodes",
  { metadata },
  {
    metadata: {
      name: "full",
      labels: {
        "node-role.kubernetes.io/worker": "",
        "kubernetes.io/role": "infra",
      },
    },
    spec: { unschedulable: true },
    status: {
      nodeInfo,
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [{ type: "Hostname", address: "full" }, { type: "InternalIP", address: "127.0.0.1" }],
    },
  },
  { metadata: { name: "lost" }, status: { conditions: [{ type: "Ready", status: "Unknown" }] } },
);

const stored: TableVector[] = [
  of("", "namespaces", { metadata: { name: "shop" } }),
  of("", "configmaps", { metadata, data: { a: "1" }, binaryData: { b: "" } }, {
    metadata: { name: "empty" },
  }),
  of(
    "coordination.k8s.io",
    "leases",
    { metadata },
    { metadata: { name: "held" }, spec: { holderIdentity: "me" } },
  ),
  of(
    "",
    "services",
    { metadata, spec: { selector: labels, ports: [{ port: 80, name: "a" }, { port: 81, name: "b" }] } },
    { metadata: { name: "headless" }, spec: { clusterIP: "None" } },
    { metadata: { name: "name" }, spec: { type: "ExternalName", externalName: "x.org" } },
    {
      metadata: { name: "balanced" },
      spec: { type: "LoadBalancer", externalIPs: ["9.9.9.9"], ports: [{ port: 80, nodePort: 30_080 }] },
      status: { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "1.org" }] } },
    },
    { metadata: { name: "pending" }, spec: { type: "LoadBalancer", ports: [{ port: 80, protocol: "UDP" }] } },
  ),
];

const involvedObject = { kind: "Pod", name: "web", namespace: "default", fieldPath: "spec.containers{app}" };
const about = { involvedObject, type: "Normal", reason: "Started" };
const long = "2020-01-01T00:00:00Z";
const events = of(
  "",
  "events",
  {
    metadata: { name: "old" },
    ...about,
    message: "  Started\n",
    firstTimestamp: long,
    lastTimestamp: long,
    count: 7,
    source: { component: "kubelet", host: "node-1" },
  },
  { metadata: { name: "bare" }, involvedObject: { kind: "Node" } },
  {
    metadata: { name: "new" },
    ...about,
    eventTime: "2020-01-01T00:00:00.000000Z",
    series: { count: 3, lastObservedTime: "2020-01-02T00:00:00.000000Z" },
    reportingComponent: "autocrane.dev/test",
    reportingInstance: "one",
    action: "Start",
  },
);

/** All of them. */
export const bareObjects: readonly TableVector[] = [nodes, ...stored, ...workloads, events];
