/**
 * Collecting what is wrong with an object, in API servers' words.
 *
 * @module
 */
import type { FieldProblem } from "../errors.ts";

/** Something with which all is told that is wrong. */
export class ProblemList {
  readonly problems: FieldProblem[] = [];

  /** A value is there and wrong. */
  invalid(field: string, value: unknown, why: string): void {
    this.#add(field, `Invalid value: ${shown(value)}: ${why}`, "FieldValueInvalid");
  }

  /** A value must be there and is not. */
  required(field: string, why = ""): void {
    this.#add(field, `Required value${why && `: ${why}`}`, "FieldValueRequired");
  }

  /** A value is none of the few that are known. */
  unsupported(field: string, value: unknown, known: readonly string[]): void {
    const list = known.map((one) => JSON.stringify(one)).join(", ");
    this.#add(
      field,
      `Unsupported value: ${shown(value)}: supported values: ${list}`,
      "FieldValueNotSupported",
    );
  }

  /** A field may not be set here, or not be changed. */
  forbidden(field: string, why: string): void {
    this.#add(field, `Forbidden: ${why}`, "FieldValueForbidden");
  }

  /** A value is there twice. */
  duplicate(field: string, value: unknown): void {
    this.#add(field, `Duplicate value: ${shown(value)}`, "FieldValueDuplicate");
  }

  /** More than is allowed. */
  tooLong(field: string, most: number): void {
    this.#add(field, `Too long: may not be more than ${most} bytes`, "FieldValueTooLong");
  }

  #add(field: string, message: string, reason: string): void {
    this.problems.push({ field, message, reason });
  }
}

function shown(value: unknown): string {
  return typeof value === "object"
    ? JSON.stringify(value)
    : typeof value === "string"
    ? `"${value}"`
    : String(value);
}
