import { equal, match, ok } from "node:assert/strict";
import type { ConfigMap } from "../../k8s/core_v1.ts";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import { Reflector } from "../../lib/kube/reflector.ts";
import { keyOf, Store } from "../../lib/kube/store.ts";
import { Transport } from "../../lib/kube/transport.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { rights } from "../../lib/manifests/roles.ts";
import type { Cluster } from "./support/cluster.ts";
import { failing } from "./support/pod_servers.ts";
import { type Fault, Proxy, statusResponse } from "./support/proxy.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { deployment } from "./support/workloads.ts";
import { silentLog as log } from "../support/silent_log.ts";

const test = onCluster();

const isWatch: (url: URL) => boolean = ({ searchParams }) => searchParams.get("watch") === "true";

/** A fault that happens the first time that `when` holds; then all goes well. */
function once(when: (url: URL) => boolean, fault: Exclude<ReturnType<Fault>, undefined>): Fault {
  let done = false;
  return (_, url) => {
    if (done || !when(url)) return undefined;
    done = true;
    return fault;
  };
}

/** Appends a line to a watch after its first event, and ends it. */
function thenLine(line: unknown): (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array> {
  return (body) =>
    body.pipeThrough(
      new TransformStream({
        transform(chunk, stream) {
          stream.enqueue(chunk);
          stream.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
          stream.terminate();
        },
      }),
    );
}

const expired = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" };

/** What may happen on the way of a list and a watch. */
const mishaps: Readonly<Record<string, () => Fault>> = {
  "a list that is throttled": () =>
    once((url) => !isWatch(url), statusResponse(429, { message: "slow down" }, { "retry-after": "1" })),
  "a list that the server cannot answer": () =>
    once((url) => !isWatch(url), statusResponse(500, { message: "etcd is away" })),
  "a page that comes too late": () =>
    once((url) => url.searchParams.has("continue"), statusResponse(410, expired)),
  "a watch that is refused as too old": () => once(isWatch, statusResponse(410, expired)),
  "a watch that says too old inside a 200": () => once(isWatch, thenLine({ type: "ERROR", object: expired })),
  "a watch that says another error inside a 200": () =>
    once(isWatch, thenLine({ type: "ERROR", object: { ...expired, code: 500, reason: "InternalError" } })),
  "a watch of which a line is cut": () =>
    once(isWatch, (body) =>
      body.pipeThrough(
        new TransformStream({
          transform(chunk, stream) {
            stream.enqueue(chunk.subarray(0, chunk.length - 10));
            stream.terminate();
          },
        }),
      )),
  "a watch that goes silent": () => once(isWatch, () => new ReadableStream()),
  "a watch that never begins": () => once(isWatch, "silence"),
};

/** A client of the tests' own by way of a relay. */
function clientBy(proxy: Proxy, cluster: Cluster): Transport {
  return new Transport({
    access: {
      server: proxy.server,
      ca: () => Promise.resolve(undefined),
      credentials: fixedCredentials({ authorization: `Bearer ${cluster.plane.adminToken}` }),
      namespace: "default",
    },
    clock,
    userAgent: "tests",
    timeout: 2000,
  });
}

for (const [mishap, fault] of Object.entries(mishaps)) {
  test(`a cache is in step again after ${mishap}`, async (cluster) => {
    const namespace = await cluster.namespace();
    const maps = cluster.core.namespace(namespace);
    const create = (i: number) => maps.createConfigMap({ metadata: { name: `map-${i}` } });
    await Promise.all(Array.from({ length: 120 }, (_, i) => create(i)));
    await using proxy = new Proxy(cluster.plane);
    proxy.fault = fault();
    const client = clientBy(proxy, cluster);
    const relayed = new CoreV1Api(client).namespace(namespace);
    const store = new Store((map: ConfigMap) => map.metadata!.resourceVersion!);
    const reflector = new Reflector({
      what: "config maps",
      source: {
        list: (page) => relayed.getConfigMapList(page),
        watch: (from) => relayed.watchConfigMapList(from),
      },
      store,
      namespace,
      clock,
      log,
      silence: 2000,
    });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    try {
      await reflector.synced;
      await create(1000);
      await maps.deleteConfigMap("map-7");
      await maps.patchConfigMap("map-8", { type: "merge", body: { data: { changed: "yes" } } });
      await until("the cache is as the server", async () => {
        const { items } = await maps.getConfigMapList();
        return store.size === items.length &&
          items.every((map) => store.get(keyOf(map)) === map.metadata!.resourceVersion);
      });
    } finally {
      stop.abort();
      await running;
      client.close();
    }
  });
}

test("a status that the server throttles, fails or finds changed is written all the same", async (cluster) => {
  const namespace = await cluster.namespace();
  await using proxy = new Proxy(cluster.plane);
  const refusals = [
    () => statusResponse(429, { message: "slow down" }, { "retry-after": "1" }),
    () => statusResponse(500, { message: "etcd is away" }),
    () => statusResponse(409, { reason: "Conflict", message: "it has changed" }),
  ];
  proxy.fault = ({ method }, { pathname }) =>
    method === "PATCH" && pathname.includes("/pods/") ? refusals.shift()?.() : undefined;
  const annotations = { "probe.autocrane.io/http": `POD_IP:${cluster.servers.port}/` };
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web", annotations }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  cluster.servers.set(pod!.status!.podIP!, failing);
  const kubeconfig = await cluster.kubeconfig("watchdogprober", proxy.server);
  await using prober = await cluster.run("watchdogprober", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ProbeIntervalSeconds=1",
  ], {
    kubeconfig,
  });
  await until("the label says error", async () => {
    const now = await cluster.core.namespace(namespace).getPod(pod!.metadata!.name!);
    return now.metadata?.labels?.["status.autocrane.io/health"] === "error";
  });
  equal(refusals.length, 0);
  equal(await prober.metric("autocrane_watchdogprober_status_writes_total", { outcome: "written" }), 1);
});

test("when evictions are throttled none is tried anywhere until the server's time is over", async (cluster) => {
  const namespace = await cluster.namespace();
  await using proxy = new Proxy(cluster.plane);
  let refused = 0;
  const asked: number[] = [];
  proxy.fault = (_, { pathname }) => {
    if (!pathname.endsWith("/eviction")) return undefined;
    asked.push(performance.now());
    return refused++ === 0
      ? statusResponse(429, { message: "slow down" }, { "retry-after": "3" })
      : undefined;
  };
  for (const name of ["web", "api"]) {
    await cluster.apps.namespace(namespace).createDeployment(deployment({ name }));
    const [pod] = await cluster.readyPods(namespace, name, 1);
    await cluster.post(pod!, "disk", "error");
  }
  const kubeconfig = await cluster.kubeconfig("orchestrate", proxy.server);
  await using program = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
    "--AutoCrane:FailuresBeforeEviction=0",
  ], { kubeconfig });
  await until("both were asked for in the end", () => asked.length === 3);
  ok(asked[1]! - asked[0]! >= 3000, `asked again after ${asked[1]! - asked[0]!} ms`);
  equal(await program.metric("autocrane_orchestrate_evictions_total", { outcome: "throttled" }), 1);
});

test("a Role that lacks a verb is named with program, verb, resource and the rule to add", async (cluster) => {
  const namespace = await cluster.namespace();
  const { watched, cluster: wide } = rights.orchestrate;
  const all = [...watched, ...wide];
  await cluster.apps.namespace(namespace).createDeployment(deployment({ name: "web" }));
  const [pod] = await cluster.readyPods(namespace, "web", 1);
  await cluster.post(pod!, "disk", "error");
  const args = [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
    "--AutoCrane:FailuresBeforeEviction=0",
  ];
  try {
    await cluster.replaceRights(
      "orchestrate",
      all.filter(({ resources }) => !resources?.includes("pods/eviction")),
    );
    await using program = await cluster.run("orchestrate", args);
    const note = await cluster.event(pod!, "Forbidden");
    match(note, /rule \{apiGroups: \[""\], resources: \["pods\/eviction"\], verbs: \["create"\]\}/);
    const line = await program.said("decision", { rule: "forbidden" });
    match(
      String(line.why),
      /Add to a Role in the namespace ".+" that is bound to "system:serviceaccount:autocrane:orchestrate"/,
    );
    // Once it is given, the eviction goes on by itself.
    await cluster.replaceRights("orchestrate", all);
    await cluster.event(pod!, "WatchdogsFailed");
  } finally {
    await cluster.replaceRights("orchestrate", all);
  }
});

test("a program that may not list what it follows says which rule is missing, and goes on once it may", async (cluster) => {
  const namespace = await cluster.namespace();
  const { watched } = rights.watchdogprober;
  const lacking = watched.map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => verb !== "watch") }));
  try {
    await cluster.replaceRights("watchdogprober", lacking);
    await using prober = await cluster.run("watchdogprober", [`--AutoCrane:Namespaces=${namespace}`]);
    const line = await prober.said("cannot follow the API server", { what: `pods in ${namespace}` });
    match(String(line.error), /rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["watch"\]\}/);
    equal((await prober.get("/ping")).status, 200);
    await cluster.replaceRights("watchdogprober", watched);
    await prober.said("following the API server again", { what: `pods in ${namespace}` }, 45_000);
  } finally {
    await cluster.replaceRights("watchdogprober", watched);
  }
});
