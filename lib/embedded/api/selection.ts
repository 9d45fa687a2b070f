/**
 * Which objects of a list or a watch are meant: `labelSelector` and `fieldSelector`.
 *
 * @module
 */
import type { LabelSelector } from "../../../k8s/meta_v1.ts";
import { matches, parseLabelSelector } from "../../kube/label_selector.ts";
import { badRequest } from "./errors.ts";
import type { ApiObject } from "./objects.ts";
import type { Resource } from "./resources.ts";

/** One requirement on a field. */
interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  /** Whether the field must have the value, or must not. */
  readonly equal: boolean;
}

/** Both selectors, read. */
export interface Selection {
  readonly labels: LabelSelector;
  readonly fields: readonly FieldRequirement[];
}

/** By storage, or by group and storage: the fields that can be selected by, beside name and namespace, and where each is in an object. */
const selectable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pods: fieldsAt(
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ),
  events: {
    ...fieldsAt("reason", "type", "reportingComponent"),
    source: "source.component",
    ...prefixed("involvedObject", "involvedObject"),
  },
  "events.k8s.io/events": {
    ...fieldsAt("reason", "type"),
    reportingController: "reportingComponent",
    ...prefixed("regarding", "involvedObject"),
  },
  namespaces: fieldsAt("status.phase"),
  nodes: fieldsAt("spec.unschedulable"),
  services: fieldsAt("spec.clusterIP", "spec.type"),
  "replicasets.apps": fieldsAt("status.replicas"),
};

function fieldsAt(...paths: string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, path]));
}

function prefixed(prefix: string, at: string): Record<string, string> {
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
  return Object.fromEntries(names.map((name) => [`${prefix}.${name}`, `${at}.${name}`]));
}

/**
 * Reads both selectors of a request.
 *
 * @throws ApiError 400 where one cannot be read, or names a field that cannot be selected by
 */
export function selectionIn(query: URLSearchParams, resource: Resource): Selection {
  return {
    labels: labelsIn(query.get("labelSelector") ?? ""),
    fields: fieldsIn(query.get("fieldSelector") ?? "", resource),
  };
}

function labelsIn(text: string): LabelSelector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw badRequest(`unable to parse requirement: ${(error as Error).message}`);
  }
}

function fieldsIn(text: string, resource: Resource): FieldRequirement[] {
  const known = fieldsOf(resource);
  return text.split(",").filter((one) => one.trim() !== "").map((one) => {
    const [, field, operator, value] = /^\s*([^=!\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(one) ?? [];
    if (field === undefined) throw badRequest(`invalid selector: '${one}'; can't understand '${one}'`);
    if (!Object.hasOwn(known, field)) {
      throw badRequest(
        `Unable to find "${resource.plural}" that match field selector "${text}": ` +
          `field label not supported: ${field}`,
      );
    }
    return { field: known[field]!, value: value!, equal: operator !== "!=" };
  });
}

function fieldsOf({ group, storage, namespaced }: Resource): Readonly<Record<string, string>> {
  const metadata = namespaced ? ["metadata.name", "metadata.namespace"] : ["metadata.name"];
  return { ...fieldsAt(...metadata), ...(selectable[`${group}/${storage}`] ?? selectable[storage]) };
}

/** Whether an object, as it is kept, is meant. */
export function isSelected({ labels, fields }: Selection, object: ApiObject): boolean {
  return fields.every(({ field, value, equal }) => (textAt(object, field) === value) === equal) &&
    matches(labels, object.metadata.labels ?? {});
}

function textAt(object: ApiObject, path: string): string {
  let value: unknown = object;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[name];
  return value === undefined || value === null ? emptyAt(path) : String(value);
}

/** What a field that is not set says: a flag is false, a number 0, a text empty. */
function emptyAt(path: string): string {
  if (path === "spec.hostNetwork" || path === "spec.unschedulable") return "false";
  return path === "status.replicas" ? "0" : "";
}
