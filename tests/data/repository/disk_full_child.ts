/**
 * A repository whose store is on a small disk of its own, mounted by who starts this: what it says and does when
 * there is no room. Arguments: the store's folder, the disk's folder for scratch. It fails where a promise is broken.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { Stage } from "./stage.ts";

const [archive = "", scratch = ""] = Deno.args;

await using stage = await Stage.start({ archive });
const commit = await stage.upstream.push({ small: "1" });
stage.follow("s:git:UPSTREAM");
const good = await stage.version("s", commit);
const blobs = () => Array.from(Deno.readDirSync(`${archive}/blobs/sha256`), ({ name }) => name).sort();
const before = blobs();

const large = Array.from({ length: 80 }, () => crypto.getRandomValues(new Uint8Array(65_536)));
await stage.upstream.push(Object.fromEntries(large.map((bytes, i) => [`large/${i}`, bytes])));
stage.parts.sources.poke("s");
const { message } = await until("it is told", async () => (await stage.source("s"))!.trouble);
match(message, /^There is no room for a new version: .*Give DataRepo__ArchivePath/);
equal(await stage.metric("disk_full"), "1");
deepEqual((await stage.source("s"))!.versions, [good]);
equal((await stage.app.request(`/v2/s/manifests/${good.digest}`)).status, 200);
equal((await stage.app.request(`/s/${good.path}`)).status, 200);
deepEqual(blobs(), before);
deepEqual([...Deno.readDirSync(`${archive}/.writing`)], []);

await stage.upstream.git("rm", "-q", "-r", "large");
await stage.push({ small: "2" });
equal((await stage.source("s"))!.trouble, undefined);
equal(await stage.metric("disk_full"), "0");

// The scratch folder on a full disk: git cannot write.
await Deno.symlink(scratch, `${stage.root}/scratch/t`);
await stage.upstream.push(Object.fromEntries(large.map((bytes, i) => [`large/${i}`, bytes])));
stage.follow("s:git:UPSTREAM;t:git:UPSTREAM");
const told = await until("it is told", async () => (await stage.source("t"))!.trouble);
match(told.message, /room/);
