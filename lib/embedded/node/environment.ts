/**
 * The variables that a container's manifest asks for.
 *
 * @module
 */
import type { Container, EnvFromSource, EnvVarSource, Pod } from "../../../k8s/core_v1.ts";
import { type ConfigMapLookup, configMapOf } from "./config_map_ref.ts";
import { expand } from "./expand.ts";
import { BadReference, fieldValue, own, type PodFacts, resourceValue } from "./field_ref.ts";

/** What values are taken from. */
export interface EnvironmentSources {
  readonly pod: Pod;
  readonly facts: PodFacts;
  readonly configMap: ConfigMapLookup;
  /** Variables that every container may refer to. */
  readonly service: Readonly<Record<string, string>>;
}

/**
 * The variables of a container, those of `envFrom` first, each with its references expanded.
 *
 * @throws BadReference where a value cannot be had
 */
export function environmentOf(container: Container, sources: EnvironmentSources): Map<string, string> {
  const variables = new Map(Object.entries(sources.service));
  for (const source of container.envFrom ?? []) takeAll(source, sources.configMap, variables);
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = value || !valueFrom
      ? expand(value ?? "", variables)
      : valueOf(valueFrom, container, sources);
    if (found !== undefined) variables.set(name, found);
  }
  return variables;
}

/** Takes every key of a ConfigMap. */
function takeAll(
  { prefix = "", configMapRef, secretRef }: EnvFromSource,
  lookup: ConfigMapLookup,
  into: Map<string, string>,
): void {
  if (secretRef && !secretRef.optional) throw noSecret(secretRef.name);
  const data = configMapRef && configMapOf(configMapRef, lookup)?.data;
  for (const [key, value] of Object.entries(data ?? {})) into.set(prefix + key, value);
}

/** A variable's value; `undefined` where it is optional and there is none. */
function valueOf(from: EnvVarSource, container: Container, sources: EnvironmentSources): string | undefined {
  const { pod, facts, configMap } = sources;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = from;
  if (fieldRef) return fieldValue(fieldRef, pod, facts);
  if (resourceFieldRef) return resourceValue(resourceFieldRef, pod, container, facts);
  if (secretKeyRef) {
    if (secretKeyRef.optional) return undefined;
    throw noSecret(secretKeyRef.name);
  }
  if (!configMapKeyRef) {
    throw new BadReference(
      `valueFrom ${Object.keys(from).join(", ")}: not supported by AutoCrane's embedded cluster`,
    );
  }
  const { key, optional } = configMapKeyRef;
  const value = own(configMapOf(configMapKeyRef, configMap)?.data, key);
  if (value !== undefined || optional) return value;
  throw new BadReference(
    `couldn't find key ${key} in ConfigMap ${pod.metadata?.namespace}/${configMapKeyRef.name}`,
  );
}

function noSecret(name: string | undefined): BadReference {
  return new BadReference(
    `secret "${
      name ?? ""
    }": Secrets are not supported by AutoCrane's embedded cluster: use a ConfigMap or a plain value`,
  );
}
