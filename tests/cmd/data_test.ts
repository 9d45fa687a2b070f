import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import type { DataVersion } from "../../lib/contract/data_version.ts";
import { fieldManager } from "../../lib/contract/programs.ts";
import { type EmbeddedCluster, startCluster } from "../../lib/embedded/cluster.ts";
import { emptySource, type RolloutState } from "../../lib/orchestrator/rollout/state.ts";
import { readHeld, writeState } from "../../lib/orchestrator/rollout/store.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { version } from "../orchestrator/rollout/in_cluster.ts";
import { silentLog } from "../support/silent_log.ts";
import { autocrane, type Ended } from "./run.ts";

/** What `autocrane data` prints, with a cluster of its own where the test needs one. */
class Data implements AsyncDisposable {
  readonly cluster: EmbeddedCluster;
  readonly #kubeconfig: string;

  private constructor(cluster: EmbeddedCluster, kubeconfig: string) {
    this.cluster = cluster;
    this.#kubeconfig = kubeconfig;
  }

  /** A cluster in whose namespace `shop` version 2 of `config` is known to be good, and was 1 before. */
  static async start(): Promise<Data> {
    const cluster = await startCluster({ clock, log: silentLog });
    const core = new CoreV1Api(cluster.client);
    for (const name of ["shop", "autocrane", "empty"]) await core.createNamespace({ metadata: { name } });
    await core.namespace("shop").createPod({
      metadata: { name: "web-1", annotations: { "data.autocrane.io/config": "config" } },
      spec: { nodeName: "n1", containers: [{ name: "app", image: "app" }] },
    });
    const source = { ...emptySource, knownGood: version(2), previous: version(1) };
    const state: RolloutState = { sources: new Map([["config", source]]) };
    await writeState(
      { client: cluster.client, own: "autocrane", fieldManager: fieldManager.orchestrate },
      "shop",
      undefined,
      { state, notes: {} },
    );
    return new Data(cluster, await cluster.kubeconfig("shop"));
  }

  run(...args: string[]): Promise<Ended> {
    return run(...args, "--kubeconfig", this.#kubeconfig);
  }

  async knownGood(): Promise<DataVersion | undefined> {
    const core = new CoreV1Api(this.cluster.client).namespace("autocrane");
    const held = readHeld(await core.getConfigMap("data-shop"))!;
    return (held.state as RolloutState).sources.get("config")!.knownGood;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}

function run(...args: string[]): Promise<Ended> {
  return autocrane(args, { program: "data" });
}

Deno.test("people see how sources stand, and decide about them", async (test) => {
  await using data = await Data.start();

  await test.step("status is a table, and for scripts JSON", async () => {
    const { code, out } = await data.run("status");
    equal(code, 0);
    match(out, /^SOURCE +IS +KNOWN GOOD +CANDIDATE +WAITING +REJECTED +PODS\nconfig +spreading +2-00000002/);
    const [one] = JSON.parse((await data.run("status", "config", "-o", "json")).out);
    equal(one.knownGood.Digest, version(2).digest);
  });

  await test.step("an order is written, said, and kept in the history", async () => {
    const { code, out } = await data.run("rollback", "config");
    equal(code, 0);
    match(out, /^config: back from 2-00000002 to 1-00000001\n/);
    equal((await data.knownGood())!.digest, version(1).digest);
    match((await data.run("history", "config")).out, /rolled-back +back from 2-00000002 to 1-00000001/);
  });

  await test.step("what is not there is not found, with what there is", async () => {
    const all = await Promise.all([
      data.run("status", "prices"),
      data.run("pin", "config", "beef"),
      data.run("history", "config", "-n", "empty"),
    ]);
    deepEqual(all.map(({ code }) => code), [4, 4, 4]);
    match(all[0]!.err, /no source "prices" in the namespace "shop": the known ones are config/);
    match(all[1]!.err, /No version is called "beef"/);
    match(all[2]!.err, /no ConfigMap autocrane\/data-empty/);
  });

  await test.step("a namespace without a state is no failure, but said", async () => {
    const { code, out, err } = await data.run("status", "-n", "empty");
    deepEqual([code, out], [0, ""]);
    match(err, /no ConfigMap autocrane\/data-empty.*--autocrane-namespace/);
  });
});

Deno.test("a folder that is packed and unpacked is the same, and its digest is told last", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [from, layout, to] = ["from", "layout", "to"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await Deno.mkdir(from);
    await Deno.writeTextFile(join(from, "a file"), "text");
    const packed = await run("pack", from, "--to", layout);
    equal(packed.code, 0);
    match(packed.out, /^sha256:[0-9a-f]{64}\n$/);
    const unpacked = await run("unpack", layout, to);
    deepEqual([unpacked.code, unpacked.out], [0, packed.out]);
    equal(await Deno.readTextFile(join(to, "a file")), "text");
    const again = await run("unpack", layout, to);
    equal(again.code, 1);
    match(again.err, /it is there already/);
  } finally {
    await removeTree(folder);
  }
});

Deno.test("what an action does not take is wrong use, said with what it takes", async () => {
  const wrong: [string[], RegExp][] = [
    [[], /missing required argument 'action'/],
    [["explain"], /Allowed choices are status, history/],
    [["pin", "config"], /Write autocrane data pin SOURCE VERSION/],
    [["pack", "folder"], /Write autocrane data pack DIR --to LAYOUT/],
    [["pause", "config", "--why", "x"], /--why belongs to reject/],
  ];
  const ended = await Promise.all(wrong.map(([args]) => run(...args)));
  ended.forEach(({ code, err }, index) => {
    equal(code, 2, err);
    match(err, wrong[index]![1]);
  });
});

/** Unpacked folders are read-only. */
async function removeTree(folder: string): Promise<void> {
  await new Deno.Command("chmod", { args: ["-R", "u+w", folder] }).output();
  await Deno.remove(folder, { recursive: true });
}
