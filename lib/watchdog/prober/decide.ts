/**
 * What to write on a pod: its statuses, its health label, and what it has of data. Pure: same pod, same
 * verdicts, same `now`, same patch.
 *
 * @module
 */
import { key, maxAnnotationBytes, prefix } from "../../contract/keys.ts";
import {
  badAnnotation,
  errorCleared,
  formatStatus,
  type Health,
  healthOf,
  isCurrent,
  maxMessageBytes,
  type NamedStatus,
  type Status,
} from "../../contract/status.ts";
import { byteLength, cleanText, cutToBytes } from "../../contract/text.ts";
import { formatTime, type Instant } from "../../contract/time.ts";
import { type DataChange, decideData, type Told } from "../data/decide.ts";
import { sameDeployed } from "../data/pod.ts";
import type { ProbedPod } from "./pod.ts";
import type { Verdict } from "./thresholds.ts";

/** What is to change, if anything. `null` removes. */
export interface PodPatch {
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string | null>>;
  /** For counting and for the log: what changes and why. */
  readonly changes: readonly StatusChange[];
  /** The same for data. */
  readonly data: readonly DataChange[];
  /** Watchdogs, and data deployments as `data NAME`, whose status has no room beside the pod's other annotations. */
  readonly leftOut: readonly string[];
}

/** One watchdog's change. */
export interface StatusChange {
  readonly name: string;
  readonly to: Status["level"] | "removed";
  readonly message: string;
}

/** Whether a patch would change anything. */
export function isEmpty({ annotations, labels }: PodPatch): boolean {
  return Object.keys(annotations).length === 0 && Object.keys(labels).length === 0;
}

/**
 * The patch that makes a pod's annotations say what its probes found; empty where they do.
 *
 * @param verdicts by watchdog; none for a watchdog whose probes have not decided yet
 * @param labelled false where a selector uses the health label, which is then left alone
 * @param told what the pod's deployer said, where it has said anything
 */
export function decide(
  pod: ProbedPod,
  verdicts: ReadonlyMap<string, Verdict>,
  labelled: boolean,
  now: Instant,
  told?: Told,
): PodPatch {
  const wanted = wantedOn(pod, verdicts, now);
  const names = new Set(pod.statuses.map(({ name }) => name));
  const probed = new Set(pod.probes.map(({ name }) => name));
  const removed = pod.ours.filter((name) => names.has(name) && !probed.has(name));

  const { annotations, changes, leftOut, free } = fit(pod, wanted, new Set(removed));
  for (const name of removed) {
    annotations[prefix.status + name] = null;
    changes.push({ name, to: "removed", message: "its probe was removed" });
  }
  // When a status expires is said by its writer; the one that replaces it does not expire.
  const written = new Set(changes.map(({ name }) => name));
  for (const name of pod.expiries.keys()) {
    if (written.has(name)) annotations[prefix.statusExpiry + name] = null;
  }
  const labels = labelled ? labelPatch(pod, wanted, new Set(removed), now) : {};
  const data = pod.data && decideData(pod.data, told, free - startedBytes);
  const patch = {
    annotations: { ...annotations, ...data?.annotations },
    labels,
    changes,
    data: data?.changes ?? [],
    leftOut: [...leftOut, ...(data?.leftOut ?? []).map((name) => `data ${name}`)],
  };
  if (pod.probes.length > 0 && !isEmpty(patch) && missesStart(pod, free)) {
    patch.annotations[key.started] = pod.started!;
  }
  return patch;
}

/** The statuses that say something new. */
function wantedOn(pod: ProbedPod, verdicts: ReadonlyMap<string, Verdict>, now: Instant): Wanted[] {
  // An expired status counts as absent, so its level is told anew.
  const held = new Map(
    pod.statuses.map((status) => [status.name, isCurrent(status, now) ? status : undefined]),
  );
  return pod.probes.flatMap((probe) => {
    const verdict: Verdict | undefined = "problem" in probe
      ? { level: "error", message: `${badAnnotation} ${probe.problem}` }
      : verdicts.get(probe.name);
    const status = verdict && statusFor(held.get(probe.name)?.status, verdict, now);
    return status ? [wantedOf(probe.name, status)] : [];
  });
}

/** Whether the pod's start is to be written: it is not there, and there is room for it. */
function missesStart({ started, startedWritten }: ProbedPod, free: number): boolean {
  if (started === undefined || startedWritten === started) return false;
  const held = startedWritten === undefined ? -byteLength(key.started) : byteLength(startedWritten);
  return byteLength(started) - held <= free;
}

/** Whether {@link decide} says the same of two states of a pod, as long as verdicts and time stay. */
export function decidesAlike(a: ProbedPod, b: ProbedPod): boolean {
  return a.probes === b.probes && a.started === b.started && a.startedWritten === b.startedWritten &&
    a.foreignBytes === b.foreignBytes && a.health === b.health &&
    sameDeployed(a.data, b.data) && sameItems(a.statuses, b.statuses, sameStatus) &&
    sameItems(a.ours, b.ours, Object.is) &&
    sameItems([...a.expiries], [...b.expiries], (x, y) => x[0] === y[0] && x[1] === y[1]) &&
    // By its labels somebody's selector could move the pod, and then the health label is not written.
    sameItems(Object.entries(a.labels), Object.entries(b.labels), (x, y) => x[0] === y[0] && x[1] === y[1]);
}

function sameItems<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((one, i) => same(one, b[i]!));
}

function sameStatus(a: NamedStatus, b: NamedStatus): boolean {
  return a.name === b.name && a.expires === b.expires && a.bytes === b.bytes &&
    a.status?.level === b.status?.level && a.status?.at === b.status?.at &&
    a.status?.message === b.status?.message;
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
  if (!held.startsWith(badAnnotation) && !message.startsWith(badAnnotation)) return true;
  // What is held may have been cut to fit.
  return cleanText(message, maxMessageBytes).startsWith(held.replace(/…$/, ""));
}

interface Wanted {
  readonly name: string;
  /** Its message is clean, and as long as any may be. */
  readonly status: Status;
  readonly messageBytes: number;
  /** What all but the message takes, its key included. */
  readonly bareBytes: number;
}

/** Measured once, as a pod may have thousands. */
function wantedOf(name: string, { level, at, message }: Status): Wanted {
  const clean = cleanText(message, maxMessageBytes);
  return {
    name,
    status: { level, at, message: clean },
    messageBytes: byteLength(clean),
    bareBytes: byteLength(prefix.status + name) + level.length + timeBytes,
  };
}

/** A time, and the slashes around it. */
const timeBytes = formatTime(0).length + 2;

/**
 * Makes the new statuses fit beside all else: messages share the room that is left with those of the probes
 * that are still to report, and where not even the levels fit, errors go first and the rest is left out, which
 * is said. What is left out keeps its old value, so what counts is by how much each annotation grows.
 */
function fit(pod: ProbedPod, wanted: readonly Wanted[], removed: ReadonlySet<string>) {
  const annotations: Record<string, string | null> = {};
  const changes: StatusChange[] = [];
  const leftOut: string[] = [];
  const held = new Map(pod.statuses.map((status) => [status.name, heldBytes(status)]));
  const growth = (one: Wanted, perMessage: number) =>
    one.bareBytes + cutBytes(one, perMessage) - (held.get(one.name) ?? 0) - (pod.expiries.get(one.name) ?? 0);
  let free = maxAnnotationBytes - pod.foreignBytes - kept(pod, removed);
  const bare = wanted.reduce((sum, one) => sum + growth(one, 0), 0);
  const later = wanted.length === 0 ? [] : stillToReport(pod, wanted);
  const sharers = Math.max(1, wanted.length + later.length);
  const share = Math.floor((free - startedBytes - bare - bareBytes(later)) / sharers);
  const perMessage = Math.max(0, Math.min(maxMessageBytes, share));
  // What shrinks makes room, so it goes before what needs some.
  const sized = wanted.map((one) => ({ ...one, bytes: growth(one, perMessage) }))
    .sort((a, b) => rank(a) - rank(b));
  for (const { name, status, bytes } of sized) {
    if (bytes > 0 && bytes > free - startedBytes) {
      leftOut.push(name);
      continue;
    }
    free -= bytes;
    annotations[prefix.status + name] = formatStatus(status, roomFor(status, perMessage));
    changes.push({ name, to: status.level, message: status.message });
  }
  return { annotations, changes, leftOut, free };
}

/** The probes that have no status and get none now. */
function stillToReport(pod: ProbedPod, wanted: readonly Wanted[]): string[] {
  const others = new Set<string>();
  for (const { name } of pod.statuses) others.add(name);
  for (const { name } of wanted) others.add(name);
  return pod.probes.flatMap(({ name }) => (others.has(name) ? [] : [name]));
}

/** What statuses of these names take without a message. */
function bareBytes(names: readonly string[]): number {
  const bare = byteLength(formatStatus({ level: "error", at: 0, message: "" }));
  return names.reduce((sum, name) => sum + byteLength(prefix.status + name) + bare, 0);
}

/** A message is never cut so far that an annotation's fault could be taken for the pod's. */
function roomFor({ message }: Status, perMessage: number): number {
  return message.startsWith(badAnnotation) ? Math.max(perMessage, badAnnotationBytes) : perMessage;
}

/** What a message takes once it is cut. */
function cutBytes({ status, messageBytes }: Wanted, perMessage: number): number {
  const room = roomFor(status, perMessage);
  if (messageBytes <= room || room === 0) return Math.min(messageBytes, room);
  return byteLength(cutToBytes(status.message, room));
}

/** The words that tell an annotation's fault, and the mark of what was cut. */
const badAnnotationBytes = byteLength(`${badAnnotation}…`);

/** Room for `autocrane.io/started`, kept free on every pod. */
const startedBytes = byteLength(key.started) + 32;

/** What the pod's statuses take as they are, less what the removed ones' expiries take. */
function kept(pod: ProbedPod, removed: ReadonlySet<string>): number {
  return pod.statuses.reduce((sum, status) => {
    const { name } = status;
    return removed.has(name) ? sum - (pod.expiries.get(name) ?? 0) : sum + heldBytes(status);
  }, 0);
}

/** A status takes its key, its level and time, and its message. */
function heldBytes({ name, bytes }: NamedStatus): number {
  return byteLength(prefix.status + name) + bytes;
}

function rank({ status, bytes }: Wanted & { readonly bytes: number }): number {
  if (bytes <= 0) return 0;
  return status.level === "error" ? 1 : 2;
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
  for (const { name, status } of wanted) after.set(name, { status, expires: undefined });
  const health = healthOf([...after.values()].filter((status) => isCurrent(status, now)));
  return health === pod.health ? {} : { [key.health]: health ?? null };
}
