/**
 * Labels and selectors as tables show them.
 *
 * @module
 */
import type { LabelSelector, LabelSelectorRequirement } from "../../../../k8s/meta_v1.ts";

/** `app=web,tier=front`, sorted; `<none>` where there are none. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(",") || "<none>";
}

/** `app=web,tier notin (cache)`, sorted by label; empty where nothing is required. */
export function selectorText({ matchLabels, matchExpressions }: LabelSelector = {}): string {
  const required = [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, said: `${key}=${value}` })),
    ...(matchExpressions ?? []).map((one) => ({ key: one.key, said: requirementText(one) })),
  ];
  return required.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ said }) => said).join(",");
}

function requirementText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  return `${key} ${operator.toLowerCase()} (${[...values].sort().join(",")})`;
}
