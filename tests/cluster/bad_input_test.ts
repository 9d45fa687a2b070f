import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PolicyV1Api } from "../../k8s/policy_v1.ts";
import { byteLength } from "../../lib/contract/text.ts";
import { healthy } from "./support/pod_servers.ts";
import {
  again,
  patchMetadata,
  probe,
  runPod,
  runProber,
  status,
  untilLabel,
  untilStatus,
} from "./support/probing.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";

const test = onCluster();

test("each malformed annotation is an error that says what was expected; what is well is probed", async (cluster) => {
  const namespace = await cluster.namespace();
  const options = (name: string, value: string) => ({
    ...probe(cluster, name),
    [`probe-options.autocrane.io/${name}`]: value,
  });
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: {
      ...probe(cluster, "fine"),
      "probe.autocrane.io/empty": "",
      "probe.autocrane.io/port": "POD_IP:99999/",
      "probe.autocrane.io/forged": "POD_IP:80/\u001b[31m\n2026 fake log line",
      ...options("unknown", "retries=3"),
      ...options("twice", "failures=1,failures=2"),
    },
  });
  await using prober = await runProber(cluster, namespace);
  const bad = (name: string, words: RegExp) =>
    untilStatus(cluster, pod, name, new RegExp(`^error/[^/]+/bad annotation: ${words.source}`));
  await bad("empty", /probe "" does not name POD_IP .+: expected "POD_IP:1234\/url"/);
  await bad("port", /probe "POD_IP:99999\/" has no valid port: expected/);
  await bad("forged", /probe "POD_IP:80\/ \[31m 2026 fake log line" is not an address: expected/);
  await bad("unknown", /option "retries" is not known: expected one of interval, timeout, /);
  await bad("twice", /option failures is given twice$/);
  await untilStatus(cluster, pod, "fine", /^info\//);
  equal(prober.process.output().includes("\u001b"), false);
});

test("statuses by others that cannot be read count as unknown, least of all", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, { name: "web" });
  const set = (annotations: Record<string, string | null>) => patchMetadata(cluster, pod, { annotations });
  const garbage = [
    "",
    "fine",
    "error",
    "fatal/2026-01-31T12:34:56/x",
    "error/yesterday/x",
    "\u0000/\n/\u001b",
  ];
  await set(Object.fromEntries(garbage.map((value, i) => [`status.autocrane.io/g${i}`, value])));
  await using _ = await runProber(cluster, namespace);
  await untilLabel(cluster, pod, "unknown");
  await set({ "status.autocrane.io/app": "INFO/2026-01-31T12:34:56Z/well" });
  await untilLabel(cluster, pod, "info");
  await set({ "status.autocrane.io/disk": "error/2026-01-31T12:34:56/full" });
  const after = await untilLabel(cluster, pod, "error");
  deepEqual(garbage.map((_, i) => status(after, `g${i}`)), garbage, "they are not ours to change");
});

test("names as long as Kubernetes allows them are no trouble", async (cluster) => {
  const namespace = await cluster.namespace();
  const name = `${"a".repeat(31)}.${"B".repeat(30)}1`;
  const long = `${"x".repeat(252)}y`;
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: { ...probe(cluster, name), [`probe-options.autocrane.io/${name}`]: "timeout=1s" },
  });
  await new PolicyV1Api(cluster.client).namespace(namespace).createPodDisruptionBudget({
    metadata: { name: long },
    spec: { selector: { matchLabels: { app: "other", "status.autocrane.io/health": "info" } } },
  });
  await using _ = await runProber(cluster, namespace);
  await untilStatus(cluster, pod, name, /^info\/.+\/HTTP 200$/);

  const core = cluster.core.namespace(namespace);
  await core.createPod({
    metadata: { name: long, labels: { app: "other" }, annotations: probe(cluster, name) },
    spec: { nodeName: "node-1", containers: [{ name: "c".repeat(63), image: "app" }] },
  });
  await untilStatus(cluster, { metadata: { namespace, name: long } }, name, /^info\/.+\/HTTP 200$/);
  await until("an Event on the budget", async () => {
    const events = await cluster.events(namespace);
    return events.some(({ pod, reason }) => pod === long && reason === "SelectorUsesHealthLabel");
  });
});

/** Bytes that a pod's annotations take. */
const bytesOf = (annotations: Record<string, string> = {}) =>
  Object.entries(annotations).reduce((sum, [key, value]) => sum + byteLength(key + value), 0);

test("a thousand watchdogs on one pod all get their statuses, within what a pod can hold", async (cluster) => {
  const namespace = await cluster.namespace();
  const names = Array.from({ length: 1000 }, (_, i) => `watchdog-${String(i).padStart(4, "0")}`);
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: Object.assign({}, ...names.map((name) => probe(cluster, name, `/${name}`))),
  });
  const why = "x".repeat(400);
  const fails = (path: string) => Number(path.slice(-4)) % 4 !== 0;
  cluster.servers.set(
    pod.status!.podIP!,
    (request) => fails(new URL(request.url).pathname) ? new Response(why, { status: 500 }) : healthy(request),
  );
  await using prober = await runProber(cluster, namespace, "--AutoCrane:ProbeIntervalSeconds=2");
  const after = await until("all have a status", async () => {
    const now = await again(cluster, pod);
    return names.every((name) => status(now, name) !== undefined) && now;
  }, 45_000);
  for (const name of names) {
    match(status(after, name)!, fails(name) ? /^error\/[^/]+\/.*/ : /^info\/[^/]+\/.*/);
  }
  ok(bytesOf(after.metadata!.annotations) <= 262_144);
  equal(after.metadata!.labels!["status.autocrane.io/health"], "error");
  equal(await prober.metric("autocrane_watchdogprober_statuses_left_out_total"), 0);
});

test("on a pod whose annotations are full errors come first, and what has no room is said", async (cluster) => {
  const namespace = await cluster.namespace();
  const bad = ["one", "two", "three"];
  const fine = ["four", "five", "six"];
  const probes = Object.assign(
    {},
    ...fine.map((name) => probe(cluster, name)),
    ...bad.map((name) => ({ [`probe.autocrane.io/${name}`]: "nowhere" })),
  );
  // Room for three statuses or so, and for the pod's start.
  const note = "x".repeat(262_144 - bytesOf({ ...probes, note: "" }) - 54 - 3 * 72);
  const pod = await runPod(cluster, namespace, { name: "web", annotations: { ...probes, note } });
  await using prober = await runProber(cluster, namespace);
  for (const name of bad) await untilStatus(cluster, pod, name, /^error\/[^/]+\/bad annotation:/);
  const line = await prober.said("the pod's annotations are full, so statuses are left out");
  equal(line.pod, `${namespace}/web`);
  await until(
    "the metric tells it",
    async () => await prober.metric("autocrane_watchdogprober_statuses_left_out_total") > 0,
  );
  const full = await untilLabel(cluster, pod, "error");
  equal(full.metadata!.annotations!.note, note, "others' annotations are not touched");
  ok(bytesOf(full.metadata!.annotations) <= 262_144);

  await patchMetadata(cluster, pod, { annotations: { note: null } });
  for (const name of fine) await untilStatus(cluster, pod, name, /^info\//);
});

test("a namespace that does not exist is said to be missing, and watched once it is there", async (cluster) => {
  const namespace = `later-${crypto.randomUUID().slice(0, 8)}`;
  await using prober = await runProber(cluster, namespace);
  await using orchestrate = await cluster.run("orchestrate", [
    `--AutoCrane:Namespaces=${namespace}`,
    "--AutoCrane:ScanIntervalSeconds=1",
  ]);
  for (const program of [prober, orchestrate]) {
    await program.said("a watched namespace does not exist", { namespaces: namespace, level: "warning" });
  }
  await cluster.core.createNamespace({ metadata: { name: namespace } });
  await until(
    "it has a service account",
    () => cluster.core.namespace(namespace).getServiceAccount("default"),
  );
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  await untilLabel(cluster, pod, "info");
});
