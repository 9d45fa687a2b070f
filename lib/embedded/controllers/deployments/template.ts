/**
 * Pod templates: which are the same, and a short name for each.
 *
 * @module
 */
import type { PodTemplateSpec } from "../../../../k8s/core_v1.ts";

/** The label that tells the ReplicaSets of a Deployment, and their pods, apart. */
export const hashLabel = "pod-template-hash";

/** Fields that are maps: an empty one says the same as none. An empty object elsewhere may be a choice. */
const maps: ReadonlySet<string> = new Set([
  "annotations",
  "labels",
  "limits",
  "matchLabels",
  "nodeSelector",
  "overhead",
  "requests",
]);

/** Letters and digits that spell no words. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

/** Whether two templates make the same pods; the label with the hash does not count. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return textOf(a) === textOf(b);
}

/**
 * A short name for a template, of letters and digits.
 *
 * @param collisions how often names turned out to be taken by another template
 */
export function templateHash(template: PodTemplateSpec | undefined, collisions: number | undefined): string {
  const text = textOf(template) + (collisions === undefined ? "" : `#${collisions}`);
  return Array.from(String(fnv1a(text)), (digit) => letters[digit.charCodeAt(0) % letters.length]).join("");
}

/** What a template says, the same text for every way to say it. */
function textOf(template: PodTemplateSpec | undefined): string {
  const { [hashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {};
  const plain = { ...template, metadata: { ...template?.metadata, labels } };
  return JSON.stringify(canonical(plain));
}

/** Fields in the order of their names, without those that are empty. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const said = Object.entries(value).filter(([name, one]) => !isEmpty(name, one));
  return Object.fromEntries(
    said.map(([name, one]) => [name, canonical(one)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function isEmpty(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return maps.has(name) && typeof value === "object" && Object.keys(value).length === 0;
}

/** The 32-bit FNV-1a hash. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
