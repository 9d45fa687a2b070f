/**
 * Where objects of any kind are on an API server.
 *
 * @module
 */
import { segment } from "../../../../k8s/requests.ts";
import { type Resource, resources } from "../../api/resources.ts";

/** Which object, or which collection where there is no name. */
export interface At {
  readonly namespace?: string;
  readonly name?: string;
}

/** The path of an object, of a namespace's objects, or of all objects of a kind. */
export function pathOf({ group, version, plural }: Resource, { namespace, name }: At = {}): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const inside = namespace === undefined ? "" : `/namespaces/${segment(namespace)}`;
  return `${root}${inside}/${plural}${name === undefined ? "" : `/${segment(name)}`}`;
}

/** The resource of a kind as owner references name it; `undefined` where it is not served. */
export function resourceOf(apiVersion: string, kind: string): Resource | undefined {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return resources.find((one) => one.group === group && one.version === version && one.kind === kind);
}
