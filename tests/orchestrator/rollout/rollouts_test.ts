import { deepEqual, equal, ok } from "node:assert/strict";
import { parseKept } from "../../../lib/contract/data_catalogue.ts";
import { granted } from "../../../lib/orchestrator/rollout/wishes.ts";
import { maxSources } from "../../../lib/orchestrator/rollout/state.ts";
import { formatState } from "../../../lib/orchestrator/rollout/state_text.ts";
import { version } from "../../support/data_version.ts";
import { Cluster } from "./in_cluster.ts";

Deno.test("a first version goes to everybody, and is remembered before anybody is asked", async () => {
  await using cluster = await Cluster.start();
  const { written } = await cluster.begun();
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  deepEqual(written.slice(0, 5).sort(), ["data-shop", "web-0", "web-1", "web-2", "web-3"]);
  equal(written[0], "data-shop");
});

Deno.test("a push goes to a quarter first, and to all when their probation is over", async () => {
  await using cluster = await Cluster.start();
  await cluster.judged();
  cluster.push(1, 2);
  await cluster.pass(200);
  deepEqual((await cluster.asked()).sort(), [1, 1, 1, 2]);
  await cluster.applyAll();
  await cluster.pass(50_000);
  deepEqual((await cluster.asked()).sort(), [1, 1, 1, 2]);
  await cluster.pass(20_000);
  deepEqual(await cluster.asked(), [2, 2, 2, 2]);
  equal((await cluster.state()).sources.get("config")!.knownGood!.version, version(2).version);
});

Deno.test("a canary that fails is put back at once, and its version asked for no more", async () => {
  await using cluster = await Cluster.start();
  const { rollouts, events } = await cluster.judged();
  cluster.push(1, 2);
  await cluster.pass(200);
  const canary = `web-${(await cluster.asked()).indexOf(2)}`;
  await cluster.applyAll();
  await cluster.watchdog(canary, "error");
  await cluster.pass(200);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  const pod = await cluster.get(canary);
  const judgedPod = { namespace: "shop", uid: pod.metadata!.uid, data: {} } as Parameters<
    typeof rollouts.putBackOf
  >[0];
  ok(rollouts.putBackOf(judgedPod)!.holds);
  ok(events.includes("ConfigMap/data-shop DataRejected"), events.join("\n"));
  ok(events.includes(`Pod/${canary} DataPutBack`), events.join("\n"));
  await cluster.watchdog(canary, "info");
  await cluster.applyAll();
  await cluster.pass(300_000);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  equal(rollouts.putBackOf(judgedPod)!.holds, false);
});

Deno.test("a leader that ends between remembering and asking leaves no more than the share", async () => {
  await using cluster = await Cluster.start(8);
  const first = await cluster.judged();
  first.writer.refuse = ({ path }) => {
    if (path.includes("/pods/")) throw new Error("killed here");
  };
  cluster.push(1, 2);
  await cluster.pass(200);
  deepEqual(await cluster.asked(), Array(8).fill(1));
  const chosen = (await cluster.state()).sources.get("config")!.candidate!.canaries.map(({ name }) => name)
    .sort();
  equal(chosen.length, 2);
  await first.kill();
  await cluster.orchestrator();
  const asked = await cluster.asked();
  deepEqual(chosen, [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => asked[n] === 2).map((n) => `web-${n}`));
});

Deno.test("what a person wrote meanwhile is decided about, not overwritten", async () => {
  await using cluster = await Cluster.start();
  const { writer, written } = await cluster.judged();
  const wish = { do: "reject", version: version(2) } as const;
  const after = granted(await cluster.state(), "config", wish, cluster.clock.now());
  ok(!("problem" in after));
  // The person's write comes between the leader's look and its own.
  let raced = false;
  writer.slow = async () => {
    if (raced) return;
    raced = true;
    await cluster.core.namespace("autocrane").patchConfigMap("data-shop", {
      type: "merge",
      body: { data: { state: formatState(after.state) } },
    });
  };
  const before = written.length;
  cluster.push(1, 2);
  await cluster.pass(500);
  ok(raced);
  ok(before >= 1);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  equal((await cluster.state()).sources.get("config")!.rejected.length, 1);
});

Deno.test("a state that was lost is made anew from what pods have, and that is said", async () => {
  await using cluster = await Cluster.start();
  const { events } = await cluster.judged();
  await cluster.core.namespace("autocrane").deleteConfigMap("data-shop");
  await cluster.pass(500);
  equal((await cluster.state()).sources.get("config")!.knownGood!.version, version(1).version);
  ok(events.some((one) => one.endsWith("DataRebuilt")), events.join("\n"));
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
});

Deno.test("a state that cannot be read holds its namespace, which is said once, until it can", async () => {
  await using cluster = await Cluster.start();
  const { events, written } = await cluster.judged();
  const text = (await cluster.configMap())!.data!.state!;
  const write = (state: string) =>
    cluster.core.namespace("autocrane").patchConfigMap("data-shop", {
      type: "merge",
      body: { data: { state } },
    });
  await write("{");
  await cluster.pass(200);
  const before = written.length;
  cluster.push(1, 2);
  await cluster.pass(120_000);
  equal(written.length, before);
  equal(events.filter((one) => one === "ConfigMap/data-shop DataUnreadableState").length, 1);
  await write(text);
  await cluster.pass(500);
  ok((await cluster.asked()).includes(2));
});

Deno.test("a dry run writes nothing, and says each thing once", async () => {
  await using cluster = await Cluster.start();
  cluster.push(1);
  const { written, registry } = await cluster.orchestrator({ dryRun: true });
  await cluster.pass(180_000);
  deepEqual(written, []);
  deepEqual(await cluster.asked(), [0, 0, 0, 0]);
  const { values } = await registry.getSingleMetric("autocrane_orchestrate_data_requests_total")!.get();
  deepEqual(values.map(({ value, labels }) => [value, labels.outcome]), [[4, "dry-run"]]);
});

Deno.test("who does not lead writes nothing, and takes over where the other stopped", async () => {
  await using cluster = await Cluster.start();
  const first = await cluster.judged();
  const second = await cluster.orchestrator();
  second.leads = false;
  await second.rollouts.stop();
  const before = second.written.length;
  cluster.push(1, 2);
  await cluster.pass(500);
  equal(second.written.length, before);
  await first.kill();
  second.leads = true;
  await second.rollouts.start();
  await cluster.applyAll();
  await cluster.pass(70_000);
  deepEqual(await cluster.asked(), [2, 2, 2, 2]);
});

Deno.test("requests that others wrote are overwritten", async () => {
  await using cluster = await Cluster.start();
  await cluster.judged();
  await cluster.annotate("web-2", { "request.data.autocrane.io/config": "nonsense" });
  await cluster.pass(200);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
});

Deno.test("pods that come later get what is known good at once", async () => {
  await using cluster = await Cluster.start();
  await cluster.judged();
  await cluster.pod("web-9");
  await cluster.pass(200);
  equal(await cluster.askedOf("web-9"), 1);
});

Deno.test("nothing is asked in a namespace that is paused, and at once when it is no more", async () => {
  await using cluster = await Cluster.start();
  await cluster.judged();
  const pause = (value: string | null) =>
    cluster.core.patchNamespace("shop", {
      type: "merge",
      body: { metadata: { annotations: { "autocrane.io/pause": value } as Record<string, string> } },
    });
  await pause("true");
  await cluster.pass(100);
  cluster.push(1, 2);
  await cluster.pass(10_000);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  await pause(null);
  await cluster.pass(500);
  deepEqual((await cluster.asked()).sort(), [1, 1, 1, 2]);
});

Deno.test("pods of another repository and misplaced specs are told of once, and not managed", async () => {
  await using cluster = await Cluster.start(1);
  await cluster.pod("other", { "store.autocrane.io/url": "http://elsewhere" });
  await cluster.pod("misplaced", { "data.autocrane.io/x": "git:https://host/x.git" });
  const { events } = await cluster.begun();
  await cluster.pass(120_000);
  equal(await cluster.askedOf("other"), 0);
  equal(await cluster.askedOf("misplaced"), 1);
  deepEqual(events.filter((one) => one.endsWith("DataUnmanagedData")).sort(), [
    "Pod/misplaced DataUnmanagedData",
    "Pod/other DataUnmanagedData",
  ]);
});

Deno.test("pods whose sources find no room are told of once", async () => {
  await using cluster = await Cluster.start(1);
  const sources = Array.from({ length: maxSources }, (_, n) => `a-${n}`);
  for (let n = 0; n < sources.length; n += 60) {
    const some = sources.slice(n, n + 60).join();
    await cluster.pod(`many-${n}`, { "store.autocrane.io/data": some, "data.autocrane.io/config": "a-0" });
  }
  const { events } = await cluster.begun();
  await cluster.pass(120_000);
  equal(await cluster.askedOf("web-0"), 0);
  deepEqual(events.filter((one) => one.endsWith("DataUnmanagedData")), ["Pod/web-0 DataUnmanagedData"]);
});

Deno.test("each namespace has its own state, and the repository is told what to keep", async () => {
  await using cluster = await Cluster.start();
  await cluster.pod("far", {}, "depot");
  await cluster.judged();
  const names = (await cluster.core.namespace("autocrane").getConfigMapList()).items.map(({ metadata }) =>
    metadata!.name
  );
  deepEqual(names, ["data-depot", "data-shop"]);
  // A pod that has something else than the state names: it must not be deleted.
  await cluster.tell("web-0", 7, "failed", { fault: "network", live: version(9) });
  await cluster.pass(200);
  const kept = parseKept((await cluster.configMap())!.data!.kept!)!;
  deepEqual(kept.get("config")!.map(({ time }) => time).sort(), [1, 9]);
});

Deno.test("two hundred pods are asked many at a time, and not all at once", async () => {
  await using cluster = await Cluster.start(200);
  const process = await cluster.orchestrator();
  process.writer.slow = () => new Promise((resolve) => setTimeout(resolve, 0));
  cluster.push(1);
  await cluster.pass(1_000);
  ok((await cluster.asked()).every((n) => n === 1));
  equal(process.writer.most, 32);
});

Deno.test("a server that refuses a pod is asked again, ever later, and holds up no other", async () => {
  await using cluster = await Cluster.start();
  const process = await cluster.orchestrator();
  let tries = 0;
  process.writer.refuse = ({ path }) => {
    if (!path.endsWith("/web-1")) return;
    tries++;
    throw new Error("no");
  };
  cluster.push(1);
  await cluster.pass(20_000);
  deepEqual(await cluster.asked(), [1, 0, 1, 1]);
  ok(tries >= 3 && tries <= 6, `${tries} tries`);
  process.writer.refuse = () => {};
  await cluster.pass(60_000);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
});

Deno.test("while the state cannot be written nobody is asked for anything", async () => {
  await using cluster = await Cluster.start();
  const process = await cluster.orchestrator();
  process.writer.refuse = ({ path }) => {
    if (path.includes("/configmaps")) throw new Error("no");
  };
  cluster.push(1);
  await cluster.pass(10_000);
  deepEqual(await cluster.asked(), [0, 0, 0, 0]);
  process.writer.refuse = () => {};
  await cluster.pass(60_000);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
});

Deno.test("what follows waits for data to be decided about, but not for ever", async () => {
  await using cluster = await Cluster.start();
  const process = await cluster.judged();
  const answer = Promise.withResolvers<void>();
  process.writer.slow = () => answer.promise;
  cluster.push(1, 2);
  let over = false;
  const settled = process.rollouts.settle(5_000).then(() => over = true);
  await cluster.pass(4_900);
  equal(over, false);
  await cluster.pass(200);
  await settled;
  answer.resolve();
});
