import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { Repository } from "../../../lib/data/repository/repository.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../cluster/support/wait.ts";
import { silentLog } from "../../support/silent_log.ts";
import { inFolder } from "../version/support.ts";
import { Stage } from "./stage.ts";

Deno.test("a push becomes a version that is served, and the next one takes one layer and one file", async () => {
  await using stage = await Stage.start();
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`d/${i}`, `content ${i}\n`]));
  const commit = await stage.upstream.push(files);
  stage.follow("s:git:UPSTREAM");
  const first = await stage.version("s", commit);
  const layers = await layersOf(stage, first.digest);
  ok(layers.length > 1);
  const second = await stage.push({ "d/7": "changed\n" });
  const changed = (await layersOf(stage, second.digest)).filter((digest) => !layers.includes(digest));
  equal(changed.length, 1);
  match(second.path, /^[0-9a-f]+-[0-9a-f]{40}\.tar$/);
});

Deno.test("the same content is the same version, however it comes; content that comes back becomes the newest", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const first = await stage.version("s", commit);
  await stage.upstream.push({});
  stage.parts.sources.poke("s");
  await until("it looked", async () => (await looks(stage)) === 2);
  deepEqual((await stage.source("s"))!.versions, [first]);
  const second = await stage.push({ f: "2" });
  const back = await stage.push({ f: "1" });
  equal(back.version, first.version);
  equal(back.digest, first.digest);
  deepEqual((await stage.source("s"))!.versions, [second, back]);
});

Deno.test("after a restart everything is served at once, with the upstream away", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const version = await stage.version("s", commit);
  await stage.close();
  await Deno.rename(stage.upstream.bare, `${stage.upstream.bare}.away`);
  await stage.open();
  deepEqual((await stage.source("s"))!.versions, [version]);
  equal((await stage.app.request(`/v2/s/manifests/${version.digest}`)).status, 200);
});

Deno.test("an upstream that is down changes nothing, is told with since when, and is read again by itself", async () => {
  await using stage = await Stage.start({ every: 100 });
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM;d:dir:/gone/for/ever");
  const version = await stage.version("s", commit);
  await Deno.rename(stage.upstream.bare, `${stage.upstream.bare}.away`);
  const { trouble, versions } = await until("the trouble is told", async () => {
    const source = await stage.source("s");
    return source?.trouble && source;
  });
  match(trouble!.message, /^Cannot ask the upstream/);
  ok(Math.abs(trouble!.since - Date.now() / 1000) < 10);
  deepEqual(versions, [version]);
  match(
    (await stage.source("d"))!.trouble!.message,
    /^Cannot read the folder "\/gone\/for\/ever".*Is it mounted/,
  );
  match(await stage.registry.metrics(), /looks_total\{source="s",result="failed"\} [1-9]/);
  await Deno.rename(`${stage.upstream.bare}.away`, stage.upstream.bare);
  await until("the trouble is over", async () => !(await stage.source("s"))!.trouble);
  match(await stage.registry.metrics(), /trouble_seconds\{source="s"\} 0\n/);
});

Deno.test("a spec that cannot be read disables its source alone", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("good:git:UPSTREAM;bad:azkv:x;worse:git:https://u:secret@h/r", {
    "data.autocrane.io/odd": "no colon",
  });
  await stage.version("good", commit);
  match((await stage.source("bad"))!.trouble!.message, /DataRepo__Sources the provider "azkv" is gone/);
  match((await stage.source("odd"))!.trouble!.message, /data\.autocrane\.io\/odd is no source/);
  const worse = (await stage.source("worse"))!.trouble!.message;
  match(worse, /has credentials in its URL/);
  ok(!worse.includes("secret"));
});

Deno.test("sources come, change and go while the repository runs", async () => {
  await using stage = await Stage.start();
  const one = await stage.upstream.push({ "a/f": "1", "b/f": "2" });
  stage.follow("s:git:UPSTREAM#:a");
  const a = await stage.version("s", one);
  stage.follow("s:git:UPSTREAM#:b;t:git:UPSTREAM");
  await until("both are there", async () => (await stage.source("s"))!.versions.length === 2);
  await stage.version("t", one);
  const [first, second] = (await stage.source("s"))!.versions;
  deepEqual(first, a);
  ok(second!.version !== a.version);
  stage.follow("t:git:UPSTREAM");
  await until("it is not followed", () => stage.parts.sources.poke("s") === undefined);
  equal((await stage.source("s"))!.versions.length, 2);
});

Deno.test("a tree that breaks the format is refused once, told, and what was there stays", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const good = await stage.version("s", commit);
  const link = `${stage.root}/link`;
  await Deno.writeTextFile(link, "../../etc/passwd");
  const blob = (await stage.upstream.git("hash-object", "-w", link)).trim();
  await stage.upstream.git("update-index", "--add", "--cacheinfo", `120000,${blob},evil`);
  await stage.upstream.git("commit", "-q", "-m", "evil");
  await stage.upstream.git("push", "-q", "origin", "HEAD:main");
  stage.parts.sources.poke("s");
  const trouble = await until("the trouble is told", async () => (await stage.source("s"))!.trouble);
  match(trouble.message, /"evil"/);
  deepEqual((await stage.source("s"))!.versions, [good]);
  await stage.upstream.git("rm", "-q", "--cached", "evil");
  await stage.push({ f: "2" });
  equal((await stage.source("s"))!.trouble, undefined);
});

Deno.test("a folder is a source, and a change in it a version", async () => {
  await using stage = await Stage.start({ every: 50 });
  const folder = `${stage.root}/folder`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/f`, "1");
  stage.follow(`d:dir:${folder}`);
  const first = await until("it is packed", async () => (await stage.source("d"))?.versions[0]);
  equal(first.path, `${first.time.toString(16)}-${first.version.slice(7, 47)}.tar`);
  await Deno.writeTextFile(`${folder}/f`, "22");
  await until("the change is packed", async () => (await stage.source("d"))!.versions.length === 2);
});

Deno.test("versions whose blobs are gone are forgotten at the start, and packed again", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const version = await stage.version("s", commit);
  const [layer] = await layersOf(stage, version.digest);
  await stage.close();
  await Deno.remove(`${stage.archive}/blobs/sha256/${layer!.slice(7)}`);
  await stage.open();
  deepEqual((await stage.source("s"))!.versions, []);
  stage.follow("s:git:UPSTREAM");
  equal((await stage.version("s", commit)).digest, version.digest);
});

Deno.test("a catalogue that cannot be read is refused by name, and the store is free again", () =>
  inFolder(async (folder) => {
    const { signal } = new AbortController();
    const open = () => Repository.open({ folder, clock: systemClock, log: silentLog, signal });
    const path = `${folder}/catalogue.json`;
    await Deno.writeTextFile(path, "{");
    await rejects(open(), /Cannot read the catalogue ".*\/catalogue\.json": .*delete it/);
    await Deno.remove(path);
    using _repository = await open();
  }));

async function layersOf(stage: Stage, digest: string): Promise<string[]> {
  const answer = await stage.app.request(`/v2/s/manifests/${digest}`);
  return (await answer.json()).layers.map((layer: { digest: string }) => layer.digest);
}

async function looks(stage: Stage): Promise<number> {
  const lines = (await stage.registry.metrics()).split("\n").filter((line) => line.includes("looks_total{"));
  return lines.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
}
