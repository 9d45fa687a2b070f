import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type PodDisruptionBudget, PolicyV1Api } from "../../k8s/policy_v1.ts";
import { failing, healthy } from "./support/pod_servers.ts";
import {
  again,
  health,
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

test("a removed probe's status goes, also after a restart; what others posted stays and counts", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: { ...probe(cluster, "one"), ...probe(cluster, "two"), ...probe(cluster, "three") },
  });
  await cluster.post(pod, "app", "warning");
  {
    await using _ = await runProber(cluster, namespace);
    for (const name of ["one", "two", "three"]) await untilStatus(cluster, pod, name, /^info\//);
    await untilLabel(cluster, pod, "warning");
    await patchMetadata(cluster, pod, { annotations: { "probe.autocrane.io/one": null } });
    await untilStatus(cluster, pod, "one", undefined);
    match(status(await again(cluster, pod), "two")!, /^info\//);
  }
  // While no prober runs, a probe goes, and of another one somebody else tells the status.
  await patchMetadata(cluster, pod, {
    annotations: { "probe.autocrane.io/two": null, "probe.autocrane.io/three": null },
  });
  await cluster.post(pod, "three", "error");
  await using _ = await runProber(cluster, namespace);
  await untilStatus(cluster, pod, "two", undefined);
  const after = await untilLabel(cluster, pod, "error");
  match(status(after, "three")!, /^error\/.+\/posted by a test$/);
  match(status(after, "app")!, /^warning\/.+\/posted by a test$/);

  await cluster.post(pod, "three", null);
  await untilLabel(cluster, pod, "warning");
  await cluster.post(pod, "app", null);
  await untilLabel(cluster, pod, undefined);
});

test("a label that does not fit the statuses is repaired, probed or not", async (cluster) => {
  const namespace = await cluster.namespace();
  const label = (value: string | null) => ({ labels: { "status.autocrane.io/health": value } });
  const probed = await runPod(cluster, namespace, { name: "probed", annotations: probe(cluster, "http") });
  const posted = await runPod(cluster, namespace, { name: "posted" });
  const plain = await runPod(cluster, namespace, { name: "plain" });
  await cluster.post(posted, "app", "warning");
  await using _ = await runProber(cluster, namespace);
  await untilLabel(cluster, probed, "info");
  await untilLabel(cluster, posted, "warning");

  await patchMetadata(cluster, probed, label("error"));
  await patchMetadata(cluster, posted, label(null));
  await patchMetadata(cluster, plain, label("info"));
  await untilLabel(cluster, probed, "info");
  await untilLabel(cluster, posted, "warning");
  await untilLabel(cluster, plain, undefined);
});

test("whatever others write on a pod while its levels flip, nothing of it is lost", async (cluster) => {
  const namespace = await cluster.namespace();
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  let turn = 0;
  cluster.servers.set(pod.status!.podIP!, (request) => (turn++ % 2 === 0 ? failing : healthy)(request));
  await using prober = await runProber(cluster, namespace);
  const written = () => prober.metric("autocrane_watchdogprober_status_writes_total", { outcome: "written" });
  await until("the first status is written", async () => await written() >= 1);
  const enough = await written() + 2;
  const notes: Record<string, string> = {};
  for (let i = 0; i < 50 || await written() < enough; i++) {
    notes[`example.com/note-${i}`] = `value ${i}`;
    await patchMetadata(cluster, pod, { annotations: { [`example.com/note-${i}`]: `value ${i}` } });
  }
  cluster.servers.set(pod.status!.podIP!, healthy);
  const after = await untilLabel(cluster, pod, "info");
  const held = Object.entries(after.metadata!.annotations!);
  deepEqual(Object.fromEntries(held.filter(([key]) => key.startsWith("example.com/"))), notes);
});

/** A budget whose selector uses the health label. */
const byHealth: PodDisruptionBudget = {
  metadata: { name: "healthy" },
  spec: {
    minAvailable: 1,
    selector: {
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "status.autocrane.io/health", operator: "Exists" }],
    },
  },
};

test("where a budget selects by the health label it is not written, until the budget is gone", async (cluster) => {
  const namespace = await cluster.namespace();
  const budgets = new PolicyV1Api(cluster.client).namespace(namespace);
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  const other = await runPod(cluster, namespace, { name: "other", annotations: probe(cluster, "http") });
  await using prober = await runProber(cluster, namespace);
  await untilLabel(cluster, pod, "info");

  await budgets.createPodDisruptionBudget(byHealth);
  await until(
    "the selector is known",
    async () => await prober.metric("autocrane_watchdogprober_label_withheld_selectors") === 1,
  );
  for (const { status } of [pod, other]) cluster.servers.set(status!.podIP!, failing);
  const now = await untilStatus(cluster, pod, "http", /^error\//);
  await untilLabel(cluster, other, "error");
  equal(health(now), "info", "the status is written, the label is not");
  const note = await until(
    "an Event on the budget",
    async () =>
      (await cluster.events(namespace)).find(({ pod, reason }) =>
        pod === "healthy" && reason === "SelectorUsesHealthLabel"
      )?.note,
  );
  match(
    note,
    /^The selector of PodDisruptionBudget shop-\d+\/healthy uses the label status.autocrane.io\/health/,
  );
  equal(health(await again(cluster, pod)), "info");

  await budgets.deletePodDisruptionBudget("healthy");
  await untilLabel(cluster, pod, "error");
});

test("where a Service selects by the health label new pods get none, until it selects otherwise", async (cluster) => {
  const namespace = await cluster.namespace();
  const services = cluster.core.namespace(namespace);
  const selector = { app: "web", "status.autocrane.io/health": "info" };
  const ports = [{ port: 80 }];
  await services.createService({ metadata: { name: "front" }, spec: { selector, ports } });
  await services.createService({ metadata: { name: "back" }, spec: { selector: { app: "web" }, ports } });
  await using prober = await runProber(cluster, namespace);
  const pod = await runPod(cluster, namespace, { name: "web", annotations: probe(cluster, "http") });
  equal(health(await untilStatus(cluster, pod, "http", /^info\//)), undefined);
  await prober.said("a selector uses the health label", { kind: "Service", name: `${namespace}/front` });
  await until("an Event on the Service", async () => {
    const events = await cluster.events(namespace);
    return events.some(({ pod, reason }) => pod === "front" && reason === "SelectorUsesHealthLabel");
  });
  await services.patchService("front", {
    type: "merge",
    body: { spec: { selector: { "status.autocrane.io/health": null } } },
  });
  await untilLabel(cluster, pod, "info");
  ok((await cluster.events(namespace)).length === 1, "it is said once, and of no other Service");
});
