/**
 * Following the sources that settings and annotations name, as they change.
 *
 * @module
 */
import { prefix, type StringMap } from "../../contract/keys.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { configuredSources } from "./configured.ts";
import type { Sources } from "./sources.ts";

const hint = `name one in an annotation ${prefix.data}NAME of this pod, or in DataRepo__Sources`;

/**
 * Makes what takes the annotations of the repository's own pod whenever they may have changed. What cannot be read
 * is said once, and the rest is followed.
 *
 * @param setting `DataRepo__Sources`
 */
export function sourceFollower(
  sources: Sources,
  setting: string,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): (annotations: StringMap) => void {
  let told = "";
  let isEmpty = false;
  return (annotations) => {
    const { sources: configured, problems } = configuredSources(annotations, setting);
    const words = problems.join("; ");
    if (words !== told && words !== "") log.error("cannot read all sources", { problems: words });
    told = words;
    const wasEmpty = isEmpty;
    isEmpty = configured.size === 0;
    if (isEmpty && !wasEmpty) log.warn("there is no source of data", { hint });
    sources.set(configured, signal).catch((error) => {
      if (!signal.aborted) log.error("cannot follow the sources", { error: messageOf(error) });
    });
  };
}
