/** What else happens to a deployer's link while it works. */
import { deepEqual, equal, match } from "node:assert/strict";
import { unmetLimit } from "../../../lib/data/deploy/deployer.ts";
import { until } from "../../cluster/support/wait.ts";
import { running } from "./running.ts";
import { expectTree } from "./stage.ts";

Deno.test("who shares its folder tells what the link says, and does not fight for it", () =>
  running(async (one) => {
    const { upstream, path, clock, ask, reaches, open, place, get } = one;
    const [mine, its] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    ask({ web: mine });
    await reaches("applied");
    const other = open();
    await place(other, its, { asked: [mine.digest, its.digest] });
    const status = await one.status();
    deepEqual([status?.state, status?.fault, status?.digest, status?.live?.digest], [
      "failed",
      "request",
      mine.digest,
      its.digest,
    ]);
    match(status!.message, /another deployer shares the folder/);
    await clock.advance(unmetLimit + 1);
    equal((await get("/watchdog")).code, 500);
    equal(await Deno.readLink(`${path}/web`), `.versions/${its.digest.slice(7)}`);
    await place(other, mine);
    const after = await one.status();
    deepEqual([after?.state, after?.live, (await get("/watchdog")).code], ["applied", undefined, 200]);
  }));

Deno.test("who shares its folder takes the link when another version is asked of it", () =>
  running(async (one) => {
    const { upstream, ask, reaches, open, place } = one;
    const versions = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    const third = await upstream.make({ a: "3" });
    ask({ web: versions[0] });
    await reaches("applied");
    await place(open(), versions[1]!);
    await reaches("failed");
    ask({ web: third });
    equal((await reaches("applied")).digest, third.digest);
    await expectTree(one, "tree-3");
  }));

Deno.test("a link that was moved while nothing is asked for is told as it is", () =>
  running(async ({ upstream, ask, reaches, open, place }) => {
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    ask({ web: first });
    await reaches("applied");
    ask({ web: undefined });
    await reaches("applied", ({ message }) => message !== "");
    await place(open(), second);
    await reaches("applied", ({ digest }) => digest === second.digest);
  }));

Deno.test("a link that was removed is put back, and what stands in its place is told and left alone", () =>
  running(async (one) => {
    const { upstream, path, clock, ask, reaches } = one;
    const version = await upstream.make({ a: "1" });
    ask({ web: version });
    await reaches("applied");
    await Deno.remove(`${path}/web`);
    equal((await one.status())?.state, "downloading");
    await reaches("applied");
    await expectTree(one, "tree-1");
    await Deno.remove(`${path}/web`);
    await Deno.symlink("/var/empty", `${path}/web`);
    const status = await reaches("failed");
    deepEqual([status.fault, await Deno.readLink(`${path}/web`)], ["disk", "/var/empty"]);
    match(status.message, /a link is there that no deployer made/);
    await Deno.remove(`${path}/web`);
    await until("it is put back", async () => {
      await clock.advance(1000);
      return (await one.status())?.state === "applied";
    });
  }));
