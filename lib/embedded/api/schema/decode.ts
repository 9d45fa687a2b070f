/**
 * Objects that callers sent, read by the schema of their kind: what is known of them is kept, all else is named.
 *
 * @module
 */
import type { FieldProblem } from "../errors.ts";
import type { Resource } from "../resources.ts";
import { type Definition, definitionOf, definitionOfKind } from "./specs.ts";
import { type GoField, goTypeOf, scalarProblem, wrongType } from "./values.ts";

/** An object that was read. */
export interface Decoded {
  /** The object with the fields of its kind alone, and without those that are `null`. */
  readonly object: unknown;
  /** Fields that the kind does not have: `spec.containers[0].imag`. */
  readonly unknown: readonly string[];
  /** The first value that cannot be read, in an API server's words; then the object is of no use. */
  readonly wrong?: string;
  /** Fields of the spec that must be there and are not. */
  readonly missing: readonly FieldProblem[];
}

/** Reads an object of a resource's kind. */
export function decode(resource: Resource, sent: unknown): Decoded {
  const decoder = new Decoder();
  const definition = definitionOfKind(resource);
  const object = decoder.read(sent, definition, { path: "", struct: resource.kind, fields: "" });
  const [wrong] = decoder.wrong;
  return { object, unknown: decoder.unknown, missing: decoder.missing, ...(wrong && { wrong }) };
}

/** Where a value is: for people, and as the decoder's messages say it. */
interface At extends GoField {
  /** `spec.containers[0].image`. */
  readonly path: string;
}

type Fields = Record<string, unknown>;

/** Goes through an object once and notes what is wrong with it. */
class Decoder {
  readonly unknown: string[] = [];
  readonly wrong: string[] = [];
  readonly missing: FieldProblem[] = [];

  read(value: unknown, definition: Definition, at: At): unknown {
    const { schema } = definition;
    if (schema.properties) return this.#struct(value, definition, at);
    if (schema.type === "array") return this.#list(value, definition, at);
    if (schema.additionalProperties) return this.#map(value, definition, at);
    // An object of which nothing is said may hold anything.
    if (schema.type === "object") return value;
    return this.#scalar(value, definition, at);
  }

  #struct(value: unknown, definition: Definition, at: At): unknown {
    if (!isObject(value)) return this.#refuse(value, definition, at);
    const { name = "", schema } = definition;
    const struct = name.slice(name.lastIndexOf(".") + 1);
    const kept: Fields = {};
    for (const [field, inner] of Object.entries(value)) {
      // Who calls without a connection may send what JSON would leave out.
      if (inner === undefined) continue;
      const path = at.path ? `${at.path}.${field}` : field;
      const known = Object.hasOwn(schema.properties!, field) ? schema.properties![field] : undefined;
      if (!known) this.unknown.push(path);
      else if (inner !== null) {
        const fields = at.fields ? `${at.fields}.${field}` : field;
        kept[field] = this.read(inner, definitionOf(known), { path, struct, fields });
      }
    }
    if (at.path.startsWith("spec")) this.#require(kept, schema.required ?? [], at.path);
    return kept;
  }

  #require(kept: Fields, required: readonly string[], path: string): void {
    for (const field of required) {
      if (Object.hasOwn(kept, field)) continue;
      const message = "Required value";
      this.missing.push({ field: `${path}.${field}`, message, reason: "FieldValueRequired" });
    }
  }

  #list(value: unknown, definition: Definition, at: At): unknown {
    if (!Array.isArray(value)) return this.#refuse(value, definition, at);
    const inner = definitionOf(definition.schema.items!);
    return value.map((one, index) =>
      this.read(one ?? nothing(inner), inner, { ...at, path: `${at.path}[${index}]` })
    );
  }

  #map(value: unknown, definition: Definition, at: At): unknown {
    if (!isObject(value)) return this.#refuse(value, definition, at);
    const inner = definitionOf(definition.schema.additionalProperties!);
    // A map, unlike a struct, may have a key called "__proto__".
    return Object.fromEntries(
      Object.entries(value).filter(([, one]) => one !== undefined).map(([key, one]) => [
        key,
        this.read(one ?? nothing(inner), inner, { ...at, path: `${at.path}.${key}` }),
      ]),
    );
  }

  #scalar(value: unknown, definition: Definition, at: At): unknown {
    const problem = scalarProblem(value, definition, at);
    if (problem) this.wrong.push(problem);
    // A quantity may be sent as a number, and is kept as text.
    return definition.name?.endsWith(".Quantity") ? String(value) : value;
  }

  #refuse(value: unknown, definition: Definition, at: At): undefined {
    this.wrong.push(wrongType(value, at, goTypeOf(definition)));
    return undefined;
  }
}

/** What `null` in a list or a map is read as. */
function nothing({ schema }: Definition): unknown {
  if (schema.type === "array") return [];
  if (schema.type === "integer" || schema.type === "number" || schema.format === "int-or-string") return 0;
  if (schema.type === "boolean") return false;
  return schema.properties || schema.additionalProperties || schema.type === "object" ? {} : "";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
