/**
 * Pods' watchdogs for people and scripts: table, JSON, CSV, plain lines.
 *
 * @module
 */
import { prefix, type StringMap } from "../contract/keys.ts";
import { isCurrent, type Level, statusesOf } from "../contract/status.ts";
import { cleanText } from "../contract/text.ts";
import { formatTime, type Instant } from "../contract/time.ts";
import type { Output } from "./question.ts";

/** One watchdog's status on one pod, as its annotations have it. */
export interface Reading {
  readonly namespace: string;
  readonly pod: string;
  readonly watchdog: string;
  /** `unknown` where the annotation cannot be read. */
  readonly level: Level | "unknown";
  /** When it was written, as in the annotation; empty where that cannot be read. */
  readonly time: string;
  readonly message: string;
  /** What is wrong beside the status itself; empty where nothing is. */
  readonly note: string;
  readonly expires: Instant | undefined;
}

/** A reading as it is shown at one moment. */
export interface Row extends Omit<Reading, "expires"> {
  readonly expired: boolean;
}

/** What is read of a pod. */
export interface AnnotatedPod {
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly annotations?: StringMap;
  };
}

/** The readings of one pod, in the order of their names. */
export function readingsOf({ metadata }: AnnotatedPod): Reading[] {
  const { namespace = "", name: pod = "", annotations = {} } = metadata ?? {};
  return statusesOf(annotations)
    .map(({ name, status, expires }): Reading => ({
      namespace,
      pod,
      watchdog: name,
      level: status?.level ?? "unknown",
      time: status ? formatTime(status.at) : "",
      message: status?.message ?? "this status cannot be read",
      note: expires === undefined ? unreadableExpiry(annotations[prefix.statusExpiry + name]) : "",
      expires,
    }))
    .sort((a, b) => (a.watchdog < b.watchdog ? -1 : 1));
}

/** A status whose expiry cannot be read never expires: that must be told. */
function unreadableExpiry(value: string | undefined): string {
  return value === undefined ? "" : `expiry ${JSON.stringify(cleanText(value, 60))} cannot be read`;
}

/** Readings as they are at `now`. */
export function rowsAt(readings: readonly Reading[], now: Instant): Row[] {
  return readings.map(({ expires, namespace, pod, watchdog, level, time, message, note }) => ({
    namespace,
    pod,
    watchdog,
    level,
    time,
    message,
    expired: !isCurrent({ expires }, now),
    note,
  }));
}

/** The contract's lines: `name,level,timestamp/message`. */
export function contractLines(rows: readonly Row[]): string {
  return rows.map(({ watchdog, level, time, message }) => `${watchdog},${level},${time}/${message}\n`).join(
    "",
  );
}

/** A JSON array of rows, indented. */
export function asJson(rows: readonly Row[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/**
 * Comma-separated values with a header (RFC 4180). What a spreadsheet would take for a formula begins with `'`, as
 * OWASP advises (CSV Injection).
 */
export function asCsv(rows: readonly Row[]): string {
  const columns = ["namespace", "pod", "watchdog", "level", "time", "message", "expired", "note"] as const;
  const lines = rows.map((row) => columns.map((column) => csvField(String(row[column]))).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

/** With these a spreadsheet's formula begins; in some languages by their full-width forms. */
const formula = /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;

function csvField(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return harmless !== text || /[",\n\r]/.test(text) ? `"${harmless.replaceAll('"', '""')}"` : text;
}

/** Rows in the form that was asked for, ages as they are at `now`. */
export function rendered(rows: readonly Row[], output: Output, now: Instant): string {
  if (output === "json") return asJson(rows);
  return output === "csv" ? asCsv(rows) : new Table().lines(rows, now);
}

/** A row of a table that goes on: `gone` says why there is nothing behind it any more. */
export type TableRow = Row & { readonly gone?: "removed" | "pod deleted" };

const columns = ["POD", "WATCHDOG", "LEVEL", "AGE", "MESSAGE"] as const;

/** Aligned columns as kubectl prints them. Later lines keep the columns of the earlier ones, or widen them. */
export class Table {
  #widths: number[] | undefined;

  /** The lines for some more rows; before the first ones the header. */
  lines(rows: readonly TableRow[], now: Instant): string {
    if (rows.length === 0) return "";
    const cells = rows.map((row) => [row.pod, row.watchdog, row.level, ageOf(row, now), shownMessage(row)]);
    if (this.#widths === undefined) cells.unshift([...columns]);
    const before = this.#widths ?? columns.map(() => 0);
    const widths = cells.reduce(
      (widest, line) => widest.map((width, i) => Math.max(width, line[i]!.length)),
      before,
    );
    this.#widths = widths;
    return cells.map((line) => `${line.map((text, i) => text.padEnd(widths[i]!)).join("   ").trimEnd()}\n`)
      .join("");
  }
}

function shownMessage({ message, expired, gone, note }: TableRow): string {
  const marks = [gone, expired && "expired", note].flatMap((mark) => mark ? [`(${mark})`] : []);
  return [...marks, message].join(" ");
}

function ageOf({ time }: Row, now: Instant): string {
  if (time === "") return "?";
  const seconds = Math.max(0, Math.round((now - Date.parse(`${time}Z`)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
