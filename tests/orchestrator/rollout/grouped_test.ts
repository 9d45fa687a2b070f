import { deepEqual } from "node:assert/strict";
import { deployedSources, groupedBySource } from "../../../lib/orchestrator/rollout/grouped.ts";
import type { DataPod } from "../../../lib/orchestrator/rollout/model.ts";
import { dataPod } from "./build.ts";

const named = (pods: readonly DataPod[] | undefined) => pods?.map(({ name }) => name);

Deno.test("pods are found by the sources that they deploy, by name, whether they count or not", () => {
  const twice = [{ name: "a", source: "maps" }, { name: "b", source: "maps" }, {
    name: "c",
    source: "fonts",
  }];
  const groups = groupedBySource([
    dataPod("z", { deployments: twice }),
    dataPod("b", { evicted: true }),
    dataPod("c", { otherRepository: true }),
    dataPod("a"),
  ]);
  const maps = groups.get("maps");
  deepEqual([named(maps?.present), named(maps?.all), named(maps?.elsewhere)], [
    ["a", "z"],
    ["a", "b", "z"],
    ["c"],
  ]);
  deepEqual(named(groups.get("fonts")?.present), ["z"]);
});

Deno.test("dependents are found by their node while they fail, and make no source by themselves", () => {
  const changes = { deployments: [], deps: ["maps", "maps"], failing: ["x"] };
  const groups = groupedBySource([
    dataPod("ill", changes),
    dataPod("far", { ...changes, node: "n2" }),
    dataPod("well", { ...changes, failing: [] }),
    dataPod("nowhere", { ...changes, node: "" }),
    dataPod("ended", { ...changes, finished: true }),
  ]);
  const ill = groups.get("maps")?.illDependents;
  deepEqual([...ill!].map(([node, pods]) => [node, named(pods)]), [["n2", ["far"]], ["n1", ["ill"]]]);
  deepEqual(deployedSources(groups), []);
});

Deno.test("a source that pods of another repository alone deploy, or pods that ended, is not deployed", () => {
  const groups = groupedBySource([
    dataPod("a", { otherRepository: true }),
    dataPod("b", { terminating: true }),
    dataPod("c", { deployments: [{ name: "d", source: "fonts" }, { name: "e", source: "art" }] }),
  ]);
  deepEqual(deployedSources(groups), ["art", "fonts"]);
});
