/**
 * Which fields a caller may send: what is refused, what is only warned of (query parameter `fieldValidation`).
 *
 * @module
 */
import { ApiError, badRequest, type FieldProblem, invalid } from "../errors.ts";
import type { Resource } from "../resources.ts";
import { decode, type Decoded } from "./decode.ts";
import { duplicateFields } from "./duplicates.ts";

/** What happens with fields that are unknown or stand twice. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** What was sent. */
export interface Sent {
  readonly validation: FieldValidation;
  /** The body of the request, in which fields may stand twice; unset where it was not JSON. */
  readonly text?: string;
}

/** An object that is taken. */
export interface Checked {
  /** With the fields of its kind alone. */
  readonly object: unknown;
  /** To be told the caller: each is the text of one `Warning` header. */
  readonly warnings: readonly string[];
  /** Fields of its spec that must be there and are not: the object cannot be kept. */
  readonly missing: readonly FieldProblem[];
}

/**
 * What the query parameter `fieldValidation` asks for.
 *
 * @param options the kind of options that the call takes, for the message: `CreateOptions`
 * @throws ApiError 422 where it is none of the words that are known
 */
export function fieldValidationIn(parameter: string | null, options: string): FieldValidation {
  if (!parameter) return "Warn";
  if (parameter === "Ignore" || parameter === "Warn" || parameter === "Strict") return parameter;
  const message = `Unsupported value: ${JSON.stringify(parameter)}: ` +
    'supported values: "", "Ignore", "Strict", "Warn"';
  throw invalid(options, { group: "meta.k8s.io", resource: options }, [
    { field: "fieldValidation", message, reason: "FieldValueNotSupported" },
  ]);
}

/**
 * Reads an object that was sent to be created or to replace another.
 *
 * @param object what `sent.text` says
 * @throws ApiError 400 where a value is of the wrong type, or a field is and may not be unknown
 */
export function checkedObject(resource: Resource, object: unknown, sent: Sent): Checked {
  const decoded = decode(resource, object);
  const { problem, warnings } = judged(decoded, sent);
  if (problem) {
    const { kind, version } = resource;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
  }
  return { object: decoded.object, warnings, missing: decoded.missing };
}

/**
 * Reads what an object became by a patch.
 *
 * @param sent the patch
 * @throws ApiError 422 where a value is of the wrong type, or a field is and may not be unknown
 */
export function checkedPatch(resource: Resource, patched: unknown, sent: Sent): Checked {
  const decoded = decode(resource, patched);
  const { problem, warnings } = judged(decoded, sent);
  if (problem) {
    const message = `Invalid value: ${JSON.stringify(sent.text ?? "")}: ${problem}`;
    const causes = [{ reason: "FieldValueInvalid", message, field: "patch" }];
    throw new ApiError(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes });
  }
  return { object: decoded.object, warnings, missing: decoded.missing };
}

function judged({ wrong, unknown }: Decoded, { validation, text }: Sent): {
  problem?: string;
  warnings: string[];
} {
  if (wrong) return { problem: wrong, warnings: [] };
  if (validation === "Ignore") return { warnings: [] };
  const said = [
    ...duplicateFields(text ?? "").map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ];
  if (validation === "Warn" || said.length === 0) return { warnings: said };
  return { problem: `strict decoding error: ${said.join(", ")}`, warnings: [] };
}
