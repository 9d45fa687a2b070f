import { deepEqual, equal } from "node:assert/strict";
import type { Event } from "../../../../k8s/core_v1.ts";
import { outdatedEvents } from "../../../../lib/embedded/controllers/upkeep/old_events.ts";
import { before, hour, minute, noon } from "../build.ts";

function event(name: string, times: Partial<Event>): Event {
  return { metadata: { name, creationTimestamp: before(3 * hour) }, involvedObject: {}, ...times };
}

function outdated(...events: Event[]): string[] {
  return outdatedEvents(events, noon).map(({ metadata }) => metadata.name!);
}

Deno.test("an Event is removed an hour after it was last seen, whichever field says when", () => {
  const [recent, old] = [before(59 * minute), before(61 * minute)];
  deepEqual(
    outdated(
      event("counted", { firstTimestamp: old, lastTimestamp: recent }),
      event("old", { firstTimestamp: old, lastTimestamp: old }),
      event("single", { eventTime: recent }),
      event("series", { eventTime: old, series: { count: 2, lastObservedTime: recent } }),
      event("silent", {}),
    ),
    ["old", "silent"],
  );
});

Deno.test("of more than five thousand Events the oldest are removed", () => {
  const many = Array.from(
    { length: 5002 },
    (_, i) => event(`e-${i}`, { eventTime: new Date(noon - i * 100).toISOString() }),
  );
  deepEqual(outdated(...many.reverse()).sort(), ["e-5000", "e-5001"]);
  equal(outdated(...many.slice(0, 5000)).length, 0);
});
