import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Location } from "../../../lib/data/deploy/location.ts";
import { scrub } from "../../../lib/data/deploy/scrub.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import type { Made } from "../fetch/upstream.ts";
import { expectTree, forever, namesIn, onStage, type Stage } from "./stage.ts";

/** A location with one version in place, and its folder. */
function inPlace(
  work: (one: Stage & { version: Made; live: string; location: Location }) => Promise<void>,
): Promise<void> {
  return onStage(async (stage) => {
    const version = await stage.upstream.make({
      "a/b": "one",
      "a/c": "two",
      "l": { link: "a/b" },
      "hollow/": "",
      "z": "",
    });
    const location = stage.open();
    await stage.place(location, version);
    await work({ ...stage, version, location, live: `${stage.path}/.versions/${version.digest.slice(7)}` });
  });
}

/** Writes over a file and lets it look as before. */
function alterSecretly(path: string): void {
  Deno.chmodSync(path, 0o644);
  const file = Deno.openSync(path, { write: true });
  file.writeSync(new TextEncoder().encode("X"));
  file.utimeSync(0, 0);
  file.close();
  Deno.chmodSync(path, 0o444);
}

const unreachable = {
  manifest: () => Promise.reject(new Error("away")),
  read: () => Promise.reject(new Error("away")),
};

const alterations: [string, (live: string) => void][] = [
  ["a file's content", (live) => Deno.writeTextFileSync(`${live}/a/b`, "three")],
  ["a file's content, though it looks the same", (live) => alterSecretly(`${live}/a/b`)],
  ["a file that is gone", (live) => Deno.removeSync(`${live}/a/c`)],
  ["a folder in a file's place", (live) => {
    Deno.removeSync(`${live}/a/c`);
    Deno.mkdirSync(`${live}/a/c/d`, { recursive: true });
  }],
  ["a link in a file's place", (live) => {
    Deno.removeSync(`${live}/a/c`);
    Deno.symlinkSync("/etc/passwd", `${live}/a/c`);
  }],
  ["a link that leads elsewhere", (live) => {
    Deno.removeSync(`${live}/l`);
    Deno.symlinkSync("/etc", `${live}/l`);
  }],
  ["a folder that is gone", (live) => Deno.removeSync(`${live}/a`, { recursive: true })],
  ["an empty folder that is gone", (live) => Deno.removeSync(`${live}/hollow`)],
  ["a file that does not belong there", (live) => Deno.writeTextFileSync(`${live}/hollow/stray`, "x")],
  ["a folder that does not belong there", (live) => Deno.mkdirSync(`${live}/x/y`, { recursive: true })],
];
for (const [what, alter] of alterations) {
  Deno.test(`the scrub finds ${what}, and it is put right where it stands`, () =>
    inPlace(async (one) => {
      const { live, location, version, place, path } = one;
      for (const folder of ["", "/a", "/hollow"]) await Deno.chmod(live + folder, 0o755);
      alter(live);
      equal(await scrub(version.digest, { location, clock }, forever), false);
      await location.store.distrust(version.digest);
      await place(location, version);
      await expectTree(one, "tree-1");
      equal(await scrub(version.digest, { location, clock }, forever), true);
      equal(await Deno.readLink(`${path}/web`), `.versions/${version.digest.slice(7)}`);
      deepEqual(namesIn(`${path}/.versions`).filter((name) => /partial|gone|tmp/.test(name)), []);
    }));
}

Deno.test("a version is known to be on the disk once it was scrubbed, and then trusted after a restart", () =>
  inPlace(async ({ open, location, version, live }) => {
    equal(location.store.inPlace("web")?.path, version.path);
    equal(open().store.inPlace("web"), undefined);
    const restarted = open();
    await restarted.start([version.digest], forever);
    equal(restarted.store.inPlace("web")?.path, version.path);
    await scrub(version.digest, { location, clock }, forever);
    equal(open().store.inPlace("web")?.path, version.path);
    ok((await Deno.stat(live)).isDirectory);
  }));

Deno.test("a file that a power cut emptied is found at the start, and put right", () =>
  inPlace(async (one) => {
    const { open, place, version, live } = one;
    await Deno.truncate(`${live}/a/b`);
    await Deno.utime(`${live}/a/b`, 0, 0);
    const restarted = open();
    await restarted.start([version.digest], forever);
    equal(restarted.store.inPlace("web"), undefined);
    await place(restarted, version);
    await expectTree(one, "tree-1");
    equal(restarted.store.inPlace("web")?.path, version.path);
  }));

Deno.test("what does not belong into a version is removed at a restart, and when it is asked for again", () =>
  inPlace(async (one) => {
    const { upstream, open, place, location, version, live } = one;
    await scrub(version.digest, { location, clock }, forever);
    const add = async () => {
      await Deno.chmod(live, 0o755);
      await Deno.writeTextFile(`${live}/extra`, "x");
    };
    await add();
    const restarted = open();
    await restarted.start([version.digest], forever);
    await place(restarted, version, { source: unreachable });
    await expectTree(one, "tree-1");
    await place(restarted, await upstream.make({ a: "2" }));
    await add();
    await place(restarted, version);
    await expectTree(one, "tree-1");
  }));

Deno.test("what is put right has no times of its own", () =>
  inPlace(async (one) => {
    const { live, location, version, place } = one;
    await Deno.chmod(`${live}/a`, 0o755);
    await Deno.remove(`${live}/a/b`);
    await place(location, version);
    for (const path of ["", "/a", "/a/b", "/l", "/hollow"]) {
      equal((await Deno.lstat(live + path)).mtime?.getTime(), 0, path);
    }
  }));

Deno.test("what is only touched is not fetched again", () =>
  inPlace(async (one) => {
    const { open, place, version, live } = one;
    await Deno.utime(`${live}/a/b`, 1, 1);
    const restarted = open();
    await restarted.start([version.digest], forever);
    await place(restarted, version, { source: unreachable });
    equal((await Deno.stat(`${live}/a/b`)).mtime?.getTime(), 0);
  }));

Deno.test("what is known of a version may be lost or altered: it is read again, and stays in place meanwhile", () =>
  inPlace(async (one) => {
    const { open, place, path, version } = one;
    const state = `${path}/.versions/.state-${version.digest.slice(7)}`;
    for (const spoil of [() => Deno.removeSync(state), () => Deno.writeTextFileSync(state, "{")]) {
      spoil();
      const restarted = open();
      await restarted.start([version.digest], forever);
      await rejects(place(restarted, version, { source: unreachable }), /away/);
      await expectTree(one, "tree-1");
      await place(restarted, version);
      equal(restarted.store.inPlace("web")?.path, version.path);
    }
  }));

Deno.test("files of the version before that were altered are not taken over", () =>
  inPlace(async (one) => {
    const { upstream, open, place, live, version } = one;
    await Deno.chmod(`${live}/a/b`, 0o644);
    await Deno.writeTextFile(`${live}/a/b`, "xyz");
    const next = await upstream.make({ "a/b": "one", "a/c": "three" });
    const location = open();
    location.store.trust(version.digest);
    await place(location, next);
    await expectTree(one, "tree-2");
  }));

Deno.test("who may not write to folders that are read-only removes them all the same", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/a/b`, { recursive: true });
  await Deno.writeTextFile(`${folder}/a/b/c`, "x", { mode: 0o444 });
  for (const path of ["a/b", "a", ""]) await Deno.chmod(`${folder}/${path}`, 0o555);
  await systemFiles().removeTree(folder);
  await systemFiles().removeTree(folder);
  equal(await Deno.stat(folder).catch(() => "gone"), "gone");
});
