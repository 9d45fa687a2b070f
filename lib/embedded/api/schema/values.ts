/**
 * Single values, read as an API server reads them, and its words for those that it cannot read.
 *
 * @module
 */
import type { Definition, Schema } from "./specs.ts";
import { definitionOf } from "./specs.ts";

/** Reads one value of JSON; a `string` says in the API server's words why it cannot be read. */
export type ValueReader = (value: unknown) => { readonly value: unknown } | { readonly wrong: string };

/** Where a value is, as decoders say it: the last struct, and all fields that lead there. */
export interface GoField {
  /** `DeploymentSpec`. */
  readonly struct: string;
  /** `spec.template.spec.containers`. */
  readonly fields: string;
}

/** The words for a value of the wrong type. */
export function wrongType(value: unknown, { struct, fields }: GoField, goType: string): string {
  const given = goType.startsWith("int") && typeof value === "number" ? `number ${value}` : jsonType(value);
  const where = fields ? `struct field ${struct}.${fields}` : "value";
  return `json: cannot unmarshal ${given} into Go ${where} of type ${goType}`;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** The type that a schema has in Kubernetes' own code, as its messages name it. */
export function goTypeOf({ name, schema }: Definition): string {
  if (schema.format === "int-or-string") return "int32";
  if (name && schema.properties) return name.split(".").slice(-2).join(".");
  if (schema.type === "array") return `[]${goTypeOf(definitionOf(schema.items!))}`;
  if (schema.additionalProperties) {
    return `map[string]${goTypeOf(definitionOf(schema.additionalProperties))}`;
  }
  return scalarType(schema);
}

function scalarType({ type, format }: Schema): string {
  if (type === "integer") return format ?? "int64";
  if (type === "number") return "float64";
  if (type === "boolean") return "bool";
  return format === "byte" ? "[]uint8" : "string";
}

const quantityForm = /^[+-]?[0-9.]+([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const microTimeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

/**
 * What is wrong with a value that is neither object nor list.
 *
 * @returns in the API server's words; `undefined` for a good one
 */
export function scalarProblem(value: unknown, definition: Definition, field: GoField): string | undefined {
  const { name, schema } = definition;
  if (name?.endsWith(".Quantity")) return quantityProblem(value);
  if (schema.format === "int-or-string" && typeof value === "string") return undefined;
  const goType = goTypeOf(definition);
  if (!isOfType(value, goType)) return wrongType(value, field, goType);
  if (schema.format === "date-time") return timeProblem(value as string, name!.endsWith(".MicroTime"));
  if (schema.format === "byte") return bytesProblem(value as string);
  return undefined;
}

function isOfType(value: unknown, goType: string): boolean {
  if (goType === "int32") return Number.isInteger(value) && (value as number) === ((value as number) | 0);
  if (goType === "int64") return Number.isInteger(value);
  if (goType === "float64") return typeof value === "number";
  return goType === "bool" ? typeof value === "boolean" : typeof value === "string";
}

function quantityProblem(value: unknown): string | undefined {
  if (typeof value === "number" || (typeof value === "string" && quantityForm.test(value))) return undefined;
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}

function timeProblem(value: string, micro: boolean): string | undefined {
  if ((micro ? microTimeForm : timeForm).test(value) && !Number.isNaN(Date.parse(value))) return undefined;
  const layout = `2006-01-02T15:04:05${micro ? ".000000" : ""}Z07:00`;
  return `parsing time ${JSON.stringify(value)} as "${layout}": it does not have this form`;
}

function bytesProblem(value: string): string | undefined {
  const at = /[^A-Za-z0-9+/=\s]/.exec(value)?.index ?? (value.length % 4 === 0 ? undefined : value.length);
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}
