import { equal, match, ok } from "node:assert/strict";
import type { ContainerStatus, Pod } from "../../k8s/core_v1.ts";
import type { Cluster } from "./support/cluster.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import {
  again,
  probe,
  runPod,
  runProber,
  status,
  untilSkipped,
  untilStatus,
  visitsTo,
} from "./support/probing.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { app } from "./support/workloads.ts";

const test = onCluster();

test("pods on the host's network are probed only where that is set", async (cluster) => {
  const namespace = await cluster.namespace();
  const shape = { name: "node-agent", annotations: probe(cluster, "http") };
  const pod = await runPod(cluster, namespace, shape, { hostNetwork: true });
  {
    await using prober = await runProber(cluster, namespace);
    await untilSkipped(prober, "no-address", 2);
    equal(status(await again(cluster, pod), "http"), undefined);
    equal(visitsTo(cluster, pod), 0);
  }
  await using _ = await runProber(cluster, namespace, "--AutoCrane:ProbeHostNetwork=true");
  await untilStatus(cluster, pod, "http", /^info\/.+\/HTTP 200$/);
});

test("a pod that is not ready is not probed, but a watchdog in error is", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  const name = pod.metadata!.name!;
  const ip = pod.status!.podIP!;
  await cluster.kubelet.setReady(namespace, name, false);
  await using prober = await runProber(cluster, namespace);
  await untilSkipped(prober, "not-ready", 2);
  equal(status(await again(cluster, pod), "http"), undefined, "nothing is known, so nothing is said");
  equal(visitsTo(cluster, pod), 0);

  await cluster.kubelet.setReady(namespace, name, true);
  await untilStatus(cluster, pod, "http", /^info\//);
  cluster.servers.set(ip, failing);
  await untilStatus(cluster, pod, "http", /^error\//);
  await cluster.kubelet.setReady(namespace, name, false);
  const asked = visitsTo(cluster, pod);
  await until("it is probed on", () => visitsTo(cluster, pod) >= asked + 2);
  cluster.servers.set(ip, healthy);
  await untilStatus(cluster, pod, "http", /^info\/.+\/error cleared$/);
  await untilSkipped(prober, "not-ready", 1);
});

test("an error that an earlier prober left on a pod that is not ready is tried again", async (cluster) => {
  const namespace = await cluster.namespace();
  const left = { "status.autocrane.io/http": "error/2026-01-31T12:34:56/connection refused" };
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: { ...probe(cluster, "http"), ...left },
  });
  await cluster.kubelet.setReady(namespace, pod.metadata!.name!, false);
  await using _ = await runProber(cluster, namespace);
  await untilStatus(cluster, pod, "http", /^info\/.+\/error cleared$/);
});

test("a pod that ends is not probed, and what its server says then is not its status", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  await using prober = await runProber(cluster, namespace);
  await untilStatus(cluster, pod, "http", /^info\//);
  cluster.kubelet.endsPods = false;
  try {
    await cluster.core.namespace(namespace).deletePod(pod.metadata!.name!, { gracePeriodSeconds: 600 });
    cluster.servers.set(pod.status!.podIP!, failing);
    await untilSkipped(prober, "no-address", 1);
    const asked = visitsTo(cluster, pod);
    await untilSkipped(prober, "no-address", 2);
    equal(visitsTo(cluster, pod), asked);
    match(status(await again(cluster, pod), "http")!, /^info\//);
  } finally {
    cluster.kubelet.endsPods = true;
    await cluster.core.namespace(namespace).deletePod(pod.metadata!.name!, { gracePeriodSeconds: 0 });
  }
});

/** Says of a pod's init containers whether they are ready. */
async function reportInit(cluster: Cluster, pod: Pod, ready: Record<string, boolean>): Promise<void> {
  const initContainerStatuses = Object.entries(ready).map(([name, ready]): ContainerStatus => ({
    name,
    image: "image",
    imageID: "",
    ready,
    restartCount: 0,
  }));
  await cluster.core.namespace(pod.metadata!.namespace!).patchPodStatus(pod.metadata!.name!, {
    type: "merge",
    body: { status: { initContainerStatuses } },
  });
}

test("native sidecars must be ready, finished init containers need not", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") }, {
    initContainers: [
      { ...app, name: "migrate" },
      { ...app, name: "mesh", restartPolicy: "Always" },
    ],
  });
  await reportInit(cluster, pod, { migrate: false, mesh: false });
  await using prober = await runProber(cluster, namespace);
  await untilSkipped(prober, "not-ready", 2);
  equal(visitsTo(cluster, pod), 0);
  await reportInit(cluster, pod, { migrate: false, mesh: true });
  await untilStatus(cluster, pod, "http", /^info\//);
});

test("redirects within the pod are followed; all others are errors that say where they pointed", async (cluster) => {
  const namespace = await cluster.namespace();
  const names = ["here", "moved", "away", "meta", "ftp", "loop"];
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: Object.assign({}, ...names.map((name) => probe(cluster, name, `/${name}`))),
  });
  const ip = pod.status!.podIP!;
  const base = `http://${ip}:${cluster.servers.port}`;
  const to: Record<string, string> = {
    "/here": "ok?from=here",
    "/moved": `${base}/here`,
    "/away": "http://example.org/ok",
    "/meta": "http://169.254.169.254/latest/meta-data",
    "/ftp": `ftp://${ip}/ok`,
    "/loop": "/loop",
  };
  cluster.servers.set(ip, ({ url }) => {
    const location = to[new URL(url).pathname];
    return location ? new Response(null, { status: 302, headers: { location } }) : new Response("fine");
  });
  await using _ = await runProber(cluster, namespace);
  const says = (name: string, wanted: RegExp) => untilStatus(cluster, pod, name, wanted);
  await says("here", /^info\/.+\/HTTP 200$/);
  await says("moved", /^info\/.+\/HTTP 200$/);
  await says("away", /^error\/.+\/redirected to "http:\/\/example.org\/ok", which is not this pod$/);
  await says("meta", /^error\/.+\/redirected to "http:\/\/169.254.169.254\/.+", which is not this pod$/);
  await says("ftp", /^error\/.+\/redirected to "ftp:.+", which is not HTTP$/);
  await says("loop", /^error\/.+\/more than 10 redirects$/);
});

test("a query string reaches the pod as it was written", async (cluster) => {
  const namespace = await cluster.namespace();
  const seen: string[] = [];
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: { ...probe(cluster, "path", "/w?a=1&b=%20c/d&a=2"), ...probe(cluster, "bare", "?x") },
  });
  cluster.servers.set(pod.status!.podIP!, ({ url }) => {
    const { pathname, search } = new URL(url);
    seen.push(pathname + search);
    return new Response("fine");
  });
  await using _ = await runProber(cluster, namespace);
  await untilStatus(cluster, pod, "path", /^info\//);
  await untilStatus(cluster, pod, "bare", /^info\//);
  ok(seen.includes("/w?a=1&b=%20c/d&a=2"), String(seen));
  ok(seen.includes("/?x"), String(seen));
});
