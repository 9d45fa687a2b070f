import { deepEqual, rejects } from "node:assert/strict";
import type { ConfigMapList } from "../../../k8s/core_v1.ts";
import { formatKept } from "../../../lib/contract/data_catalogue.ts";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { key } from "../../../lib/contract/keys.ts";
import { keptIn } from "../../../lib/data/repository/kept.ts";

const { signal } = new AbortController();

const versionOf = (letter: string): DataVersion => ({
  path: `1-${letter.repeat(40)}.tar`,
  hash: letter.toUpperCase().repeat(64),
  time: 1,
  digest: `sha256:${letter.repeat(64)}` as DataVersion["digest"],
  version: `sha256:${letter.repeat(64)}` as DataVersion["version"],
});

/** An API with ConfigMaps of these fields, one a page. */
function api(...data: (Record<string, string> | undefined)[]) {
  const asked: unknown[] = [];
  return {
    asked,
    getConfigMapList(opts: Record<string, unknown> = {}): Promise<ConfigMapList> {
      asked.push(opts.labelSelector);
      const at = Number(opts.continue ?? 0);
      const items = data[at] === undefined && at >= data.length
        ? []
        : [{ metadata: { name: `m${at}` }, data: data[at] }];
      const next = at + 1 < data.length ? String(at + 1) : undefined;
      return Promise.resolve({ items, metadata: { continue: next } });
    },
  };
}

Deno.test("what all state ConfigMaps list is kept, whatever page they are on", async () => {
  const core = api(
    { kept: formatKept(new Map([["s", [versionOf("a")]], ["t", [versionOf("b")]]])) },
    { kept: formatKept(new Map([["s", [versionOf("c")]]])), state: "not ours" },
  );
  deepEqual(
    await keptIn(core).read(signal),
    new Map([["s", [versionOf("a"), versionOf("c")]], ["t", [versionOf("b")]]]),
  );
  deepEqual(core.asked, [key.dataState, key.dataState]);
});

Deno.test("no ConfigMap at all keeps nothing", async () => {
  deepEqual(await keptIn(api()).read(signal), new Map());
});

Deno.test("one ConfigMap that cannot be read makes all of it unknown, and is named", async () => {
  const good = { kept: "{}" };
  const bads: (Record<string, string> | undefined)[] = [
    undefined,
    {},
    { kept: "" },
    { kept: "[]" },
    { kept: '{"s":[{}]}' },
  ];
  for (const bad of bads) {
    await rejects(keptIn(api(good, bad)).read(signal), /the ConfigMap "m1" has no readable field "kept"/);
  }
});
