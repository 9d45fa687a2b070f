/**
 * Figures, and how they are shown.
 *
 * @module
 */

/** One figure. */
export interface Figure {
  readonly what: string;
  /** As it is to be read, with its unit. */
  readonly value: string;
  /** What it should be; none for a yardstick. */
  readonly aim?: string;
  /** Whether it is what it should be. */
  readonly met?: boolean;
  /** What it means, in a sentence. */
  readonly meaning: string;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Figures as a table, each with its meaning. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, aim = "", met, meaning }) => [
    what,
    value,
    aim,
    met === undefined ? "" : met ? "met" : "NOT MET",
    meaning,
  ]);
  const all = [["figure", "value", "aim", "", "what it means"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd();
  return all.map(line).join("\n") + "\n";
}
