/**
 * Which sources there are: by the annotations of the repository's own pod, and by its settings.
 *
 * @module
 */
import { namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { parseSourceSpec, type SourceSpec } from "../../contract/source_spec.ts";
import { cleanText } from "../../contract/text.ts";
import { watchdogNameProblem } from "../../contract/watchdog.ts";

/** A source's spec, or why there is none. What is wrong with one source disables no other one. */
export type Configured = SourceSpec | { readonly problem: string };

/**
 * The sources by name.
 *
 * @param setting `DataRepo__Sources`: `name:spec;name:spec`
 * @returns the sources, and what else could not be read, in words
 */
export function configuredSources(
  annotations: StringMap,
  setting: string,
): { readonly sources: ReadonlyMap<string, Configured>; readonly problems: readonly string[] } {
  const sources = new Map<string, Configured>();
  const problems: string[] = [];
  for (const item of setting.split(";").map((item) => item.trim()).filter(Boolean)) {
    const colon = item.indexOf(":");
    const name = colon < 0 ? item : item.slice(0, colon).trim();
    add(name, colon < 0 ? "" : item.slice(colon + 1), "DataRepo__Sources");
  }
  for (const name of namesUnder(annotations, prefix.data)) {
    add(name, annotations[prefix.data + name]!, prefix.data + name);
  }
  return { sources, problems };

  function add(name: string, spec: string, where: string): void {
    const problem = nameProblem(name);
    if (problem !== undefined) {
      problems.push(`${where}: the source "${cleanText(name, 80)}" ${problem}`);
    } else if (sources.has(name)) {
      problems.push(`${where}: the source "${name}" is in DataRepo__Sources already, and that holds`);
    } else sources.set(name, told(parseSourceSpec(spec), where));
  }
}

/** Names that stand for routes of ours can be no source's: its archives would be answered by nobody. */
const taken = ["v2", "hooks", "ping", "metrics"];

function nameProblem(name: string): string | undefined {
  if (taken.includes(name)) return "has a name that is a route's";
  return watchdogNameProblem(name);
}

function told(spec: SourceSpec | { readonly problem: string }, where: string): Configured {
  return "problem" in spec ? { problem: `${where} ${spec.problem}` } : spec;
}
