/**
 * Events do not stay for ever: API servers forget them after an hour.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Event } from "../../../../k8s/core_v1.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/failure.ts";
import type { Log } from "../../../runtime/log.ts";
import { loop } from "../../../runtime/loop.ts";
import { unlessMissing } from "../frame/refusal.ts";

/** How long an Event stays after it was last seen, milliseconds. */
const lifetime = 3_600_000;

/** Events that are kept at most, the newest: they live in memory. */
const mostKept = 5000;

/** The Events that are not kept any longer. */
export function outdatedEvents(events: readonly Event[], now: number): Event[] {
  const newestFirst = [...events].sort((a, b) => lastSeen(b) - lastSeen(a));
  return newestFirst.filter((event, index) => index >= mostKept || now - lastSeen(event) > lifetime);
}

/** When it was last seen, milliseconds since 1970. */
function lastSeen({ metadata, eventTime, firstTimestamp, lastTimestamp, series }: Event): number {
  const times = [
    metadata.creationTimestamp,
    eventTime,
    firstTimestamp,
    lastTimestamp,
    series?.lastObservedTime,
  ];
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
}

/** What the upkeep needs. */
export interface OldEventsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** Removes old Events once a minute, until the signal aborts. */
export async function removeOldEvents(
  { client, clock, log }: OldEventsOptions,
  signal: AbortSignal,
): Promise<void> {
  const core = new CoreV1Api(client);
  await loop({
    every: 60_000,
    turn: async () => {
      const { items } = await core.getEventListForAllNamespaces();
      for (const { metadata } of outdatedEvents(items, clock.now())) {
        await unlessMissing(core.namespace(metadata.namespace!).deleteEvent(metadata.name!));
      }
    },
    failed: (error) => log.warn("cannot remove old events", { error: messageOf(error) }),
    clock,
    signal,
  });
}
