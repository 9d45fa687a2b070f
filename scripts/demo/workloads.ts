/**
 * What the demo deploys: two workloads under one budget, and AutoCrane.
 *
 * @module
 */
import type { Deployment } from "../../k8s/apps_v1.ts";
import type { Container, EnvVar, PodTemplateSpec, Volume } from "../../k8s/core_v1.ts";
import type { PodDisruptionBudget } from "../../k8s/policy_v1.ts";
import { prefix } from "../../lib/contract/keys.ts";

/** Where the workloads are. */
export const shop = "shop";
/** Where AutoCrane is. */
export const home = "autocrane";
/** The workloads. `web` has the gate, `cart` has not. */
export const workloads = ["web", "cart"] as const;
/** Pods of each workload. */
export const replicas = 3;
/** The watchdog of every pod. */
export const watchdog = "alive";

/** The ports that pods listen on, each at its own address. */
export interface Ports {
  /** The workload's own. */
  readonly app: number;
  /** The gate's. */
  readonly gate: number;
  /** On which a release listens that its watchdog does not know of. */
  readonly wrong: number;
  /** The data repository's. */
  readonly repository: number;
}

/** How a program is told where to listen: at its pod's address alone, as the others are on the same machine. */
export function listening(port: number): EnvVar[] {
  return [
    { name: "LISTEN_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "LISTEN_PORT", value: String(port) },
  ];
}

/** The port of an application, and how it is known to listen there. */
export function listeningOn(port: number): Pick<Container, "env" | "readinessProbe"> {
  return { env: listening(port), readinessProbe: { tcpSocket: { port }, periodSeconds: 1 } };
}

/** A container that runs one of AutoCrane's programs. */
export function program(mode: string, args: string[], env: EnvVar[] = []): Container {
  return { name: mode, image: "autocrane", args: [mode, ...args], env };
}

/** The pod's annotations as a file. */
export const podInfo: Volume = {
  name: "podinfo",
  downwardAPI: { items: [{ path: "annotations", fieldRef: { fieldPath: "metadata.annotations" } }] },
};

/** Ready once the pod's watchdogs are: what makes a release wait for them. */
function gate(ports: Ports): Container {
  return {
    ...program("watchdoghealthz", ["--Watchdogs:WaitForResults=true", "--Watchdogs:MinReadySeconds=1"], [
      ...listening(ports.gate),
      { name: "Pod__AnnotationsFile", value: "/etc/podinfo/annotations" },
    ]),
    volumeMounts: [{ name: "podinfo", mountPath: "/etc/podinfo" }],
    readinessProbe: {
      httpGet: { path: "/healthz", port: ports.gate },
      periodSeconds: 1,
      failureThreshold: 1,
    },
  };
}

/** A workload's pods, as its owners describe them: one annotation is all that AutoCrane asks for. */
function template(name: string, ports: Ports, gated: boolean): PodTemplateSpec {
  const app = {
    ...program("testworkload", []),
    ...listeningOn(ports.app),
  };
  return {
    metadata: {
      labels: { app: name, "part-of": shop },
      annotations: { [`${prefix.probe}${watchdog}`]: `POD_IP:${ports.app}/watchdog` },
    },
    spec: {
      terminationGracePeriodSeconds: 5,
      containers: gated ? [app, gate(ports)] : [app],
      ...(gated && { volumes: [podInfo] }),
    },
  };
}

/** A workload. Its release takes one pod at a time, and counts as stuck soon. */
export function workload(name: typeof workloads[number], ports: Ports): Deployment {
  return {
    metadata: { name, namespace: shop },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      progressDeadlineSeconds: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: template(name, ports, name === "web"),
    },
  };
}

/** At most one pod of both workloads together may be disrupted. */
export const budget: PodDisruptionBudget = {
  metadata: { name: shop, namespace: shop },
  spec: { maxUnavailable: 1, selector: { matchLabels: { "part-of": shop } } },
};

/** AutoCrane's own programs, all faster than in real life. */
export function programs(port: number, repositoryUrl: string): Deployment[] {
  const watched = `--AutoCrane:Namespaces=${shop}`;
  const prober = ["--AutoCrane:ProbeIntervalSeconds=1", "--AutoCrane:WatchdogProbeTimeoutSeconds=1"];
  const orchestrator = [
    "--AutoCrane:ScanIntervalSeconds=1",
    "--AutoCrane:FailuresBeforeEviction=3",
    "--AutoCrane:EvictionDeleteGracePeriodSeconds=5",
    `--Data:RepositoryUrl=${repositoryUrl}`,
    "--Data:ProbationSeconds=3",
  ];
  return [
    own("watchdogprober", [watched, ...prober], port),
    own("orchestrate", [watched, ...orchestrator], port),
  ];
}

/** One of AutoCrane's own programs, in its namespace. */
export function own(mode: string, args: string[], port: number): Deployment {
  const env = [
    ...listening(port),
    { name: "Pod__Namespace", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
    { name: "Pod__Name", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ];
  const container = program(mode, args, env);
  return {
    metadata: { name: mode, namespace: home },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: mode } },
      template: {
        metadata: { labels: { app: mode } },
        spec: {
          serviceAccountName: mode,
          terminationGracePeriodSeconds: 5,
          containers: [{
            ...container,
            readinessProbe: { httpGet: { path: "/ping", port }, periodSeconds: 1 },
          }],
        },
      },
    },
  };
}
