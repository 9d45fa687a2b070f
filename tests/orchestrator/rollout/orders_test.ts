import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { parseKept } from "../../../lib/contract/data_catalogue.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { carryOut, type Order } from "../../../lib/orchestrator/rollout/orders.ts";
import { statusOf } from "../../../lib/orchestrator/rollout/status.ts";
import { renderedHistory, renderedStatus } from "../../../lib/orchestrator/rollout/status_text.ts";
import { exitCode, type Failure } from "../../../lib/runtime/failure.ts";
import { version } from "../../support/data_version.ts";
import { Cluster, judged } from "./in_cluster.ts";
import { limits } from "./orchestrator_process.ts";

function order(cluster: Cluster, one: Order, source = "config", namespace = "shop") {
  const { client, clock } = cluster;
  return carryOut(
    { client, own: "autocrane", fieldManager: fieldManager.data, clock },
    namespace,
    source,
    one,
  );
}

function status({ client, clock }: Cluster, repositoryUrl = "http://elsewhere") {
  return statusOf({
    client,
    own: "autocrane",
    proberFieldManager: fieldManager.watchdogprober,
    going: { ...limits, repositoryUrl },
    now: clock.now(),
  }, "shop");
}

Deno.test("a version that a person pins goes to everybody, also one that only the repository remembers", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2, 3);
  await cluster.pass(200);
  const said = await order(cluster, { do: "pin", version: version(2).digest });
  match(said[0]!.words, /everybody gets/);
  const kept = parseKept((await cluster.configMap())!.data!.kept!)!;
  ok(kept.get("config")!.some(({ digest }) => digest === version(2).digest));
  await cluster.pass(200);
  deepEqual(await cluster.asked(), [2, 2, 2, 2]);
  await order(cluster, { do: "unpin" });
  await cluster.pass(200);
  deepEqual((await cluster.asked()).filter((n) => n === 2), []);
});

Deno.test("a pin lets nothing be deleted where it cannot be read what is kept", async () => {
  const { cluster, orchestrator } = await judged();
  await using _ = cluster;
  cluster.push(1, 2);
  await cluster.pass(200);
  await orchestrator.kill();
  for (const kept of ["{", null]) {
    await cluster.core.namespace("autocrane").patchConfigMap("data-shop", {
      type: "merge",
      body: { data: { kept } as Record<string, string> },
    });
    await order(cluster, { do: "pin", version: version(2).digest });
    equal((await cluster.configMap())!.data!.kept, kept ?? undefined);
    await order(cluster, { do: "unpin" });
  }
});

Deno.test("rejected by a person, a version goes back and its reason stays to be read", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2);
  await cluster.pass(200);
  await order(cluster, { do: "reject", version: version(2).path, why: "prices are wrong" });
  await cluster.pass(200);
  deepEqual(await cluster.asked(), [1, 1, 1, 1]);
  const { held } = await status(cluster);
  const history = renderedHistory(held!.state.sources.get("config")!, "table");
  match(history, /REJECTED +TIME +BY +WHY\n2-00000002 .* person +a person said so: prices are wrong/);
  await order(cluster, { do: "unreject", version: version(2).path });
  await cluster.pass(200);
  ok((await cluster.asked()).includes(2));
});

Deno.test("a rejected content that comes again is the same one under each of its names, for every order", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2);
  await cluster.pass(200);
  await order(cluster, { do: "reject", version: version(2).path, why: "prices are wrong" });
  const again = { ...version(2), path: "3-7e7764e0.tar", time: 3 };
  cluster.catalogue = new Map([["config", { versions: [version(1), again] }]]);
  await cluster.pass(60_000);

  const [told] = (await status(cluster)).sources;
  match(
    told!.why.join("\n"),
    /newest version 3-7e7764e0 is never asked for: a person rejected .* as 2-00000002/,
  );
  match(told!.why.join("\n"), /prices are wrong/);
  for (const name of ["7e7764e", "2-00000002", version(2).version]) {
    await rejects(order(cluster, { do: "pin", version: name }), /is rejected: unreject it first/);
    await rejects(order(cluster, { do: "reject", version: name }), /is rejected already/);
  }
  await order(cluster, { do: "unreject", version: "7e7764e" });
  equal((await cluster.state()).sources.get("config")!.rejected.length, 0);
});

Deno.test("a version of which only the rejection is known is found, and cannot be pinned", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2);
  await cluster.pass(200);
  await order(cluster, { do: "reject", version: version(2).path });
  await cluster.pass(200);
  await cluster.applyAll();
  cluster.push(1);
  await cluster.pass(60_000);
  await rejects(order(cluster, { do: "pin", version: "2-0000" }), /is rejected, and no more is known of it/);
  await order(cluster, { do: "unreject", version: "2-0000" });
});

Deno.test("an order that meets another's write is carried out on what that wrote", async () => {
  await using cluster = (await judged()).cluster;
  await Promise.all([
    order(cluster, { do: "pause" }),
    order(cluster, { do: "reject", version: version(1).path }),
  ]);
  const source = (await cluster.state()).sources.get("config")!;
  ok(source.pausedAt !== undefined);
  equal(source.rejected.length, 1);
});

Deno.test("what cannot be ordered is said, with what there is instead", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2);
  await cluster.pass(200);
  const refused = async (one: Order, code: number, words: RegExp, ...where: string[]) => {
    await rejects(order(cluster, one, ...where), (error: Failure) => {
      equal(error.exitCode, code);
      match(error.message, words);
      return true;
    });
  };
  const { notFound, couldNot } = exitCode;
  await refused({ do: "pause" }, notFound, /no source "prices".*the known ones are config/, "prices");
  await refused({ do: "pause" }, notFound, /no ConfigMap autocrane\/data-depot/, "config", "depot");
  await refused({ do: "pin", version: "beef" }, notFound, /No version is called "beef".*2-00000002/);
  await refused({ do: "pin", version: "0000" }, notFound, /may be any of 2 versions/);
  await refused({ do: "unreject", version: "1-0000" }, couldNot, /1-00000001 is not rejected/);
  await refused({ do: "pause" }, notFound, /no namespace "nope"/, "config", "nope");
  await refused({ do: "unpin" }, couldNot, /nothing is pinned/);
  await refused({ do: "rollback" }, couldNot, /before/);
  await cluster.core.namespace("autocrane").patchConfigMap("data-shop", {
    type: "merge",
    body: { data: { state: "{" } },
  });
  await refused({ do: "pause" }, couldNot, /Cannot read ConfigMap autocrane\/data-shop: it is not JSON/);
});

Deno.test("how a source stands is told with the limits and versions that AutoCrane goes by", async () => {
  await using cluster = (await judged()).cluster;
  cluster.push(1, 2, 3);
  await cluster.pass(200);
  const { sources } = await status(cluster);
  const table = renderedStatus(sources, "table");
  match(table, /^SOURCE +IS +KNOWN GOOD +CANDIDATE +WAITING +REJECTED +PODS\n/);
  match(table, /^config +probation +1-00000001 +3-00000003 +- +0 +4$/m);
  match(table, /^config: pods have: 4 x 1-00000001$/m);
  match(renderedStatus(sources, "wide"), /^config: canary web-\d: asked: /m);
  const [one] = JSON.parse(renderedStatus(sources, "json"));
  equal(one.candidate.Digest, version(3).digest);
  equal(one.pods[0].pods, 4);
});

Deno.test("without a state what pods have is told all the same", async () => {
  await using cluster = await Cluster.start(2);
  const { held, sources } = await status(cluster, "http://datarepo");
  equal(held, undefined);
  equal(sources.length, 1);
  equal(renderedStatus([], "table"), "");
});
