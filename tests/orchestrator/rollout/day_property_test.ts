import { equal, ok } from "node:assert/strict";
import { hasLive } from "../../../lib/orchestrator/rollout/model.ts";
import type { ContentId } from "../../../lib/contract/ids.ts";
import { applied, version } from "./build.ts";
import { Stage } from "./stage.ts";

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
const step = 10;

/** A day of pushes every minute, with downloads that take so many seconds; how often a version was promoted. */
function pushedEveryMinute(download: number): number {
  const stage = new Stage();
  stage.settle(version(0), names);
  const askedAt = new Map<string, { readonly path: string; readonly at: number }>();
  const candidateSince = new Map<ContentId, number>();
  let promoted = 0;
  for (let second = 0; second < 86_400; second += step) {
    if (second % 60 === 0) stage.versions = [...stage.versions!.slice(-10), version(1 + second / 60)];
    const before = stage.source.knownGood;
    const { said } = stage.after(step);
    promoted += said.filter(({ rule }) => rule === "promoted").length;
    const { candidate, knownGood } = stage.source;
    if (candidate && !candidateSince.has(candidate.version.version)) {
      candidateSince.set(candidate.version.version, stage.now);
    }
    if (knownGood !== before) {
      const since = candidateSince.get(knownGood!.version)!;
      ok(stage.now - since >= stage.limits.probation, `${knownGood!.path} skipped its probation`);
    }
    for (const name of names) {
      const path = stage.asked(name)!;
      if (askedAt.get(name)?.path !== path) askedAt.set(name, { path, at: stage.now });
      const request = stage.pod(name).requests.get("maps")!;
      const ready = stage.now - askedAt.get(name)!.at >= download * 1000;
      if (ready && !("problem" in request) && !hasLive(stage.pod(name), "maps", request.version)) {
        stage.says(name, applied(request));
      }
    }
  }
  equal(stage.source.rejected.length, 0, "something was rejected");
  return promoted;
}

Deno.test("a push every minute for a day still promotes, each version after a whole probation", () => {
  const promoted = pushedEveryMinute(20);
  ok(promoted >= 130, `${promoted} promotions`);
});

Deno.test("a push every minute starves no download that takes longer than a minute", () => {
  const promoted = pushedEveryMinute(90);
  ok(promoted >= 70, `${promoted} promotions`);
});

Deno.test("a download that never ends in time promotes nothing and rejects nothing", () => {
  equal(pushedEveryMinute(3600), 0);
});
