/**
 * Which objects a controller's object owns, adopts and lets go, by its selector.
 *
 * @module
 */
import type { LabelSelector, ObjectMeta, OwnerReference } from "../../../../k8s/meta_v1.ts";
import type { MergePatch } from "../../../../k8s/patch.ts";
import { matches } from "../../../kube/label_selector.ts";
import type { KubeObject } from "../../../kube/store.ts";
import { unlessMissing } from "../frame/refusal.ts";
import { controllerOf, orNone, ownersWithout } from "./owners.ts";

/** An object that selects others: a ReplicaSet its pods, a Deployment its ReplicaSets. */
export interface Selecting {
  readonly metadata?: ObjectMeta;
  readonly spec?: { readonly selector: LabelSelector };
}

/** What is to be done about who owns what. */
export interface Claims<T> {
  /** Owned and selected. */
  readonly own: readonly T[];
  /** Selected, and without a controller. */
  readonly adopt: readonly T[];
  /** Owned, but no longer selected. */
  readonly release: readonly T[];
}

/**
 * Claims among the objects of the owner's namespace. An owner that is being deleted only keeps what it has.
 */
export function claimsOf<T extends KubeObject>(owner: Selecting, objects: readonly T[]): Claims<T> {
  const { uid, deletionTimestamp } = owner.metadata ?? {};
  const selected = ({ metadata }: T) => isSelectedBy(owner, metadata?.labels);
  const owned = objects.filter((one) => controllerOf(one)?.uid === uid);
  const free = objects.filter((one) => !controllerOf(one) && !one.metadata?.deletionTimestamp);
  return {
    own: owned.filter(selected),
    adopt: deletionTimestamp ? [] : free.filter(selected),
    release: deletionTimestamp ? [] : owned.filter((one) => !selected(one)),
  };
}

/** Whether the owner selects an object with these labels. An empty selector selects nothing. */
export function isSelectedBy({ spec }: Selecting, labels: Record<string, string> = {}): boolean {
  const selector = spec?.selector ?? {};
  const empty = Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;
  return !empty && matches(selector, labels);
}

/**
 * Carries out claims.
 *
 * @param patch writes an object's metadata
 * @returns what is owned now
 */
export async function carryOut<T extends KubeObject>(
  { own, adopt, release }: Claims<T>,
  owner: OwnerReference,
  patch: (object: T, metadata: MergePatch<ObjectMeta>) => Promise<T>,
): Promise<T[]> {
  const write = async (one: T, ownerReferences: OwnerReference[]) => {
    // With its version: who adopted it meanwhile keeps it.
    const { uid, resourceVersion } = one.metadata!;
    return await unlessMissing(
      patch(one, { uid, resourceVersion, ownerReferences: orNone(ownerReferences) }),
    );
  };
  for (const one of release) await write(one, ownersWithout(one, new Set([owner.uid])));
  const owned = [...own];
  for (const one of adopt) {
    const adopted = await write(one, [...(one.metadata?.ownerReferences ?? []), owner]);
    if (adopted) owned.push(adopted);
  }
  return owned;
}
