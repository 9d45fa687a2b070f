/** JSON with sorted keys, where what fits on a line stands on one: compact, and a change shows as a line. */
export function printJson(value: unknown, width: number = 120): string {
  return print(sorted(value), "", 0, width) + "\n";
}

/** The value as it stands after `used` characters of a line that begins with `indent`. */
function print(value: unknown, indent: string, used: number, width: number): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || used + line.length < width) return line;
  const deeper = indent + " ";
  const entry = (key: string, each: unknown) =>
    deeper + key + print(each, deeper, deeper.length + key.length, width);
  const [open, close, entries] = Array.isArray(value)
    ? ["[", "]", value.map((each) => entry("", each))]
    : ["{", "}", Object.entries(value).map(([key, each]) => entry(`${JSON.stringify(key)}: `, each))];
  return `${open}\n${entries.join(",\n")}\n${indent}${close}`;
}

/** Keys by code unit, so that the order depends on no locale; those without a value are left out. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, each]) => [key, sorted(each)]),
  );
}
