/**
 * What a pod is asked to have, as its annotations tell.
 *
 * @module
 */
import { podDataOf } from "../../contract/data.ts";
import { type DataVersion, parseDataRequest } from "../../contract/data_version.ts";
import { namesUnder, prefix, type StringMap } from "../../contract/keys.ts";
import { parseProbeTarget, type ProbeTarget } from "../../contract/probe.ts";
import { cleanText } from "../../contract/text.ts";

/** One data deployment and what it is asked to have. */
export interface WantedData {
  readonly name: string;
  readonly source: string;
  /** The repository. */
  readonly url: string;
  /** The version, where one is asked for. */
  readonly request?: DataVersion;
  /** Why what is asked for cannot be done, in words. */
  readonly problem?: string;
  /** Whom to tell of a new version. */
  readonly notify?: ProbeTarget;
  /** Why nobody can be told, though somebody is to be, in words. */
  readonly notifyProblem?: string;
}

/** Everything that a pod is asked to have. */
export interface Wanted {
  /** The folder, or an empty text where the pod names none that can be. */
  readonly location: string;
  readonly data: readonly WantedData[];
  /** What of the annotations was ignored, in words. */
  readonly problems: readonly string[];
}

/**
 * Reads a pod's annotations. Pure and total.
 *
 * @param location the folder as this process sees it, where that is not what the annotation says
 */
export function wantedOf(annotations: StringMap, location?: string): Wanted {
  const pod = podDataOf(annotations);
  const folder = location || pod.location;
  const unusable = folder === "" || pod.url === "" ? pod.problems[0] : undefined;
  const data = pod.deployments.map(({ name, source }): WantedData => {
    const value = annotations[prefix.dataRequest + name];
    const request = value === undefined ? undefined : parseDataRequest(value);
    return {
      name,
      source,
      url: pod.url,
      ...notifyOf(annotations, name),
      ...(request && !("problem" in request) && { request }),
      ...(request && "problem" in request && { problem: `the request ${request.problem}` }),
      ...(unusable !== undefined && { problem: unusable }),
    };
  });
  const names = new Set(data.map(({ name }) => name));
  const astray = namesUnder(annotations, prefix.dataRequest).filter((name) => !names.has(name)).map((name) =>
    `${prefix.dataRequest}${cleanText(name, 63)} asks for data that this pod does not deploy`
  );
  return { location: folder, data, problems: [...pod.problems, ...astray] };
}

function notifyOf(annotations: StringMap, name: string): Pick<WantedData, "notify" | "notifyProblem"> {
  const annotation = prefix.dataNotify + name;
  const value = annotations[annotation];
  if (value === undefined) return {};
  const target = parseProbeTarget(value);
  if (!("problem" in target)) return { notify: target };
  return { notifyProblem: `The application cannot be told: ${annotation}: ${target.problem}` };
}
