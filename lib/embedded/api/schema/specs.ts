/**
 * What Kubernetes' published documents say of the served kinds: which fields there are and what is in them.
 *
 * @module
 */
import apps from "../../../../k8s/spec/apps_v1.json" with { type: "json" };
import autoscaling from "../../../../k8s/spec/autoscaling_v1.json" with { type: "json" };
import coordination from "../../../../k8s/spec/coordination_v1.json" with { type: "json" };
import core from "../../../../k8s/spec/core_v1.json" with { type: "json" };
import events from "../../../../k8s/spec/events_v1.json" with { type: "json" };
import meta from "../../../../k8s/spec/meta_v1.json" with { type: "json" };
import policy from "../../../../k8s/spec/policy_v1.json" with { type: "json" };
import { groupVersion, type Resource } from "../resources.ts";

/** A schema as OpenAPI 3.0 has it, with Kubernetes' hints for patches. */
export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
}

/** A document on one group version. */
export interface SpecDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
}

/** By group version, as in `apiVersion`. */
const byGroupVersion = {
  v1: core,
  "apps/v1": apps,
  "coordination.k8s.io/v1": coordination,
  "events.k8s.io/v1": events,
  "policy/v1": policy,
} as unknown as Readonly<Record<string, SpecDocument>>;

/** What all documents refer to. */
export const shared: SpecDocument = meta as unknown as SpecDocument;

const documents = [...Object.values(byGroupVersion), autoscaling as unknown as SpecDocument, shared];
const schemas = new Map(documents.flatMap(({ components }) => Object.entries(components.schemas ?? {})));

/** The document on a resource's group version. */
export function documentOf(resource: Resource): SpecDocument {
  return byGroupVersion[groupVersion(resource)]!;
}

/** The schema of this name: `io.k8s.api.core.v1.Pod`. */
export function schemaNamed(name: string): Schema {
  const schema = schemas.get(name);
  if (!schema) throw new Error(`Cannot find the schema "${name}" in k8s/spec. Was it pruned away?`);
  return schema;
}

/** The name of the schema of a resource's kind, or of another kind of its group version. */
export function schemaNameOf({ group, version }: Resource, kind: string): string {
  const [folder = ""] = group.split(".");
  return `io.k8s.api.${folder || "core"}.${version}.${kind}`;
}

/** A schema that was followed to where its fields are; its name, where it has one of its own. */
export interface Definition {
  readonly name?: string;
  readonly schema: Schema;
}

/** What is at a field: follows a reference. */
export function definitionOf(schema: Schema): Definition {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (!reference) return { schema };
  const name = referredTo(reference);
  return { name, schema: schemaNamed(name) };
}

/** The schema of a resource's objects. */
export function definitionOfKind(resource: Resource): Definition {
  const name = schemaNameOf(resource, resource.kind);
  return { name, schema: schemaNamed(name) };
}

/** `#/components/schemas/NAME`, in this document or another: the name. */
export function referredTo(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}
