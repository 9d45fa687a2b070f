/**
 * Pods as users have them: a probed watchdog each, whose status was written, beside what other tools add.
 *
 * @module
 */
import type { Pod, PodTemplateSpec } from "../../k8s/core_v1.ts";

/** Pods that one workload has. */
export const replicas = 100;

/** The name of the workload that keeps the n-th pod. */
export function workloadOf(n: number): string {
  return `storefront-${String(Math.floor(n / replicas)).padStart(4, "0")}`;
}

/** The template of a workload's pods. */
export function templateOf(workload: string, port: number): PodTemplateSpec {
  return {
    metadata: {
      labels: {
        app: workload,
        "app.kubernetes.io/component": "web",
        "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/version": "4.17.2",
        "status.autocrane.io/health": "info",
      },
      annotations: {
        "checksum/config": "f0e4c2f76c58916ec258f246851bea091d14d4247a2fc3e18694461b1816e13b",
        "prometheus.io/scrape": "true",
        "prometheus.io/port": String(port),
        "probe.autocrane.io/http": `POD_IP:${port}/healthz?deep=true`,
        "probe-options.autocrane.io/http": "failures=2,action=evict",
        "status.autocrane.io/http": "info/2026-01-31T12:00:00/HTTP 200",
      },
    },
    spec: {
      containers: [{
        name: "web",
        image: "registry.example.com/shop/storefront:4.17.2",
        ports: [{ containerPort: port }],
        env: [{ name: "REGION", value: "north" }, { name: "LOG_LEVEL", value: "info" }],
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
      }],
    },
  };
}

/** The n-th pod as an API server shows it while it runs. */
export function runningPod(n: number, address: string, port: number): Pod {
  const workload = workloadOf(n);
  const { metadata, spec } = templateOf(workload, port);
  return {
    metadata: {
      ...metadata,
      name: `${workload}-5d6c8f7b9c-${n.toString(36).padStart(5, "0")}`,
      namespace: "shop",
      uid: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
      resourceVersion: String(100_000 + n),
      ownerReferences: [{
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: `${workload}-5d6c8f7b9c`,
        uid: `00000000-0000-4000-9000-${workload.slice(-4).padStart(12, "0")}`,
        controller: true,
      }],
    },
    spec: { ...spec, containers: spec!.containers, nodeName: "node-1", serviceAccountName: "default" },
    status: {
      phase: "Running",
      podIP: address,
      startTime: "2026-01-31T11:00:00Z",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: "web", ready: true, image: "", imageID: "", restartCount: 0 }],
    },
  };
}
