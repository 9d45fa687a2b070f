/**
 * Pods' watchdogs for people and scripts: table, JSON, CSV.
 *
 * @module
 */
import type { StringMap } from "../contract/keys.ts";
import { isCurrent, type Level, statusesOf } from "../contract/status.ts";
import { formatTime, type Instant } from "../contract/time.ts";

/** One watchdog's status on one pod. */
export interface Row {
  readonly namespace: string;
  readonly pod: string;
  readonly watchdog: string;
  /** `unknown` where the annotation cannot be read. */
  readonly level: Level | "unknown";
  /** When it was written, as in the annotation; empty where that cannot be read. */
  readonly time: string;
  readonly message: string;
  readonly expired: boolean;
}

/** The rows of one pod, in the order of their names. */
export function rowsOf(
  { namespace, pod, annotations }: { namespace: string; pod: string; annotations: StringMap },
  now: Instant,
): Row[] {
  return statusesOf(annotations)
    .map((named): Row => ({
      namespace,
      pod,
      watchdog: named.name,
      level: named.status?.level ?? "unknown",
      time: named.status ? formatTime(named.status.at) : "",
      message: named.status?.message ?? "this status cannot be read",
      expired: !isCurrent(named, now),
    }))
    .sort((a, b) => (a.watchdog < b.watchdog ? -1 : 1));
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

/** Comma-separated values with a header (RFC 4180). */
export function asCsv(rows: readonly Row[]): string {
  const columns = ["namespace", "pod", "watchdog", "level", "time", "message", "expired"] as const;
  const lines = rows.map((row) => columns.map((column) => csvField(String(row[column]))).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const tableColumns = ["POD", "WATCHDOG", "LEVEL", "AGE", "MESSAGE"] as const;

/** Aligned columns as kubectl prints them. */
export function asTable(rows: readonly Row[], now: Instant, header: boolean = true): string {
  const lines = rows.map((row) => [row.pod, row.watchdog, row.level, ageOf(row, now), shownMessage(row)]);
  if (header) lines.unshift([...tableColumns]);
  const widths = tableColumns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length), 0));
  return lines.map((line) => line.map((text, i) => text.padEnd(widths[i]!)).join("   ").trimEnd() + "\n")
    .join("");
}

function shownMessage({ message, expired }: Row): string {
  return expired ? `(expired) ${message}` : message;
}

function ageOf({ time }: Row, now: Instant): string {
  if (time === "") return "?";
  const seconds = Math.max(0, Math.round((now - Date.parse(`${time}Z`)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
