/**
 * A repository for a test to kill: it looks at its upstream all the time, and keeps as little as it may.
 * Arguments: the store, the scratch folder, the upstream.
 *
 * @module
 */
import { sourceFollower } from "../../../lib/data/repository/follow.ts";
import { openParts } from "../../../lib/data/repository/parts.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { Guard } from "../../../lib/runtime/guard.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { silentLog } from "../../support/silent_log.ts";
import { noSecrets } from "../source/sources.ts";

const [archive = "", scratch = "", upstream = ""] = Deno.args;
const { signal } = new AbortController();
const { sources, upkeep } = await openParts({
  archive,
  scratch,
  every: 20,
  keepLast: 2,
  hookSecretFile: "",
  secrets: noSecrets,
  kept: { read: () => Promise.resolve(new Map()) },
  graceSeconds: -1,
  blobGraceMs: -1,
  guard: Guard.start({ clock: systemClock }),
  env: { PATH: Deno.env.get("PATH")! },
  metrics: new Registry(),
  clock: systemClock,
  log: silentLog,
  signal,
});
sourceFollower(sources, `s:git:${upstream}`, { log: silentLog, signal })({});
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 30));
  await upkeep.turn(signal);
}
