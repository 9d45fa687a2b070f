/**
 * What to write on a pod: its statuses and its health label. Pure: same pod, same verdicts, same `now`,
 * same patch.
 *
 * @module
 */
import { key, maxAnnotationBytes, prefix } from "../../contract/keys.ts";
import {
  errorCleared,
  formatStatus,
  type Health,
  healthOf,
  isCurrent,
  maxMessageBytes,
  type NamedStatus,
  type Status,
} from "../../contract/status.ts";
import { byteLength, cleanText } from "../../contract/text.ts";
import type { Instant } from "../../contract/time.ts";
import type { ProbedPod } from "./pod.ts";
import type { Verdict } from "./thresholds.ts";

/** What is to change, if anything. `null` removes. */
export interface PodPatch {
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string | null>>;
  /** For counting and for the log: what changes and why. */
  readonly changes: readonly StatusChange[];
  /** Watchdogs whose status has no room beside the pod's other annotations. */
  readonly leftOut: readonly string[];
}

/** One watchdog's change. */
export interface StatusChange {
  readonly name: string;
  readonly to: Status["level"] | "removed";
  readonly message: string;
}

/** How a message begins whose cause is the annotation, not the pod. */
const unreadable = "bad annotation: ";

/** Whether a patch would change anything. */
export function isEmpty({ annotations, labels }: PodPatch): boolean {
  return Object.keys(annotations).length === 0 && Object.keys(labels).length === 0;
}

/**
 * The patch that makes a pod's annotations say what its probes found; empty where they do.
 *
 * @param verdicts by watchdog; none for a watchdog whose probes have not decided yet
 * @param labelled false where a selector uses the health label, which is then left alone
 */
export function decide(
  pod: ProbedPod,
  verdicts: ReadonlyMap<string, Verdict>,
  labelled: boolean,
  now: Instant,
): PodPatch {
  const held = new Map(pod.statuses.map((status) => [status.name, status]));
  const wanted = pod.probes.flatMap((probe) => {
    const verdict: Verdict | undefined = "problem" in probe
      ? { level: "error", message: unreadable + probe.problem }
      : verdicts.get(probe.name);
    const status = verdict && statusFor(held.get(probe.name)?.status, verdict, now);
    return status ? [{ name: probe.name, status }] : [];
  });
  const probed = new Set(pod.probes.map(({ name }) => name));
  const removed = pod.ours.filter((name) => held.has(name) && !probed.has(name));

  const { annotations, changes, leftOut } = fit(pod, wanted, new Set(removed));
  for (const name of removed) {
    annotations[prefix.status + name] = null;
    changes.push({ name, to: "removed", message: "its probe was removed" });
  }
  const labels = labelled ? labelPatch(pod, wanted, new Set(removed), now) : {};
  const patch: PodPatch = { annotations, labels, changes, leftOut };
  const missesStart = pod.started !== undefined && pod.startedWritten !== pod.started;
  if (missesStart && pod.probes.length > 0 && !isEmpty(patch)) annotations[key.started] = pod.started!;
  return patch;
}

/** When the pod must be looked at again although nothing happens to it: its next status that expires. */
export function nextExpiry(pod: ProbedPod, now: Instant): Instant | undefined {
  const times = pod.statuses.flatMap((
    { expires },
  ) => (expires !== undefined && expires > now ? [expires] : []));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The status to write for a verdict: only where the level changes, or what is to blame. */
function statusFor(held: Status | undefined, { level, message }: Verdict, at: Instant): Status | undefined {
  if (held?.level !== level) {
    return { level, at, message: level === "info" && held?.level === "error" ? errorCleared : message };
  }
  return level === "error" && !blamesTheSame(held.message, message) ? { level, at, message } : undefined;
}

/** An error's words may change from probe to probe; it is told anew only if the annotation's part in it did. */
function blamesTheSame(held: string, message: string): boolean {
  if (!held.startsWith(unreadable) && !message.startsWith(unreadable)) return true;
  // What is held may have been cut to fit.
  return cleanText(message, maxMessageBytes).startsWith(held.replace(/…$/, ""));
}

interface Wanted {
  readonly name: string;
  readonly status: Status;
}

/**
 * Makes the new statuses fit beside all else: messages share the room that is left, and where not even the
 * levels fit, errors go first and the rest is left out, which is said.
 */
function fit(pod: ProbedPod, wanted: readonly Wanted[], removed: ReadonlySet<string>) {
  const annotations: Record<string, string | null> = {};
  const changes: StatusChange[] = [];
  const leftOut: string[] = [];
  if (wanted.length === 0) return { annotations, changes, leftOut };
  const replaced = new Set(wanted.map(({ name }) => name));
  let room = maxAnnotationBytes - pod.foreignBytes - startedBytes - kept(pod, replaced, removed);
  const bare = wanted.reduce((sum, { name, status }) => sum + bytesOf(name, formatStatus(status, 0)), 0);
  const perMessage = Math.max(0, Math.min(maxMessageBytes, Math.floor((room - bare) / wanted.length)));
  for (const { name, status } of errorsFirst(wanted)) {
    const value = formatStatus(status, perMessage);
    const bytes = bytesOf(name, value);
    if (bytes > room) {
      leftOut.push(name);
      continue;
    }
    room -= bytes;
    annotations[prefix.status + name] = value;
    changes.push({ name, to: status.level, message: status.message });
  }
  return { annotations, changes, leftOut };
}

/** Room for `autocrane.io/started`, kept free on every pod. */
const startedBytes = byteLength(key.started) + 32;

/** A status that stays takes its key, its level and time, and its message. */
function kept(pod: ProbedPod, replaced: ReadonlySet<string>, removed: ReadonlySet<string>): number {
  return pod.statuses
    .filter(({ name }) => !replaced.has(name) && !removed.has(name))
    .reduce((sum, { name, bytes }) => sum + byteLength(prefix.status + name) + bytes, 0);
}

function bytesOf(name: string, value: string): number {
  return byteLength(prefix.status + name) + byteLength(value);
}

function errorsFirst(wanted: readonly Wanted[]): Wanted[] {
  return [...wanted].sort((a, b) => Number(b.status.level === "error") - Number(a.status.level === "error"));
}

function labelPatch(
  pod: ProbedPod,
  wanted: readonly Wanted[],
  removed: ReadonlySet<string>,
  now: Instant,
): Record<string, Health | null> {
  const after = new Map<string, Pick<NamedStatus, "status" | "expires">>();
  for (const status of pod.statuses) {
    if (!removed.has(status.name)) after.set(status.name, status);
  }
  for (const { name, status } of wanted) after.set(name, { status, expires: after.get(name)?.expires });
  const health = healthOf([...after.values()].filter((status) => isCurrent(status, now)));
  return health === pod.health ? {} : { [key.health]: health ?? null };
}
