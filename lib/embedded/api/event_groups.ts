/**
 * Events of the two groups are the same objects under other names: kept as core/v1, shown as asked for.
 *
 * @module
 */
import type { ApiObject } from "./objects.ts";

/** Fields of events.k8s.io/v1 and their names in core/v1. */
const names: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

/** The Event as core/v1 has it. */
export function toCoreEvent(event: ApiObject): ApiObject {
  const core = renamed(event, "v1", names);
  // Both groups show these, set or not; who reads core/v1 Events expects a place for the reporter.
  return { reportingInstance: "", source: {}, ...core };
}

/** The Event as events.k8s.io/v1 has it. */
export function toNewEvent(event: ApiObject): ApiObject {
  return renamed(event, "events.k8s.io/v1", names.map(([ours, core]) => [core, ours] as const));
}

function renamed(
  event: ApiObject,
  apiVersion: string,
  from: readonly (readonly [string, string])[],
): ApiObject {
  const other = new Map(from);
  const fields = Object.entries(event).map(([name, value]) => [other.get(name) ?? name, value]);
  return { ...Object.fromEntries(fields), apiVersion };
}
