/** Types from schemas. */
import { comment } from "./comment.ts";
import type { Module } from "./module.ts";
import { typeName } from "./names.ts";
import { referenced, type Schema } from "./openapi.ts";

/** A field of an interface. */
export interface Field {
  name: string;
  description: string;
  required?: boolean;
  type: string;
}

/** Schemas whose JSON is narrower than their document says, or not said by it at all. */
const KNOWN_TYPES: Record<string, string> = {
  // A number is taken too, but what a server gives is always a string.
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "string",
};

/** Declares the type of a schema: an interface, or an alias for what has no fields. */
export function declareType(name: string, schema: Schema, module: Module): void {
  const described = schema.description ?? "";
  if (schema.properties === undefined) {
    const type = KNOWN_TYPES[name] ?? typeOf(schema, module);
    module.add(typeName(name), `${comment(described)}\nexport type ${typeName(name)} = ${type};`);
    return;
  }
  const fields = Object.entries(schema.properties).map(([field, each]): Field => ({
    name: field,
    description: descriptionOf(each),
    required: schema.required?.includes(field),
    type: typeOf(each, module),
  }));
  module.add(typeName(name), interfaceSource(typeName(name), described, fields));
}

/** The source of an exported interface. */
export function interfaceSource(name: string, description: string, fields: Field[], parent?: string): string {
  const lines = fields.map(({ name, description, required, type }) =>
    `${comment(description, 2)}\n  ${name}${required ? "" : "?"}: ${type};`
  );
  const head = `export interface ${name}${parent ? ` extends ${parent}` : ""}`;
  return `${comment(description)}\n${head} {\n${lines.join("\n")}\n}`;
}

/** The TypeScript type of a schema's values. */
export function typeOf(schema: Schema, module: Module): string {
  const { $ref, allOf, oneOf, type, items, additionalProperties } = schema;
  if ($ref !== undefined) return module.schema(referenced($ref));
  if (allOf?.length === 1 && allOf[0]) return typeOf(allOf[0], module);
  if (oneOf) return oneOf.map((each) => typeOf(each, module)).join(" | ");
  if (type === "array" && items) return `${typeOf(items, module)}[]`;
  if (type === "object" && additionalProperties) {
    return `Record<string, ${typeOf(additionalProperties, module)}>`;
  }
  if (type === "object") return "Record<string, unknown>";
  if (type === "integer") return "number";
  if (type === "string" || type === "boolean" || type === "number") return type;
  throw new Error(`Cannot write a type for ${JSON.stringify(schema)} in ${module.name}.`);
}

/** What the document says of a field, and what a strategic merge patch does with it. */
function descriptionOf(schema: Schema): string {
  const described = schema.description ?? "";
  const key = schema["x-kubernetes-patch-merge-key"];
  const strategies = schema["x-kubernetes-patch-strategy"]?.split(",") ?? [];
  if (!strategies.includes("merge")) return described;
  return `${described}\n\nA strategic merge patch merges this list${key ? ` by \`${key}\`` : ""}.`;
}
