/**
 * Numbers of pods that are given as such, or as a percentage (`IntOrString`).
 *
 * @module
 */
import type { IntOrString } from "../../../../k8s/meta_v1.ts";

/**
 * How many of `total` are meant.
 *
 * @param round which way a percentage that is no whole number goes
 * @throws SyntaxError for a text that is no percentage
 */
export function portionOf(value: IntOrString, total: number, round: "up" | "down"): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) {
    throw new SyntaxError(`invalid value for IntOrString: "${value}" is no percentage`);
  }
  const exact = Number(percent) * total / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}
