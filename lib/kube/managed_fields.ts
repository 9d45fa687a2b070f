/**
 * Who wrote what: an object's managedFields.
 *
 * @module
 */
import type { KubeObject } from "./store.ts";

interface OwnedFields {
  readonly "f:metadata"?: { readonly "f:annotations"?: Readonly<Record<string, unknown>> };
}

/**
 * The annotations that a field manager wrote last.
 *
 * @param prefix how the annotations' keys begin
 * @returns what comes after the prefix in each key
 */
export function managedAnnotations({ metadata }: KubeObject, manager: string, prefix: string): string[] {
  const names = new Set<string>();
  for (const entry of metadata?.managedFields ?? []) {
    if (entry.manager !== manager) continue;
    const annotations = (entry.fieldsV1 as OwnedFields | undefined)?.["f:metadata"]?.["f:annotations"];
    for (const field in annotations) {
      if (field.startsWith(`f:${prefix}`)) names.add(field.slice(prefix.length + 2));
    }
  }
  return [...names];
}
