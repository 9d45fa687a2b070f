/**
 * `pods/NAME/log`: what is asked for, before the node is asked.
 *
 * @module
 */
import type { PodSpec } from "../../../k8s/core_v1.ts";
import { saysYes } from "./request_words.ts";
import { badRequest } from "./errors.ts";
import type { ApiObject } from "./objects.ts";
import type { PodLogs } from "./pod_logs.ts";

/**
 * Opens the log that a request asks for.
 *
 * @param now milliseconds since 1970
 * @throws ApiError 400 where the container is not clear, or the node refuses
 */
export function openLog(
  logs: PodLogs,
  { metadata, spec }: ApiObject,
  query: URLSearchParams,
  now: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const { namespace = "", name = "", uid = "" } = metadata;
  const container = containerIn(query, spec as unknown as PodSpec, name);
  const tailLines = numberIn(query, "tailLines");
  const limitBytes = numberIn(query, "limitBytes");
  const since = sinceIn(query, now);
  return logs({
    namespace,
    name,
    uid,
    container,
    follow: saysYes(query.get("follow")),
    previous: saysYes(query.get("previous")),
    timestamps: saysYes(query.get("timestamps")),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(since !== undefined && { since }),
  }, signal);
}

/** The container that is named, or the only one there is. */
function containerIn(
  query: URLSearchParams,
  { containers, initContainers = [] }: PodSpec,
  pod: string,
): string {
  const named = query.get("container");
  const all = [...initContainers, ...containers].map(({ name }) => name);
  if (named) {
    if (!all.includes(named)) throw badRequest(`container ${named} is not valid for pod ${pod}`);
    return named;
  }
  if (all.length === 1) return all[0]!;
  const some = containers.map(({ name }) => name).join(" ");
  const init = initContainers.map(({ name }) => name).join(" ");
  throw badRequest(
    `a container name must be specified for pod ${pod}, choose one of: [${some}]` +
      (init && ` or one of the init containers: [${init}]`),
  );
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid ${name} "${text}": expected a whole number`);
  return Number(text);
}

/** The earliest line that is wanted, milliseconds since 1970. */
function sinceIn(query: URLSearchParams, now: number): number | undefined {
  const seconds = numberIn(query, "sinceSeconds");
  if (seconds !== undefined) return now - seconds * 1000;
  const time = query.get("sinceTime");
  if (time === null) return undefined;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw badRequest(`invalid sinceTime "${time}": expected a time as RFC 3339 has it`);
  return ms;
}
