/**
 * A watchdog's status: the value of a `status.autocrane.io/NAME` annotation.
 *
 * @module
 */
import { namesUnder, prefix, type StringMap } from "./keys.ts";
import { byteLength, cleanText } from "./text.ts";
import { formatTime, type Instant, parseTime } from "./time.ts";

/** How bad it is, from worst to best. */
export const levels = ["error", "warning", "info"] as const;

/** A status' level: only `error` fails a pod; `warning` is for people. */
export type Level = (typeof levels)[number];

/** The value of the health label: a level, or `unknown` where no status could be read. */
export type Health = Level | "unknown";

/** What a watchdog says of its pod. */
export interface Status {
  /** How bad it is. */
  readonly level: Level;
  /** When it was written, by its writer's clock. */
  readonly at: Instant;
  /** For people: one clean line. */
  readonly message: string;
}

/** Most bytes a message may take where there is room for it. */
export const maxMessageBytes = 512;

/** The message with which a watchdog that was in error goes back to `info`. */
export const errorCleared = "error cleared";

/** How a message of the prober begins whose cause is the pod's annotation, not the pod. */
export const badAnnotation = "bad annotation:";

/** The level that `text` names, in any case, or `undefined`. */
export function parseLevel(text: string): Level | undefined {
  const lower = text.toLowerCase();
  return levels.find((level) => level === lower);
}

/**
 * Reads `<level>/<timestamp>/<message>`; the message may hold `/` and is cleaned of control characters.
 *
 * @returns the status, or `undefined` where the value is not one
 *
 * @example
 * ```ts
 * import { parseStatus } from "./status.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(parseStatus("error/2026-01-31T12:34:56/disk /data is full")?.message, "disk /data is full");
 * equal(parseStatus("fine, thanks"), undefined);
 * ```
 */
export function parseStatus(value: string): Status | undefined {
  const first = value.indexOf("/");
  const second = value.indexOf("/", first + 1);
  if (first < 0 || second < 0) return undefined;
  const level = parseLevel(value.slice(0, first));
  const at = parseTime(value.slice(first + 1, second));
  if (level === undefined || at === undefined) return undefined;
  return { level, at, message: cleanText(value.slice(second + 1), maxMessageBytes) };
}

/**
 * Writes a status as an annotation's value.
 *
 * @param maxBytes the most bytes the message may take; it is cleaned and cut, never refused
 */
export function formatStatus(status: Status, maxBytes: number = maxMessageBytes): string {
  return `${status.level}/${formatTime(status.at)}/${cleanText(status.message, maxBytes)}`;
}

/** One `status.autocrane.io/NAME` annotation as read: a status, or `undefined` where it does not parse. */
export interface NamedStatus {
  /** The watchdog. */
  readonly name: string;
  /** What it says, where that can be read. */
  readonly status: Status | undefined;
  /** When it stops counting, if its writer said so. */
  readonly expires: Instant | undefined;
  /** Bytes that the annotation's value takes. */
  readonly bytes: number;
}

/** Every status annotation of a pod, the unreadable ones without a `status`. */
export function statusesOf(annotations: StringMap): NamedStatus[] {
  return namesUnder(annotations, prefix.status).map((name) => ({
    name,
    status: parseStatus(annotations[prefix.status + name]!),
    expires: parseTime(annotations[prefix.statusExpiry + name] ?? ""),
    bytes: byteLength(annotations[prefix.status + name]!),
  }));
}

/** Whether a status still counts at `now`: one that expired counts as absent. */
export function isCurrent(status: Pick<NamedStatus, "expires">, now: Instant): boolean {
  return status.expires === undefined || status.expires > now;
}

/**
 * The value that the health label should have.
 *
 * @returns the most severe level; `unknown` where there are statuses and none parses; `undefined` (no
 * label) where there are none
 */
export function healthOf(statuses: Iterable<{ readonly status: Status | undefined }>): Health | undefined {
  let worst: Health | undefined;
  for (const { status } of statuses) {
    if (status === undefined) worst ??= "unknown";
    else if (worst === undefined || worst === "unknown" || severity(status.level) > severity(worst)) {
      worst = status.level;
    }
  }
  return worst;
}

function severity(level: Level): number {
  return levels.length - levels.indexOf(level);
}
