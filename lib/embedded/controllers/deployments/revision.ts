/**
 * Revisions: each template that a Deployment has had, numbered in the order in which they were rolled out.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { sizeKeys } from "./resize.ts";

/** The annotation with the revision, on ReplicaSets and on the Deployment. */
export const revisionKey = "deployment.kubernetes.io/revision";

/** The annotation with the revisions that a ReplicaSet had before it was rolled back to, newest last. */
const historyKey = "deployment.kubernetes.io/revision-history";

/** Longest history that is kept, characters. */
const longestHistory = 2000;

/** Annotations of a Deployment that are about itself alone. */
const own: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  revisionKey,
  historyKey,
  ...Object.values(sizeKeys),
]);

/** A ReplicaSet's revision; 0 where it has none, `undefined` where it cannot be read. */
export function revisionOf({ metadata }: ReplicaSet): number | undefined {
  const text = metadata?.annotations?.[revisionKey] ?? "";
  if (text === "") return 0;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The revision after those of the old sets. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return 1 + Math.max(0, ...old.map((one) => revisionOf(one) ?? 0));
}

/**
 * The annotations of the current set: the Deployment's, and a revision after all others'. One that is rolled
 * back to remembers which revisions it had.
 */
export function currentAnnotations(
  deployment: Deployment,
  current: ReplicaSet,
  next: number,
): Record<string, string> {
  const held = current.metadata?.annotations ?? {};
  const revision = revisionOf(current);
  if (revision === undefined) return held;
  const shared = Object.entries(deployment.metadata?.annotations ?? {}).filter(([key]) => !own.has(key));
  const annotations = { ...held, ...Object.fromEntries(shared) };
  if (revision >= next) return annotations;
  const history = revision === 0 ? undefined : historyWith(held[historyKey], held[revisionKey]!);
  return { ...annotations, ...(history && { [historyKey]: history }), [revisionKey]: String(next) };
}

/** The history with one more revision; the oldest make room. */
function historyWith(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(",") : []), revision];
  while (revisions.join(",").length > longestHistory) revisions.shift();
  return revisions.join(",");
}
