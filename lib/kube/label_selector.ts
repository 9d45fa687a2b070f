/**
 * Label selectors: as objects hold them, and as query parameters spell them.
 *
 * @module
 */
import type { LabelSelector, LabelSelectorRequirement } from "../../k8s/meta_v1.ts";

/** An object's labels, as Kubernetes gives them. */
type Labels = Readonly<Record<string, string>>;

/** Whether labels fit a selector (meta/v1 LabelSelector: all of its requirements). */
export function matches({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  return Object.entries(matchLabels ?? {}).every(([name, value]) => valueOf(labels, name) === value) &&
    (matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = valueOf(labels, key);
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const among = value !== undefined && values.includes(value);
      return operator === "In" ? among : !among;
    });
}

/** A label's value; one called `constructor` is there only where somebody set it. */
function valueOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

const key = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const existence = new RegExp(`^(!?)\\s*(${key})$`);
const equality = new RegExp(`^(${key})\\s*(==?|!=)\\s*(${value})$`);
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const setValue = new RegExp(`^${value}$`);

/**
 * Reads a selector as the query parameter `labelSelector` spells it: `app=web,tier!=cache,env in (a, b),!canary`.
 *
 * @throws SyntaxError that names the requirement which cannot be read
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = requirementsIn(text).map(parseRequirement);
  return { matchExpressions: requirements };
}

/** Splits at the commas that stand outside of brackets. */
function requirementsIn(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((one) => one.trim());
}

function parseRequirement(text: string): LabelSelectorRequirement {
  const exists = existence.exec(text);
  if (exists) return { key: exists[2]!, operator: exists[1] === "!" ? "DoesNotExist" : "Exists" };
  const equal = equality.exec(text);
  if (equal) return { key: equal[1]!, operator: equal[2] === "!=" ? "NotIn" : "In", values: [equal[3]!] };
  const member = membership.exec(text);
  const values = member?.[3]?.split(",").map((one) => one.trim()) ?? [];
  if (!member || !values.every((one) => setValue.test(one))) {
    throw new SyntaxError(`cannot read "${text}" as a label requirement: expected for instance app=web`);
  }
  return { key: member[1]!, operator: member[2] === "in" ? "In" : "NotIn", values };
}
