import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { DataVersion } from "../../lib/contract/data_version.ts";
import type { ContentId } from "../../lib/contract/ids.ts";
import { ending, printed, withRights } from "./support/command_line.ts";
import { source } from "./support/data_ground.ts";
import { isAt, requestOf } from "./support/data_sightings.ts";
import { onStage, type Stage } from "./support/data_stage.ts";
import { pass, until } from "./support/wait.ts";

/** Canaries are in probation for as long as a test takes: what goes on is what a person said. */
const test = onStage({ workloads: 1, replicas: 4, probation: 600 });

/** What `status` tells of the source. */
interface Told {
  readonly is: string;
  readonly knownGood: { readonly Path: string } | null;
  readonly candidate: { readonly Path: string } | null;
  readonly rejected: readonly { readonly Path: string; readonly by: string; readonly why: string }[];
  readonly canaries: readonly { readonly pod: string }[];
}

function say(stage: Stage, action: string, ...args: string[]): Promise<string> {
  return printed(stage.cluster, "data", action, ...args, "-n", stage.namespace);
}

async function status(stage: Stage): Promise<Told> {
  const [told] = JSON.parse(await say(stage, "status", source, "-o", "json"));
  return told;
}

/** A version as people write it: its commit's beginning. */
const commit = ({ path }: Pick<DataVersion, "path">) => path.split("-")[1]!.slice(0, 7);

function asked(stage: Stage, { version }: { readonly version: ContentId }): number {
  return stage.pods().filter((pod) => requestOf(pod)?.version === version).length;
}

/** Pushes a version and waits until its one canary has it. */
async function canaried(stage: Stage): Promise<DataVersion> {
  const version = await stage.push();
  await until("its canary has it", () => stage.pods().some((pod) => isAt(pod, version.version)));
  equal(asked(stage, version), 1);
  return version;
}

/** A version that everybody has, promoted by hand. */
async function promoted(stage: Stage): Promise<DataVersion> {
  if ((await status(stage)).candidate) await say(stage, "promote", source);
  const version = await canaried(stage);
  await say(stage, "promote", source);
  await stage.reached(version);
  return version;
}

test("status and history tell what is known good, what is tried, on which pods, and what happened", async (stage) => {
  const before = await promoted(stage);
  const version = await canaried(stage);
  const canary = stage.pods().find((pod) => isAt(pod, version.version))!.metadata!.name;
  const told = await until("the canary is told", async () => {
    const told = await status(stage);
    return told.canaries.length > 0 && told;
  });
  deepEqual([told.knownGood?.Path, told.candidate?.Path], [before.path, version.path]);
  equal(told.canaries.length, 1);
  ok(told.canaries[0]!.pod.endsWith(canary!));
  const table = await say(stage, "status");
  match(table, new RegExp(`^SOURCE .+\n${source} .+${commit(before)}.+${commit(version)}.+ 4\n`));
  match(table, /3 x .+, 1 x |1 x .+, 3 x /);
  match(await say(stage, "history", source), new RegExp(`promoted .*${commit(before)}`));

  await say(stage, "promote", source);
  await stage.reached(version);
});

test("a version that a person rejects goes back at once, and is asked for again only after unreject", async (stage) => {
  const before = await promoted(stage);
  const version = await canaried(stage);
  await say(stage, "reject", source, commit(version), "--why", "prices are wrong");
  await stage.reached(before);
  const { rejected } = await status(stage);
  const [one] = rejected.filter(({ Path }) => Path === version.path);
  equal(one?.by, "person");
  match(one!.why, /prices are wrong/);
  await pass(1500);
  equal(asked(stage, version), 0);

  await say(stage, "unreject", source, commit(version));
  await until("it is tried again", () => asked(stage, version) === 1);
  await say(stage, "promote", source);
  await stage.reached(version);
});

test("a pinned version goes to everybody at once, and unpin leads back to the known good one", async (stage) => {
  const old = await promoted(stage);
  const known = await promoted(stage);
  await say(stage, "pin", source, commit(old));
  await stage.reached(old);
  await say(stage, "unpin", source);
  await stage.reached(known);
});

test("rollback gives everybody the known good version before, and rejects the one they had", async (stage) => {
  const old = await promoted(stage);
  const bad = await promoted(stage);
  await say(stage, "rollback", source);
  await stage.reached(old);
  ok((await status(stage)).rejected.some(({ Path }) => Path === bad.path));
  equal(asked(stage, bad), 0);
});

test("while a source is paused nothing is begun, and it goes on with resume", async (stage) => {
  await promoted(stage);
  await say(stage, "pause", source);
  const version = await stage.push();
  await pass(1500);
  equal(asked(stage, version), 0);
  await say(stage, "resume", source);
  await until("its canary is asked for it", () => asked(stage, version) === 1);
  await say(stage, "promote", source);
  await stage.reached(version);
});

test("what cannot be done ends with a code that says why, and changes nothing", async (stage) => {
  const { cluster, namespace } = stage;
  match(await ending(cluster, 4, "data", "promote", "nothing", "-n", namespace), /no source "nothing"/);
  match(await ending(cluster, 4, "data", "pin", source, "0000000", "-n", namespace), /0000000/);
  match(await ending(cluster, 2, "data", "pin", source, "-n", namespace), /SOURCE VERSION/);
  await withRights(cluster, "data", [], async () => {
    match(await ending(cluster, 3, "data", "status", "-n", namespace), /pods/);
  });
});
