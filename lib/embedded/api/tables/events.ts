/**
 * The table of Events. Both groups' Events are shown in it as core/v1 has them.
 *
 * @module
 */
import type { Event } from "../../../../k8s/core_v1.ts";
import { type Column, name, text, wide } from "./column.ts";
import { since } from "./duration.ts";

/** What is shown of Events. */
export const eventColumns: readonly Column<Event>[] = [
  text("Last Seen", "Time since it happened last", lastSeen),
  text("Type", "Normal or Warning", ({ type }) => type ?? ""),
  text("Reason", "Why it was written, in one word", ({ reason }) => reason ?? ""),
  text(
    "Object",
    "What it is about",
    ({ involvedObject: { kind = "", name } }) => kind.toLowerCase() + (name ? `/${name}` : ""),
  ),
  wide(text("Subobject", "Which part of that", ({ involvedObject }) => involvedObject.fieldPath ?? "")),
  wide(text("Source", "Who wrote it, and where", source)),
  text("Message", "What happened", ({ message }) => message?.trim() ?? ""),
  wide(text("First Seen", "Time since it happened first", firstSeen)),
  wide(
    text("Count", "How often it happened", ({ count, series }) => series ? series.count ?? 0 : count || 1),
  ),
  wide(name),
];

function firstSeen({ firstTimestamp, eventTime }: Event, now: number): string {
  return since(firstTimestamp ?? eventTime, now);
}

function lastSeen(event: Event, now: number): string {
  const { lastTimestamp, series } = event;
  if (series) return since(series.lastObservedTime, now);
  return lastTimestamp ? since(lastTimestamp, now) : firstSeen(event, now);
}

function source({ source, reportingComponent, reportingInstance }: Event): string {
  const where = source?.host || reportingInstance;
  return (source?.component || reportingComponent || "") + (where ? `, ${where}` : "");
}
