/**
 * Names: which are valid, and how they are made.
 *
 * @module
 */

/** Letters and digits that spell no words and are not taken for each other. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

/** Longest beginning of a name that five characters are appended to. */
const longestBase = 58;

/** A name from `metadata.generateName`. */
export function generatedName(base: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  const end = Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  return base.slice(0, longestBase) + end;
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const namePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** What is wrong with a name of 63 characters at most (RFC 1123 label). */
export function labelProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (label.test(name)) return undefined;
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start " +
    "and end with an alphanumeric character";
}

/** What is wrong with a name of 253 characters at most (RFC 1123 subdomain). */
export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return "must be no more than 253 characters";
  if (subdomain.test(name)) return undefined;
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and " +
    "must start and end with an alphanumeric character";
}

/** What is wrong with a key of a label or annotation: `name`, or `prefix/name`. */
export function keyProblem(key: string): string | undefined {
  const parts = key.split("/");
  const name = parts.at(-1)!;
  const prefix = parts.length > 1 ? parts[0]! : undefined;
  if (parts.length > 2) return "a qualified name must consist of a name and an optional prefix with one '/'";
  if (prefix !== undefined && (prefix === "" || subdomainProblem(prefix))) {
    return `prefix part ${subdomainProblem(prefix) ?? "must be non-empty"}`;
  }
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 characters";
  if (namePart.test(name)) return undefined;
  return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
    "alphanumeric character";
}

/** What is wrong with a label's value. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return "must be no more than 63 characters";
  if (value === "" || namePart.test(value)) return undefined;
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and " +
    "must start and end with an alphanumeric character";
}
