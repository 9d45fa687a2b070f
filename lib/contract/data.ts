/**
 * What users write on pods about data: which sources a pod deploys, from where, to where, and whom to tell.
 *
 * @module
 */
import { key, namesUnder, prefix, type StringMap } from "./keys.ts";
import { parseProbeTarget, type ProbeTarget } from "./probe.ts";
import { cleanText } from "./text.ts";
import { watchdogNameProblem } from "./watchdog.ts";

/** One data deployment of a pod: source `source` appears as `<location>/<name>`. */
export interface DataDeployment {
  readonly name: string;
  readonly source: string;
}

/** What a pod says about data. What could not be read is told in `problems`, and the rest counts. */
export interface PodData {
  /** The repository, without a slash at its end. */
  readonly url: string;
  /** The absolute folder that holds the deployments. */
  readonly location: string;
  /** In the order of their names. */
  readonly deployments: readonly DataDeployment[];
  /** Sources that another pod on the node deploys for this one. */
  readonly deps: readonly string[];
  /** Whom to POST to after a swap, by the deployment's name: always the pod's own address. */
  readonly notify: ReadonlyMap<string, ProbeTarget>;
  /** In words, each naming its annotation. */
  readonly problems: readonly string[];
}

/** The repository of pods that name none. */
export const defaultStoreUrl = "http://datarepo";

/** The folder of pods that name none. */
export const defaultLocation = "/data";

/** Folders that belong to the system: nothing is deployed into them, or into the root itself. */
const systemFolders = [
  "bin",
  "boot",
  "dev",
  "etc",
  "lib",
  "lib64",
  "proc",
  "root",
  "run",
  "sbin",
  "sys",
  "usr",
];

/**
 * What is wrong with a folder as the place of data, in words that follow its name.
 *
 * @returns `undefined` where nothing is wrong
 */
export function locationProblem(location: string): string | undefined {
  const parts = location.split("/").filter((part) => part !== "" && part !== ".");
  const expected = `expected an absolute folder such as ${defaultLocation}`;
  if (!location.startsWith("/")) return `is not absolute: ${expected}`;
  if (location.includes("\0")) return `holds a NUL: ${expected}`;
  if (parts.includes("..")) return `holds "..": ${expected}`;
  if (parts.length === 0) return `is the root: ${expected}`;
  if (systemFolders.includes(parts[0]!)) return `is in the system's /${parts[0]}: ${expected}`;
  return undefined;
}

/**
 * Most deployments of a pod, and most sources that it depends on: its annotations have room for tens of thousands, each
 * of which everybody who looks at the pod would have to look at.
 */
export const maxDeployments = 64;

/** Most problems that are told of a pod. */
const maxProblems = 10;

/** Reads every annotation about data of a pod. Pure and total. */
export function podDataOf(annotations: StringMap): PodData {
  const problems: string[] = [];
  return {
    url: urlOf(annotations, problems),
    location: locationOf(annotations, problems),
    deployments: atMost(deploymentsOf(annotations, problems), "deploys", problems),
    deps: atMost(depsOf(annotations, problems), "depends on", problems),
    notify: notifyOf(annotations, problems),
    problems: shortened(problems),
  };
}

/** The first of them; that there are more is told. */
function atMost<T>(all: readonly T[], does: string, problems: string[]): readonly T[] {
  if (all.length <= maxDeployments) return all;
  problems.push(`it ${does} ${all.length} sources of data: all but ${maxDeployments} were ignored`);
  return all.slice(0, maxDeployments);
}

function depsOf(annotations: StringMap, problems: string[]): string[] {
  return listOf(annotations, key.storeDeps).filter((source) => isName(source, key.storeDeps, problems));
}

function shortened(problems: readonly string[]): readonly string[] {
  const more = problems.length - maxProblems;
  return more <= 0 ? problems : [...problems.slice(0, maxProblems), `and ${more} more problems`];
}

/** Whether a pod has, or is asked to have, any data: cheap, for every pod of a cluster. */
export function concernsData(annotations: StringMap): boolean {
  for (const annotation in annotations) {
    if (annotation.startsWith(prefix.data) || annotation === key.storeData || annotation === key.storeDeps) {
      return true;
    }
  }
  return false;
}

/** A repository's URL in one spelling, so that two can be compared; `undefined` where it is none. */
export function normalStoreUrl(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  if (url.username || url.password || url.search || url.hash) return undefined;
  return url.href.replace(/\/+$/, "");
}

function urlOf(annotations: StringMap, problems: string[]): string {
  const written = annotations[key.storeUrl] ?? defaultStoreUrl;
  const url = normalStoreUrl(written);
  // The value is not shown: it may hold a password.
  if (url === undefined) {
    problems.push(
      `${key.storeUrl} is not a plain http or https URL: expected one such as ${defaultStoreUrl}`,
    );
  }
  return url ?? "";
}

function locationOf(annotations: StringMap, problems: string[]): string {
  const written = annotations[key.storeLocation] ?? defaultLocation;
  const problem = locationProblem(written);
  if (problem !== undefined) problems.push(`${key.storeLocation} "${cleanText(written, 80)}" ${problem}`);
  return problem === undefined ? written.replace(/\/+$/, "") : "";
}

function deploymentsOf(annotations: StringMap, problems: string[]): DataDeployment[] {
  const sources = new Map<string, string>();
  for (const item of listOf(annotations, key.storeData)) {
    const colon = item.indexOf(":");
    take(colon < 0 ? item : item.slice(0, colon), item.slice(colon + 1), key.storeData);
  }
  for (const name of namesUnder(annotations, prefix.data)) {
    const written = annotations[prefix.data + name]!.trim();
    if (written.includes(":")) {
      problems.push(`${prefix.data + name} is a source's spec, which only the repository's pod may carry`);
    } else take(name, written, prefix.data + name);
  }
  return [...sources].map(([name, source]) => ({ name, source })).sort((a, b) => a.name < b.name ? -1 : 1);

  function take(name: string, source: string, where: string): void {
    if (!isName(name, where, problems) || !isName(source, where, problems)) return;
    const known = sources.get(name);
    if (known !== undefined && known !== source) {
      problems.push(
        `${where} deploys "${source}" as "${name}", which is "${known}" already: one was ignored`,
      );
    } else sources.set(name, source);
  }
}

function notifyOf(annotations: StringMap, problems: string[]): Map<string, ProbeTarget> {
  const targets = new Map<string, ProbeTarget>();
  for (const name of namesUnder(annotations, prefix.dataNotify)) {
    const target = parseProbeTarget(annotations[prefix.dataNotify + name]!);
    if ("problem" in target) problems.push(`${prefix.dataNotify + name}: ${target.problem}`);
    else targets.set(name, target);
  }
  return targets;
}

function listOf(annotations: StringMap, annotation: string): string[] {
  return (annotations[annotation] ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function isName(text: string, where: string, problems: string[]): boolean {
  const problem = watchdogNameProblem(text);
  if (problem !== undefined) problems.push(`${where}: a name ${problem}`);
  return problem === undefined;
}
