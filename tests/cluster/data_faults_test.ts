import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { formatDataRequest } from "../../lib/contract/data_version.ts";
import { key, prefix } from "../../lib/contract/keys.ts";
import { home } from "./support/cluster.ts";
import { source } from "./support/data_ground.ts";
import { dataName, isAt, requestOf, statusOf } from "./support/data_sightings.ts";
import { onStage, type Stage, startDeployer } from "./support/data_stage.ts";
import { again, patchMetadata, runPod } from "./support/probing.ts";
import { pass, until } from "./support/wait.ts";

const test = onStage({ workloads: 1, replicas: 3, namespaces: 2 });

function forge(stage: Stage, pod: Pod, value: string): Promise<Pod> {
  return patchMetadata(stage.cluster, pod, { annotations: { [prefix.dataRequest + dataName]: value } });
}

async function rebuilt(stage: Stage): Promise<string> {
  return await until("an Event says that the state was rebuilt", async () => {
    const events = await stage.cluster.events(stage.namespace);
    return events.find(({ reason, note }) => /rebuilt/i.test(`${reason} ${note}`))?.note;
  });
}

test("while the repository is down pods keep what they have, and deployers that restart do too", async (stage) => {
  const before = await stage.push();
  for (const namespace of stage.namespaces) await stage.reached(before, namespace);
  const release = stage.release;
  await stage.repository.stop();
  await stage.publish();
  for (const pod of stage.pods()) {
    await stage.node.deployer(pod).process.end();
    await stage.node.restartDeployer(pod);
    const status = await until("the deployer tells what it has", async () => {
      const answer = await fetch(`http://${pod.status!.podIP}:8082/startup`);
      await answer.body?.cancel();
      return answer.ok && statusOf(await again(stage.cluster, pod));
    });
    equal(status.version, before.version);
    equal(await stage.read(pod, "folder/release"), release);
  }
  ok(stage.pods().every((pod) => isAt(pod, before.version)));

  await stage.repository.restart();
  const after = await until("the repository has what was pushed meanwhile", async () => {
    const newest = await stage.repository.newest(source);
    return newest?.version !== before.version && newest;
  });
  for (const namespace of stage.namespaces) await stage.reached(after, namespace);
});

test("a request that somebody else wrote is overwritten, whatever it says", async (stage) => {
  const [pod] = stage.pods() as [Pod];
  const { version } = requestOf(pod)!;
  const known = (await stage.repository.source(source)).versions;
  const other = known.find((one) => one.version !== version) ?? { ...known[0]!, path: "0-0000000.tar" };
  for (const value of [formatDataRequest(other), "no base64!", ""]) {
    const forged = await forge(stage, pod, value);
    await until("it is asked for what it had", async () => {
      const now = await again(stage.cluster, pod);
      return now.metadata!.resourceVersion !== forged.metadata!.resourceVersion && isAt(now, version);
    });
  }
  await stage.settled();
});

test("state that is lost is rebuilt from what the pods have, nobody is asked for anything, and it is said", async (stage) => {
  const requests = () => stage.pods().map((pod) => pod.metadata!.annotations![prefix.dataRequest + dataName]);
  const before = requests();
  const maps = stage.cluster.core.namespace(home);
  const name = `data-${stage.namespace}`;
  const { uid, labels } = (await maps.getConfigMap(name)).metadata!;
  equal(labels![key.dataState], stage.namespace);
  await maps.deleteConfigMap(name);
  await rebuilt(stage);
  const kept = await until("the state is written anew", async () => {
    const map = await maps.getConfigMap(name).catch(() => undefined);
    return map !== undefined && map.metadata!.uid !== uid && map.data!.kept;
  });
  ok(kept.includes(requestOf(stage.pods()[0]!)!.digest));
  deepEqual(requests(), before);
  // It is as good as the one before: the next push takes its way.
  await stage.reached(await stage.push());
});

test("a version that is bad in one namespace is rejected there and reaches everyone in the other", async (stage) => {
  const [one, other] = stage.namespaces as [string, string];
  await stage.reached(await stage.push(), other);
  const before = requestOf(stage.pods(other)[0]!)!;
  const version = await stage.push(`bad in ${other}`);
  await stage.reached(version, one);
  const asked = () => stage.sightings.get(other)!.asked(version.version);
  await until("a canary was asked for it there as well", () => asked().length > 0);
  await stage.reached(before, other);
  equal(asked().length, 1);
  ok(stage.pods(one).every((pod) => isAt(pod, version.version)));
});

test("a push with a wrong signature changes nothing", async (stage) => {
  const before = (await stage.repository.source(source)).versions;
  await stage.publish();
  const status = await stage.repository.poke(source, "a guess");
  ok(status === 401 || status === 403, `HTTP ${status}`);
  await pass(1000);
  deepEqual((await stage.repository.source(source)).versions, before);
  // The true one finds what was published all the while.
  equal(Math.floor(await stage.repository.poke(source) / 100), 2);
  const after = await until("the repository has it", async () => {
    const newest = await stage.repository.newest(source);
    return newest?.version !== before.at(-1)!.version && newest;
  });
  await stage.reached(after);
});

test("the init container of older manifests ends with 0 once its pod's data is in place", async (stage) => {
  const { cluster, namespace, node, repository } = stage;
  const annotations = { [prefix.data + dataName]: source, [key.storeUrl]: repository.url };
  const pod = await runPod(cluster, namespace, { name: "older", annotations });
  try {
    await until("the node has its volume", () => node.has(pod));
    await using init = await startDeployer(cluster, node.settings(pod), "datadeployinit");
    equal(await init.process.exit(30_000), 0, init.process.output());
    equal(await stage.read(pod, "health"), "good");
  } finally {
    await cluster.core.namespace(namespace).deletePod("older", { gracePeriodSeconds: 0 });
    await until("it is gone", () => stage.pods().length === stage.size);
  }
});
