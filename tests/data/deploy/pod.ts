/**
 * A pod whose annotations are in a downward API file, as the kubelet writes it.
 *
 * @module
 */
import { type DataVersion, formatDataRequest } from "../../../lib/contract/data_version.ts";
import { key, prefix, type StringMap } from "../../../lib/contract/keys.ts";
import { goQuote } from "../../../lib/embedded/node/go_format.ts";

/** What a test's pod says. */
export interface PodWords {
  readonly url: string;
  readonly location: string;
  /** What each data deployment is asked to have; its source has the same name. */
  readonly requests: Readonly<Record<string, DataVersion | undefined>>;
  /** Other annotations. */
  readonly more?: StringMap;
}

/** A pod's annotations. */
export function annotationsOf({ url, location, requests, more }: PodWords): StringMap {
  const annotations: Record<string, string> = { [key.storeUrl]: url, [key.storeLocation]: location };
  for (const [name, request] of Object.entries(requests)) {
    annotations[prefix.data + name] = name;
    if (request) annotations[prefix.dataRequest + name] = formatDataRequest(request);
  }
  return { ...annotations, ...more };
}

/** Writes the file in one step, as the kubelet does. */
export async function writeAnnotations(path: string, annotations: StringMap): Promise<void> {
  const lines = Object.entries(annotations).map(([name, value]) => `${name}=${goQuote(value)}`);
  await Deno.writeTextFile(`${path}.new`, lines.join("\n"));
  await Deno.rename(`${path}.new`, path);
}
