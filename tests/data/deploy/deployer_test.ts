import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { prefix } from "../../../lib/contract/keys.ts";
import { unmetLimit } from "../../../lib/data/deploy/deployer.ts";
import { FetchFailure } from "../../../lib/data/fetch/blob_source.ts";
import { until } from "../../cluster/support/wait.ts";
import { hanging, running } from "./running.ts";
import { expectTree, namesIn } from "./stage.ts";

Deno.test("a new request ends the download for an older one at once", () => {
  const reads = { begun: 0, ended: 0 };
  let slow: DataVersion | undefined;
  return running(async (one) => {
    const { upstream, ask, reaches, status } = one;
    slow = await upstream.make({ a: "slow" });
    const quick = await upstream.make({ a: "quick" });
    ask({ web: slow });
    await until("it reads", () => reads.begun > 0);
    equal((await status())?.state, "downloading");
    ask({ web: quick });
    await reaches("applied", ({ digest }) => digest === quick.digest);
    await expectTree(one, "tree-2");
    equal(reads.ended, reads.begun);
  }, ({ upstream }) => ({
    sourceOf: ({ request }) =>
      request?.digest === slow?.digest ? hanging(upstream.source, reads) : upstream.source,
  }));
});

const faults = ["network", "repository", "digest", "content", "disk"] as const;
for (const fault of faults) {
  Deno.test(`a ${fault} fault is told, tried again, and leaves what is in place`, () => {
    let failing = false;
    let attempts = 0;
    return running(async (one) => {
      const { upstream, clock, ask, reaches, get } = one;
      const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
      ask({ web: first });
      await reaches("applied");
      failing = true;
      ask({ web: second });
      const status = await reaches("failed");
      deepEqual([status.fault, status.message, status.digest], [fault, "it did not work", second.digest]);
      deepEqual([status.live?.digest, (await get("/startup")).code], [first.digest, 200]);
      await expectTree(one, "tree-1");
      equal(attempts, 1);
      await clock.advance(1000);
      await until("it tries again", () => attempts === 2);
      failing = false;
      await until("it waits", () => clock.waiting > 1);
      await clock.advance(2000);
      await reaches("applied");
      await expectTree(one, "tree-2");
    }, ({ upstream }) => ({
      sourceOf: () => {
        if (!failing) return upstream.source;
        attempts++;
        return {
          ...upstream.source,
          manifest: () => Promise.reject(new FetchFailure(fault, "it did not work")),
        };
      },
    }));
  });
}

Deno.test("who cannot meet a request for ten minutes says so at /watchdog, whatever the wall clock does", () => {
  let failing = true;
  return running(async (one) => {
    const { upstream, clock, ask, reaches, get } = one;
    ask({ web: await upstream.make({ a: "1" }) });
    await reaches("failed");
    clock.jump(86_400_000);
    await clock.advance(unmetLimit - 1000);
    equal((await get("/watchdog")).code, 200);
    clock.jump(-172_800_000);
    await clock.advance(2000);
    const { code, text } = await get("/watchdog");
    equal(code, 500);
    match(text, /^data "web" could not be applied for \d+ s: no way\n$/);
    failing = false;
    await until("it is applied", async () => {
      await clock.advance(60_000);
      return (await one.status())?.state === "applied";
    });
    equal((await get("/watchdog")).code, 200);
  }, ({ upstream }) => ({
    sourceOf: () =>
      failing
        ? { ...upstream.source, manifest: () => Promise.reject(new FetchFailure("network", "no way")) }
        : upstream.source,
  }));
});

Deno.test("while nothing is asked for, what is there stays and nothing is wrong", () =>
  running(async (one) => {
    const { clock, ask, get, upstream, reaches } = one;
    equal((await get("/startup")).text, "the pod's annotations are not known yet\n");
    ask({ web: undefined });
    deepEqual(await get("/startup"), { code: 500, text: 'data "web" has no version yet\n' });
    await until("it is told", async () => (await get("/status")).text.includes("nothing is asked for yet"));
    await clock.advance(2 * unmetLimit);
    equal((await get("/watchdog")).code, 200);
    const version = await upstream.make({ a: "1" });
    ask({ web: version });
    await reaches("applied");
    ask({ web: undefined });
    equal((await reaches("applied", ({ message }) => message !== "")).digest, version.digest);
    await expectTree(one, "tree-1");
  }));

Deno.test("annotations that never come are trouble after ten minutes", () =>
  running(async ({ clock, get }) => {
    await clock.advance(unmetLimit + 1);
    deepEqual(await get("/watchdog"), { code: 500, text: "the pod's annotations are not known yet\n" });
  }));

Deno.test("a pod without data is ready at once", () =>
  running(async ({ deployer, get }) => {
    deployer.observe({});
    deepEqual([(await get("/startup")).code, (await get("/status")).text, deployer.isMet()], [
      200,
      "{}",
      true,
    ]);
  }));

Deno.test("a request that cannot be read fails, and the next one is met", () =>
  running(async ({ upstream, ask, reaches, clock, get }) => {
    const version = await upstream.make({ a: "1" });
    ask({ web: version });
    await reaches("applied");
    ask({}, { [`${prefix.data}web`]: "web", [`${prefix.dataRequest}web`]: "%" });
    const status = await reaches("failed");
    deepEqual([status.fault, status.digest], ["request", version.digest]);
    await clock.advance(unmetLimit + 1);
    equal((await get("/watchdog")).code, 500);
    ask({ web: version });
    await reaches("applied");
    equal((await get("/watchdog")).code, 200);
  }));

Deno.test("a data deployment that is taken out of the annotations is told of no more", () =>
  running(async ({ upstream, ask, reaches, get }) => {
    ask({ web: await upstream.make({ a: "1" }) });
    await reaches("applied");
    ask({});
    equal((await get("/status")).text, "{}");
  }));

Deno.test("an application is told again until it takes the version, which stays in place", () => {
  const told: string[] = [];
  let refuse = true;
  return running(async (one) => {
    const { upstream, clock, ask, reaches } = one;
    const notify = { [`${prefix.dataNotify}web`]: "POD_IP:8080/reload" };
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    ask({ web: first }, notify);
    await reaches("applied");
    equal(told.length, 0);
    ask({ web: second }, notify);
    const status = await reaches("failed");
    deepEqual([status.fault, status.digest, status.live], ["notify", second.digest, undefined]);
    await expectTree(one, "tree-2");
    ok((await Deno.stat(`${one.path}/.versions/.untold-web`)).isFile);
    refuse = false;
    await until("it waits", () => clock.waiting > 1);
    await clock.advance(1000);
    await reaches("applied");
    deepEqual(told, ["web", "web"]);
    equal(
      namesIn(`${one.path}/.versions`).some((name) => name.startsWith(".untold")),
      false,
    );
  }, () => ({
    notify: ({ name }) => {
      told.push(name);
      return refuse ? Promise.reject(new FetchFailure("notify", "no")) : Promise.resolve();
    },
  }));
});

Deno.test("an application that was not told before the deployer was killed is told after its restart", () => {
  const told: string[] = [];
  return running(async ({ upstream, path, ask, reaches, open, place }) => {
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    await place(open(), first);
    await open().place(
      { name: "web", version: second, source: upstream.source, tell: true, asked: () => [] },
      new AbortController().signal,
    );
    ok((await Deno.stat(`${path}/.versions/.untold-web`)).isFile);
    ask({ web: second }, { [`${prefix.dataNotify}web`]: "POD_IP:8080/reload" });
    await reaches("applied");
    deepEqual(told, ["web"]);
  }, () => ({ notify: ({ name }) => Promise.resolve(void told.push(name)) }));
});

Deno.test("what is altered in place is found within a quarter of an hour, and put right", () =>
  running(async (one) => {
    const { upstream, path, clock, ask, reaches } = one;
    const version = await upstream.make({ "a/b": "right", c: "c" });
    ask({ web: version });
    await reaches("applied");
    const state = `${path}/.versions/.state-${version.digest.slice(7)}`;
    await until("it was scrubbed once", async () => {
      await clock.advance(10_000);
      return (await Deno.readTextFile(state)).includes('"Synced":true');
    });
    const file = `${path}/web/a/b`;
    await Deno.chmod(file, 0o644);
    await Deno.writeTextFile(file, "wrong");
    await Deno.utime(file, 0, 0);
    await until("it is right again", async () => {
      await clock.advance(60_000);
      return await Deno.readTextFile(file) === "right";
    });
    await reaches("applied");
    await expectTree(one, "tree-1");
  }));

Deno.test("what is asked for while an older request is being met is not told as applied", () => {
  const reads = { begun: 0, ended: 0 };
  let third: DataVersion | undefined;
  let interrupt = () => {};
  return running(async ({ upstream, ask, reaches, status }) => {
    const notify = { [`${prefix.dataNotify}web`]: "POD_IP:8080/reload" };
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    third = await upstream.make({ a: "3" });
    ask({ web: first }, notify);
    await reaches("applied");
    interrupt = () => ask({ web: third }, notify);
    ask({ web: second }, notify);
    await until("the third is read", () => reads.begun > 0);
    const now = await status();
    deepEqual([now?.state, now?.digest, now?.live?.digest], ["downloading", third!.digest, second.digest]);
  }, ({ upstream }) => ({
    sourceOf: ({ request }) =>
      request?.digest === third?.digest ? hanging(upstream.source, reads) : upstream.source,
    notify: () => Promise.resolve(interrupt()),
  }));
});
