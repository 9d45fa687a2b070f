/**
 * Rules for Events. Those of events.k8s.io are stricter than those of the core group.
 *
 * @module
 */
import type { Event } from "../../../../k8s/core_v1.ts";
import { type ApiObject, sameJson } from "../objects.ts";
import type { ProblemList } from "./problems.ts";

/** Checks an Event, as it is kept, that was sent in the form of `group`. */
export function checkEvent(object: ApiObject, list: ProblemList, group: string): void {
  const event = object as unknown as Event;
  const { namespace } = event.involvedObject;
  // What has no namespace has its Events in the default one.
  const home = namespace || "default";
  if (group === "" && home !== event.metadata.namespace) {
    const why = `does not match event.namespace`;
    list.invalid("involvedObject.namespace", namespace ?? "", why);
  }
  if (group === "") return;
  const { reportingComponent, reportingInstance, action, reason } = event;
  const required = { reportingController: reportingComponent, reportingInstance, action, reason };
  for (const [field, value] of Object.entries(required)) if (!value) list.required(field);
}

/** What of an Event stays as it was told; its series goes on. */
const told = ["involvedObject", "reason", "message", "type", "action", "eventTime", "related"] as const;

/** Checks a change of an Event that was sent in the form of `group`. */
export function checkEventUpdate(
  before: ApiObject,
  after: ApiObject,
  list: ProblemList,
  group: string,
): void {
  if (group === "") return;
  for (const field of told) {
    if (!sameJson(before[field], after[field])) list.invalid(field, after[field] ?? "", "field is immutable");
  }
}
