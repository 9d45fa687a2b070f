/** Slow: kills a deployer, within this process, at every operation on the file system. */
import { deepEqual, ok, rejects } from "node:assert/strict";
import { Location } from "../../../lib/data/deploy/location.ts";
import { type Files, systemFiles } from "../../../lib/data/fetch/files.ts";
import type { Entry } from "../../../lib/data/version/entry.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { silentLog as log } from "../../support/silent_log.ts";
import type { Made } from "../fetch/upstream.ts";
import { type Planted, readTree, run } from "../version/support.ts";
import { type Death, DyingFiles } from "./dying_files.ts";
import { expectNothingLeft, onStage, type Stage } from "./stage.ts";

const large = new Uint8Array(1_200_000).map((_, i) => i % 253);

/** Some files more, so that there is more to be killed at. */
function small(version: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`n/${i}`, i % 2 ? "same" : `${version} ${i}`]),
  );
}

/** Each differs from the one before in every way in which trees can. */
const trees: Readonly<Record<string, Planted>>[] = [
  { ...small("1"), "a": "1", "sub/b": "2", "l": { link: "a" }, "hollow/": "", "large": large },
  {
    ...small("2"),
    "a": { program: "1" },
    "sub": "a file now",
    "l": { link: "hollow" },
    "hollow/c": "3",
    "large": large.map((byte, i) => i === 5 ? 1 : byte),
    "empty": "",
  },
  { ...small("3"), "a": "1", "sub/b": "4", "large": large },
];

/** A location with the first `count` of the versions put into it, one after the other. */
interface Case extends Omit<Stage, "place"> {
  readonly versions: readonly Made[];
  readonly trees: readonly (readonly Entry[])[];
  /** A fresh copy of the location. */
  reset(): Promise<void>;
  place(files: Files, version: Made): Promise<unknown>;
}

function inCase(count: number, work: (one: Case) => Promise<void>): Promise<void> {
  return onStage(async (stage) => {
    const { upstream, folder, path } = stage;
    const versions: Made[] = [];
    for (const tree of trees) versions.push(await upstream.make(tree));
    for (const version of versions.slice(0, count)) await stage.place(stage.open(), version);
    await Deno.rename(path, `${folder}/saved`);
    const place = (files: Files, version: Made) => {
      const location = new Location(path, { files, clock, log });
      return stage.place(location, version);
    };
    const reset = async () => {
      await systemFiles().removeTree(path);
      await run("cp", ["-a", `${folder}/saved`, path]);
    };
    const entries = await Promise.all(
      trees.map((_, index) => readTree(`${upstream.folder}/tree-${index + 1}`)),
    );
    await work({ ...stage, versions, trees: entries, reset, place });
  });
}

/** What a reader finds: one whole version of those given. */
async function expectWhole(path: string, allowed: readonly (readonly Entry[])[]): Promise<void> {
  const found = JSON.stringify(await readTree(path));
  ok(allowed.some((tree) => JSON.stringify(tree) === found), `a mix at ${path}: ${found}`);
}

for (const count of [0, 1, 2]) {
  for (const how of ["before", "halfway"] as Death[]) {
    Deno.test(`killed ${how} any operation, with ${count} versions before, a deployer goes on`, () =>
      inCase(count, async (one) => {
        const { path, versions, trees, reset, place } = one;
        const next = versions[count]!;
        const whole = new DyingFiles(Infinity, how);
        await reset();
        await place(whole.files, next);
        ok(whole.count > 15, `${whole.count} operations`);
        for (let at = 1; at <= whole.count; at++) {
          await reset();
          const dying = new DyingFiles(at, how);
          // What is killed while it removes old versions has swapped already.
          await place(dying.files, next).catch(() => {});
          ok(dying.count >= at, `it was not killed at operation ${at}`);
          if (await exists(`${path}/web`)) {
            await expectWhole(`${path}/web`, [trees[count]!, ...trees.slice(0, count)]);
          } else ok(count === 0, "the version in place is gone");
          await place(systemFiles(), next);
          await expectWhole(`${path}/web`, [trees[count]!]);
          const kept = versions.slice(Math.max(0, count - 1), count + 1);
          expectNothingLeft(one, { versions: kept, links: ["web"] });
        }
      }));
  }
}

Deno.test("killed again and again, 300 times at whatever operation, a deployer gets there", () =>
  inCase(1, async (one) => {
    const { path, versions, trees, reset, place } = one;
    for (let round = 0; round < 20; round++) {
      await reset();
      for (let kill = 0; kill < 15; kill++) {
        const at = 1 + (round * 7 + kill * 11) % 31;
        await place(new DyingFiles(at, kill % 2 ? "before" : "halfway").files, versions[1]!).catch(() => {});
      }
      await place(systemFiles(), versions[1]!);
      await expectWhole(`${path}/web`, [trees[1]!]);
      expectNothingLeft(one, { versions: versions.slice(0, 2), links: ["web"] });
    }
  }));

Deno.test("killed at any operation while it puts right what was altered, a deployer goes on", () =>
  inCase(2, async (one) => {
    const { path, versions, trees, reset, place } = one;
    const folder = `${path}/.versions/${versions[1]!.digest.slice(7)}`;
    const alter = () => {
      for (const name of ["", "/hollow"]) Deno.chmodSync(folder + name, 0o755);
      Deno.removeSync(`${folder}/large`);
      Deno.writeTextFileSync(`${folder}/large`, "altered");
      Deno.writeTextFileSync(`${folder}/hollow/stray`, "stray");
      Deno.removeSync(`${folder}/l`);
    };
    await reset();
    alter();
    const whole = new DyingFiles(Infinity, "before");
    await place(whole.files, versions[1]!);
    for (let at = 1; at <= whole.count; at++) {
      await reset();
      alter();
      await rejects(
        place(new DyingFiles(at, "halfway").files, versions[1]!).then(() => {
          throw new Error("it went on");
        }),
      );
      await place(systemFiles(), versions[1]!);
      await expectWhole(`${path}/web`, [trees[1]!]);
      deepEqual(await exists(`${folder}/hollow/stray`), false);
    }
  }));

function exists(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, () => false);
}
