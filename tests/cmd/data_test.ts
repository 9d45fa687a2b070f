import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { CoordinationV1Api } from "../../k8s/coordination_v1.ts";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import type { DataVersion } from "../../lib/contract/data_version.ts";
import { fieldManager, leaseName } from "../../lib/contract/programs.ts";
import { type EmbeddedCluster, startCluster } from "../../lib/embedded/cluster.ts";
import { emptySource, type RolloutState } from "../../lib/orchestrator/rollout/state.ts";
import { readHeld, writeState } from "../../lib/orchestrator/rollout/store.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { version } from "../support/data_version.ts";
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

  /** The orchestrator's Lease was renewed then. */
  async lease(renewed: Date): Promise<void> {
    const leases = new CoordinationV1Api(this.cluster.client).namespace("autocrane");
    const spec = {
      holderIdentity: "one",
      leaseDurationSeconds: 15,
      renewTime: renewed.toISOString().replace("Z", "000Z"),
    };
    await leases.deleteLease(leaseName.orchestrate).catch(() => {});
    await leases.createLease({ metadata: { name: leaseName.orchestrate }, spec });
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

  await test.step("without a state what pods have is told; where there is neither, it is not found", async () => {
    const [pods, neither, unknown] = await Promise.all([
      data.run("status", "--autocrane-namespace", "foo"),
      data.run("status", "-n", "empty"),
      data.run("status", "-n", "nope"),
    ]);
    equal(pods.code, 0);
    match(pods.err, /no ConfigMap foo\/data-shop.*--autocrane-namespace/);
    match(pods.out, /^config +no-version/m);
    deepEqual([neither.code, neither.out, unknown.code], [4, "", 4]);
    match(neither.err, /no ConfigMap autocrane\/data-empty/);
    match(unknown.err, /There is no namespace "nope"/);
  });

  await test.step("an order says who carries it out, and that nobody seems to", async () => {
    const nobody = await data.run("pause", "config");
    equal(nobody.code, 0);
    match(nobody.out, /the orchestrator will carry it out/);
    match(nobody.err, /No orchestrator seems to run: there is no Lease autocrane\/autocrane-orchestrate/);
    await data.lease(new Date());
    equal((await data.run("resume", "config")).err, "");
    await data.lease(new Date(Date.now() - 600_000));
    match((await data.run("pause", "config")).err, /was renewed last at \d{4}-/);
    match((await data.run("pause", "config")).err, /is paused already/);
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

Deno.test("what cannot be packed is said, and leaves nothing half-done", async () => {
  const folder = await Deno.makeTempDir();
  const at = (name: string) => join(folder, name);
  const names = async (inside = folder) =>
    (await Array.fromAsync(Deno.readDir(inside))).map(({ name }) => name);
  try {
    await Deno.mkdir(at("data"));
    await Deno.writeTextFile(at("data/file"), "text");
    await Deno.mkdir(at("refused"));
    await Deno.writeTextFile(at("refused/a file"), "text");
    await Deno.symlink("/etc/passwd", at("refused/link"));
    await Deno.mkdir(at("other"));
    await Deno.writeTextFile(at("other/file"), "");
    const before = (await names()).sort();
    const refused: [string, string, number, RegExp][] = [
      ["gone", "layout", 4, /there is no such folder/],
      ["data/file", "layout", 2, /it is no folder/],
      ["data", "data/layout", 2, /the layout lies in the folder/],
      ["data", "data", 2, /the layout lies in the folder/],
      ["refused", "a/new/layout", 1, /"link"/],
      ["data", "other", 1, /a folder with other things in it is there/],
      ["data", "other/file/layout", 1, /Cannot write the layout ".*": Not a directory/],
    ];
    const ended = await Promise.all(refused.map(([from, to]) => run("pack", at(from), "--to", at(to))));
    ended.forEach(({ code, err }, index) => {
      match(err, refused[index]![3]);
      equal(code, refused[index]![2], err);
    });
    deepEqual((await names()).sort(), before);
    deepEqual(await names(at("data")), ["file"]);

    const packed = await run("pack", at("data"), "--to", at("a/new/layout"));
    equal(packed.code, 0, packed.err);
    match(packed.err, /^Packed 1 entry in 1 layer: /);
    const whole = await names(at("a/new/layout/blobs/sha256"));
    equal((await run("pack", at("refused"), "--to", at("a/new/layout"))).code, 1);
    deepEqual(await names(at("a/new/layout/blobs/sha256")), whole);
    equal((await run("unpack", at("a/new/layout"), at("again"))).out, packed.out);
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
