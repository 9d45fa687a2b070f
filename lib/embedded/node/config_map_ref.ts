/**
 * What containers take of ConfigMaps.
 *
 * @module
 */
import type { ConfigMap } from "../../../k8s/core_v1.ts";
import { BadReference } from "./field_ref.ts";

/** Looks a ConfigMap of the pod's namespace up. */
export type ConfigMapLookup = (name: string) => ConfigMap | undefined;

/** A reference to a ConfigMap; an optional one may lead nowhere. */
export interface ConfigMapReference {
  readonly name?: string;
  readonly optional?: boolean;
}

/**
 * The ConfigMap that is referred to; `undefined` where there is none and none is needed.
 *
 * @throws BadReference where there is none
 */
export function configMapOf(
  { name = "", optional }: ConfigMapReference,
  lookup: ConfigMapLookup,
): ConfigMap | undefined {
  const found = lookup(name);
  if (!found && !optional) throw new BadReference(`configmap "${name}" not found`);
  return found;
}
