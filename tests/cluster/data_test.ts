import { deepEqual, equal, ok } from "node:assert/strict";
import type { ContentId } from "../../lib/contract/ids.ts";
import { source } from "./support/data_ground.ts";
import { requestOf } from "./support/data_sightings.ts";
import { onStage, type Stage } from "./support/data_stage.ts";
import { health } from "./support/probing.ts";
import type { Program } from "./support/program.ts";
import { until } from "./support/wait.ts";

const [workloads, replicas] = [5, 4];
/** A quarter of the pods. */
const share = workloads * replicas / 4;

const test = onStage({ workloads, replicas });

/** How far a version came among the pods of the stage, in the order in which they were asked for it. */
function asked(stage: Stage, version: ContentId) {
  return stage.sightings.get(stage.namespace)!.asked(version);
}

/** Nobody but the canaries was asked for a version before all of them had it and had been probed since. */
function canariedFirst(stage: Stage, version: ContentId): void {
  const others = asked(stage, version).slice(share);
  deepEqual(others.filter(({ judged }) => judged < share), []);
}

/** What would be others if a process or a pod were another one. */
function processes(stage: Stage): string[] {
  return stage.pods().map((pod) => `${pod.metadata!.uid} ${stage.node.deployer(pod).process.pid}`).sort();
}

test("a source's first version goes to everyone, and a pod is ready once it has it", async (stage) => {
  const version = (await stage.repository.newest(source))!;
  await stage.reached(version);
  for (const pod of stage.pods()) {
    equal(await stage.read(pod, "folder/release"), stage.release);
    ok(stage.node.deployer(pod).process.alive);
  }
  for (let n = 1; n <= workloads; n++) await stage.cluster.readyPods(stage.namespace, `app-${n}`, replicas);
});

test("a push goes to the canary share first, over all workloads, then everywhere, and nothing restarts", async (stage) => {
  const before = processes(stage);
  const { version } = await stage.push();
  await stage.reached({ version });
  const canaries = asked(stage, version).slice(0, share);
  equal(new Set(canaries.map(({ workload }) => workload)).size, workloads);
  canariedFirst(stage, version);
  equal(asked(stage, version).length, stage.size);
  for (const pod of stage.pods()) equal(await stage.read(pod, "folder/release"), stage.release);
  deepEqual(processes(stage), before);
});

test("a bad push goes back by itself, is rejected, and nobody but the canaries ever got it", async (stage) => {
  const before = processes(stage);
  const good = (await stage.repository.newest(source))!;
  const bad = await stage.push("bad");
  await until("a canary is asked for it", () => asked(stage, bad.version).length > 0);
  await stage.reached(good);
  ok(asked(stage, bad.version).length <= share, `${asked(stage, bad.version).length} pods were asked for it`);
  await until("every watchdog is well again", () => stage.pods().every((pod) => health(pod) === "info"));
  // It is still the newest, and stays unwanted: the next push is canaried, and it is not asked for again.
  const { version } = await stage.push();
  await stage.reached({ version });
  ok(asked(stage, bad.version).length <= share);
  deepEqual(processes(stage), before);
});

test("a leader that is killed in the middle of a rollout is followed by one that finishes it", async (stage) => {
  const [leader] = stage.orchestrators() as [Program];
  const standBy = await stage.orchestrate("listening");
  const { version } = await stage.push();
  await until("a canary is asked for it", () => asked(stage, version).length > 0);
  leader.process.signal("SIGKILL");
  await standBy.said("leading");
  await stage.reached({ version });
  canariedFirst(stage, version);
  ok(stage.pods().every((pod) => requestOf(pod)?.version === version));
});
