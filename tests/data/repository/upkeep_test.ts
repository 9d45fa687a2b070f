import { deepEqual, equal, match } from "node:assert/strict";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { Digest } from "../../../lib/contract/ids.ts";
import type { KeptReader } from "../../../lib/data/repository/kept.ts";
import type { Log } from "../../../lib/runtime/log.ts";
import { Stage, type StageOptions } from "./stage.ts";

const calm = new AbortController().signal;

/** What is kept, as a test says. */
class Kept implements KeptReader {
  versions: DataVersion[] = [];
  broken = false;

  read(): Promise<Map<string, DataVersion[]>> {
    if (this.broken) return Promise.reject(new Error("the API server is away"));
    return Promise.resolve(new Map([["s", this.versions]]));
  }
}

/** A stage with so many versions of its source `s`. */
async function withVersions(count: number, options: StageOptions): Promise<[Stage, DataVersion[]]> {
  const stage = await Stage.start(options);
  const commit = await stage.upstream.push({ f: "0" });
  stage.follow("s:git:UPSTREAM");
  const versions = [await stage.version("s", commit)];
  for (let i = 1; i < count; i++) versions.push(await stage.push({ f: `${i}` }));
  return [stage, versions];
}

/** A log of warnings as lines. */
function logTo(lines: string[]): Log {
  const line: Log["warn"] = (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { debug() {}, info() {}, warn: line, error: line };
}

const left = async (stage: Stage) => (await stage.source("s"))!.versions;
const blobs = ({ parts }: Stage) => parts.repository.store.blobs.list().length;

Deno.test("versions beyond the last N go with their blobs, and those that somebody keeps stay", async () => {
  const kept = new Kept();
  const [stage, versions] = await withVersions(5, { kept, keepLast: 2 });
  await using _ = stage;
  kept.versions = [versions[1]!];
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), [versions[1], versions[3], versions[4]]);
  equal(blobs(stage), 3 * 3);
  kept.versions = [];
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), [versions[3], versions[4]]);
  equal(blobs(stage), 2 * 3);
  equal(await stage.metric("deletes_nothing"), "0");
});

Deno.test("nothing is deleted while it is not known what is kept, nor ever without a cluster", async () => {
  const kept = new Kept();
  kept.broken = true;
  const lines: string[] = [];
  const [stage, versions] = await withVersions(3, { kept, keepLast: 1, log: logTo(lines) });
  await using _ = stage;
  await stage.parts.upkeep.turn(calm);
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), versions);
  equal(await stage.metric("deletes_nothing"), "1");
  equal(lines.filter((line) => line.includes("nothing is deleted")).length, 1, "it is said once");
  const [alone, all] = await withVersions(2, { keepLast: 1 });
  await using __ = alone;
  await alone.parts.upkeep.turn(calm);
  deepEqual(await left(alone), all);
});

Deno.test("young versions stay, and what was kept a moment ago", async () => {
  const kept = new Kept();
  const [stage, versions] = await withVersions(3, { kept, keepLast: 1, graceSeconds: 600 });
  await using _ = stage;
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), versions);
});

Deno.test("blobs are not deleted under somebody who was just shown them", async () => {
  const kept = new Kept();
  const [stage, [old]] = await withVersions(3, { kept, keepLast: 1, blobGraceMs: 600_000 });
  await using _ = stage;
  const manifest = await (await stage.app.request(`/v2/s/manifests/${old!.digest}`)).json();
  await stage.parts.upkeep.turn(calm);
  equal((await left(stage)).length, 1);
  const layer = await stage.app.request(`/v2/s/blobs/${manifest.layers[0].digest}`);
  equal(layer.status, 200);
  await layer.body!.cancel();
});

Deno.test("a reader in the middle of a blob reads on while it is deleted", async () => {
  const kept = new Kept();
  const [stage, [old]] = await withVersions(2, { kept, keepLast: 1 });
  await using _ = stage;
  const { layers } = await (await stage.app.request(`/v2/s/manifests/${old!.digest}`)).json();
  const url = `/v2/s/blobs/${layers[0].digest}`;
  const answer = await stage.app.request(url);
  await stage.parts.upkeep.turn(calm);
  equal((await stage.app.request(url)).status, 404);
  equal((await answer.arrayBuffer()).byteLength, layers[0].size);
});

Deno.test("a version that somebody keeps and that is lost is packed again from its commit", async () => {
  const kept = new Kept();
  const [stage, versions] = await withVersions(3, { kept, keepLast: 1 });
  await using _ = stage;
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), [versions[2]]);
  kept.versions = [versions[0]!];
  await stage.parts.upkeep.turn(calm);
  deepEqual(await left(stage), [versions[0], versions[2]]);
  equal(await stage.metric("lost_versions"), "0");
  equal((await stage.app.request(`/v2/s/manifests/${versions[0]!.digest}`)).status, 200);
  const next = await stage.push({ f: "after" });
  deepEqual((await left(stage)).at(-1), next);
});

Deno.test("what cannot be restored is told, counted, and not tried all the time", async () => {
  const kept = new Kept();
  const lines: string[] = [];
  const [stage, [version]] = await withVersions(1, { kept, log: logTo(lines) });
  await using _ = stage;
  const other = `sha256:${"a".repeat(64)}`;
  kept.versions = [{
    ...version!,
    version: other as DataVersion["version"],
    digest: other as Digest,
  }, {
    ...version!,
    path: `1-${"0".repeat(40)}.tar`,
    version: `sha256:${"b".repeat(64)}` as DataVersion["version"],
  }];
  await stage.parts.upkeep.turn(calm);
  await stage.parts.upkeep.turn(calm);
  equal(await stage.metric("lost_versions"), "2");
  const told = lines.filter((line) => line.includes("cannot restore"));
  equal(told.length, 2);
  match(told[0]!, /has other content/);
  match(told[1]!, /Cannot fetch from the upstream|Cannot find a commit/);
  deepEqual(await left(stage), [version]);
});
