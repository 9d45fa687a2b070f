import { deepEqual, equal, match } from "node:assert/strict";
import { prefix } from "../../../lib/contract/keys.ts";
import { configuredSources } from "../../../lib/data/repository/configured.ts";

Deno.test("sources are those of the setting and of the annotations", () => {
  const annotations = { [`${prefix.data}b`]: "git@https://host/r.git", other: "x:y" };
  const { sources, problems } = configuredSources(annotations, " a:git:/r.git#main:x ; ;c:dir:/data ");
  deepEqual([...sources], [
    ["a", { kind: "git", url: "/r.git", ref: "main", path: "x" }],
    ["c", { kind: "dir", path: "/data" }],
    ["b", { kind: "git", url: "https://host/r.git", ref: undefined, path: "" }],
  ]);
  deepEqual(problems, []);
});

Deno.test("what cannot be read is told with where it stands, and the rest counts", () => {
  const annotations = { [`${prefix.data}bad`]: "nonsense", [`${prefix.data}a`]: "dir:/other" };
  const { sources, problems } = configuredSources(annotations, "a:dir:/data;b@d:dir:/x;v2:dir:/x;alone");
  deepEqual(sources.get("a"), { kind: "dir", path: "/data" });
  match(
    (sources.get("bad") as { problem: string }).problem,
    /^data\.autocrane\.io\/bad is no source: expected/,
  );
  match((sources.get("alone") as { problem: string }).problem, /^DataRepo__Sources is no source/);
  equal(problems.length, 3);
  match(problems[0]!, /^DataRepo__Sources: the source "b@d" /);
  match(problems[1]!, /^DataRepo__Sources: the source "v2" has a name that is a route's/);
  match(problems[2]!, /the source "a" is in DataRepo__Sources already/);
});

Deno.test("nothing is configured where nothing is said", () => {
  deepEqual(configuredSources({}, ""), { sources: new Map(), problems: [] });
});
