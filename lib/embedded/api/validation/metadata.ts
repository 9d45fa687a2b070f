/**
 * Rules for metadata.
 *
 * @module
 */
import type { OwnerReference } from "../../../../k8s/meta_v1.ts";
import { keyProblem, labelProblem, labelValueProblem, subdomainProblem } from "../names.ts";
import type { ApiObject } from "../objects.ts";
import type { ProblemList } from "./problems.ts";

/** Most bytes of all annotations of an object, keys and values. */
const mostAnnotationBytes = 262_144;

/** Kinds whose names are at most 63 characters without dots. */
const labelNamed = ["Namespace", "Service"];

/** Finalizers that need no domain. */
const standardFinalizers = ["orphan", "foregroundDeletion", "kubernetes"];

/** Checks an object's metadata. */
export function checkMetadata({ kind, metadata }: ApiObject, list: ProblemList): void {
  const problem = (labelNamed.includes(kind) ? labelProblem : subdomainProblem)(metadata.name ?? "");
  if (!metadata.name) list.required("metadata.name", "name or generateName is required");
  else if (problem) list.invalid("metadata.name", metadata.name, problem);
  checkLabels("metadata.labels", metadata.labels ?? {}, list);
  checkAnnotations(metadata.annotations ?? {}, list);
  for (const [index, one] of (metadata.finalizers ?? []).entries()) {
    if (one.includes("/") || standardFinalizers.includes(one)) continue;
    const why = "name is neither a standard finalizer name nor is it fully qualified";
    list.invalid(`metadata.finalizers[${index}]`, one, why);
  }
  checkOwners(metadata.ownerReferences ?? [], list);
}

function checkOwners(owners: readonly OwnerReference[], list: ProblemList): void {
  const controllers = owners.filter(({ controller }) => controller);
  if (controllers.length > 1) {
    const why = "Only one reference can have Controller set to true";
    list.invalid("metadata.ownerReferences", controllers, why);
  }
  for (const [index, owner] of owners.entries()) {
    for (const field of ["apiVersion", "kind", "name", "uid"] as const) {
      if (!owner[field]) list.required(`metadata.ownerReferences[${index}].${field}`, "must not be empty");
    }
  }
}

/** Checks labels. */
export function checkLabels(
  path: string,
  labels: Readonly<Record<string, string>>,
  list: ProblemList,
): void {
  for (const [key, value] of Object.entries(labels)) {
    const wrongKey = keyProblem(key);
    const wrongValue = labelValueProblem(value);
    if (wrongKey) list.invalid(path, key, wrongKey);
    if (wrongValue) list.invalid(path, value, wrongValue);
  }
}

function checkAnnotations(annotations: Readonly<Record<string, string>>, list: ProblemList): void {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    const wrong = keyProblem(key.toLowerCase());
    if (wrong) list.invalid("metadata.annotations", key, wrong);
    bytes += encoder.encode(key).length + encoder.encode(value).length;
  }
  if (bytes > mostAnnotationBytes) list.tooLong("metadata.annotations", mostAnnotationBytes);
}

/** Checks what of an object's metadata may not change. */
export function checkMetadataUpdate(before: ApiObject, after: ApiObject, list: ProblemList): void {
  for (const field of ["name", "namespace", "uid"] as const) {
    if (before.metadata[field] === after.metadata[field]) continue;
    list.invalid(`metadata.${field}`, after.metadata[field], "field is immutable");
  }
  const ending = before.metadata.deletionTimestamp !== undefined;
  const held = before.metadata.finalizers ?? [];
  const added = (after.metadata.finalizers ?? []).filter((one) => !held.includes(one));
  if (ending && added.length > 0) {
    const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${
      JSON.stringify(added)
    }`;
    list.forbidden("metadata.finalizers", why);
  }
}
