/** Annotations that are changed, or spoilt, while a deployer works. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { key, prefix } from "../../../lib/contract/keys.ts";
import { until } from "../../cluster/support/wait.ts";
import { type Running, running } from "./running.ts";
import { expectTree } from "./stage.ts";

/** A deployer with one version in place, and another one. */
function withTwo(
  work: (one: Running, first: DataVersion, second: DataVersion) => Promise<void>,
): Promise<void> {
  return running(async (one) => {
    const [first, second] = [await one.upstream.make({ a: "1" }), await one.upstream.make({ a: "2" })];
    one.ask({ web: first });
    await one.reaches("applied");
    await work(one, first, second);
  });
}

for (
  const [what, location, words] of [
    ["cannot be", "/etc", /location "\/etc" is in the system's \/etc/],
    ["is another one", "/elsewhere", /location is "\/elsewhere" now, and was ".+": restart the pod/],
  ] as const
) {
  Deno.test(`a location that ${what} is told while it is asked for, and what is in place stays`, () =>
    withTwo(async (one, first, second) => {
      const { ask, reaches } = one;
      ask({ web: second }, { [key.storeLocation]: location });
      const status = await reaches("failed");
      deepEqual([status.fault, status.digest, status.live?.digest], ["request", second.digest, first.digest]);
      match(status.message, words);
      await expectTree(one, "tree-1");
      ask({ web: second });
      await reaches("applied", ({ message }) => message === "");
      await expectTree(one, "tree-2");
    }));
}

Deno.test("of several problems those that are left are told", () =>
  withTwo(async ({ ask, reaches }, first) => {
    ask({ web: first }, { [key.storeUrl]: "ftp://x" });
    match((await reaches("failed")).message, /url is not a plain http/);
    ask({ web: first }, { [key.storeLocation]: "/etc" });
    match((await reaches("failed")).message, /location "\/etc"/);
    ask({ web: first });
    await reaches("applied", ({ message }) => message === "");
  }));

Deno.test("a request whose content is not its manifest's is refused once, until it is changed", () => {
  let attempts = 0;
  return running(async ({ upstream, clock, ask, reaches }) => {
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    ask({ web: { ...second, version: first.version } });
    equal((await reaches("failed")).fault, "request");
    await clock.advance(120_000);
    equal(attempts, 1);
    ask({ web: second });
    await reaches("applied");
  }, ({ upstream }) => ({
    sourceOf: () => {
      attempts++;
      return upstream.source;
    },
  }));
});

Deno.test("a request with another Hash is met, and its Hash is told back", () =>
  withTwo(async ({ ask, reaches }, first) => {
    const hash = "F".repeat(64);
    ask({ web: { ...first, hash } });
    equal((await reaches("applied")).hash, hash);
  }));

Deno.test("a notify that cannot be read fails the apply of a new version, which stays in place", () => {
  const told: string[] = [];
  const notify = `${prefix.dataNotify}web`;
  return running(async (one) => {
    const { upstream, path, ask, reaches, open } = one;
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    ask({ web: first }, { [notify]: "elsewhere:80/" });
    await reaches("applied");
    ask({ web: second }, { [notify]: "elsewhere:80/" });
    const status = await reaches("failed");
    deepEqual([status.fault, status.digest, status.live, told.length], [
      "request",
      second.digest,
      undefined,
      0,
    ]);
    match(status.message, /^The application cannot be told: .+web: /);
    await expectTree(one, "tree-2");
    equal(open().isUntold("web"), true);
    ask({ web: second }, { [notify]: "POD_IP:8080/reload" });
    await reaches("applied");
    deepEqual([told, await Deno.readLink(`${path}/web`)], [["web"], `.versions/${second.digest.slice(7)}`]);
  }, () => ({ notify: ({ name }) => Promise.resolve(void told.push(name)) }));
});

Deno.test("a data deployment that is taken out of the annotations keeps its link and files", () =>
  withTwo(async (one, first) => {
    one.ask({ other: first });
    await until("the other is there", async () => (await one.get("/startup")).code === 200);
    await expectTree(one, "tree-1");
  }));

Deno.test("before the annotations are known there is no report", () =>
  running(async ({ deployer, get }) => {
    deepEqual(await get("/status"), { code: 503, text: "the pod's annotations are not known yet\n" });
    deployer.observe({});
    deepEqual(await get("/status"), { code: 200, text: "{}" });
  }));
