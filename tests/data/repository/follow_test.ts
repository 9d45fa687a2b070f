import { deepEqual } from "node:assert/strict";
import { sourceFollower } from "../../../lib/data/repository/follow.ts";
import type { Sources } from "../../../lib/data/repository/sources.ts";
import type { Log } from "../../../lib/runtime/log.ts";
import { silentLog } from "../../support/silent_log.ts";

Deno.test("a repository without any source says so, once", () => {
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warned.push(message) };
  const sources = { set: () => Promise.resolve() } as unknown as Sources;
  const follow = sourceFollower(sources, "", { log, signal: new AbortController().signal });
  follow({});
  follow({ other: "x" });
  deepEqual(warned, ["there is no source of data"]);
  follow({ "data.autocrane.io/shop": "dir:/mnt/shop" });
  follow({});
  deepEqual(warned.length, 2);
});
