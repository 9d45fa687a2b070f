/**
 * Rollouts for people and scripts: table, wide table, JSON, history.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import { versionFields } from "../../contract/data_version.ts";
import { cleanText } from "../../contract/text.ts";
import { formatTime } from "../../contract/time.ts";
import type { Explanation } from "./explain.ts";
import { withShortNames } from "./short_names.ts";
import type { SourceState } from "./state.ts";
import { shown } from "./view.ts";

/** How it is shown. */
export type StatusOutput = "table" | "wide" | "json";

/** Every source, in the form that was asked for. */
export function renderedStatus(sources: readonly Explanation[], output: StatusOutput): string {
  if (output === "json") return `${JSON.stringify(sources.map(jsonOf), null, 2)}\n`;
  const head = ["SOURCE", "IS", "KNOWN GOOD", "CANDIDATE", "WAITING", "REJECTED", "PODS"];
  const wide = output === "wide";
  const shorten = (text: string) => wide ? text : withShortNames(text);
  const table = aligned([head, ...sources.map((one) => cellsOf(one).map(shorten))]);
  const details = sources.flatMap((one) => detailsOf(one, wide).map(shorten));
  return sources.length === 0 ? "" : [...table, "", ...details].map((line) => `${line}\n`).join("");
}

function cellsOf({ source, state, have, is }: Explanation): string[] {
  const { knownGood, candidate, waiting, rejected } = state;
  const all = have.reduce((sum, { pods }) => sum + pods, 0);
  return [
    source,
    is,
    nameOf(knownGood),
    nameOf(candidate?.version),
    nameOf(waiting),
    String(rejected.length),
    String(all),
  ];
}

function nameOf(version: Pick<DataVersion, "path"> | undefined): string {
  return version ? shown(version) : "-";
}

function detailsOf({ source, state, have, canaries, why }: Explanation, wide: boolean): string[] {
  const pods = have.map(({ version, pods }) => `${pods} x ${version ? shown(version) : "nothing yet"}`);
  const lines = [
    ...(pods.length > 0 ? [`pods have: ${pods.join(", ")}`] : []),
    ...why,
    ...(wide ? canaries.map(({ pod, is, words }) => `canary ${pod}: ${is}: ${words}`) : []),
    ...(wide
      ? state.rejected.map(({ path, by, words }) => `rejected ${shown({ path })} (${by}): ${words}`)
      : []),
  ];
  return lines.map((line) => `${source}: ${cleanText(line, 500)}`);
}

/** The contract's spelling of versions; times as UTC. */
function jsonOf({ source, state, have, canaries, is, why }: Explanation): Readonly<Record<string, unknown>> {
  const { knownGood, previous, candidate, waiting, rejected, pin, pausedAt } = state;
  return {
    source,
    is,
    why,
    knownGood: fieldsOf(knownGood),
    previous: fieldsOf(previous),
    candidate: fieldsOf(candidate?.version),
    waiting: fieldsOf(waiting),
    pinned: fieldsOf(pin?.version),
    paused: pausedAt !== undefined,
    rejected: rejected.map(({ version, path, at, by, words }) => ({
      Path: path,
      Version: version,
      at: formatTime(at),
      by,
      why: words,
    })),
    pods: have.map(({ version, pods }) => ({ version: fieldsOf(version), pods })),
    canaries: canaries.map(({ pod, is, words }) => ({ pod, is, why: words })),
  };
}

function fieldsOf(version: DataVersion | undefined): Readonly<Record<string, unknown>> | null {
  return version ? versionFields(version) : null;
}

/** What happened to a source, the oldest first, and what is rejected. */
export function renderedHistory({ history, rejected }: SourceState, output: StatusOutput): string {
  if (output === "json") {
    const happened = history.map(({ at, rule, words }) => ({ at: formatTime(at), rule, why: words }));
    return `${JSON.stringify(happened, null, 2)}\n`;
  }
  const shorten = (text: string) => output === "wide" ? text : withShortNames(text);
  const rows = history.map(({ at, rule, words }) => [formatTime(at), rule, shorten(cleanText(words, 300))]);
  const refused = rejected.map(({ path, at, by, words }) => [
    shorten(shown({ path })),
    formatTime(at),
    by,
    shorten(cleanText(words, 300)),
  ]);
  return [
    ...aligned([["TIME", "WHAT", "WHY"], ...rows]),
    ...(refused.length > 0 ? ["", ...aligned([["REJECTED", "TIME", "BY", "WHY"], ...refused])] : []),
  ].map((line) => `${line}\n`).join("");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((text, column) => text.padEnd(widths[column]!)).join("   ").trimEnd());
}
