/**
 * What becomes of an object whose owners go, and of one that goes before its dependents.
 *
 * @module
 */
import type { OwnerReference } from "../../../../k8s/meta_v1.ts";
import type { KubeObject } from "../../../kube/store.ts";

/** Finalizers with which an API server keeps an object until its dependents are dealt with. */
export const finalizer = { orphan: "orphan", foreground: "foregroundDeletion" } as const;

/** How an owner was found: there, gone, or going once its dependents are gone. */
export type OwnerState = "there" | "gone" | "waiting";

/** An owner, as the object refers to it. */
export interface FoundOwner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

/** What to do with an object that has owners. */
export type Fate =
  | { readonly do: "keep" }
  /** Some owners are no more, others are: the object is the others'. */
  | { readonly do: "detach"; readonly uids: ReadonlySet<string> }
  | { readonly do: "delete"; readonly policy: "Orphan" | "Foreground" | "Background" };

/**
 * Decides about an object that is not being deleted.
 *
 * @param hasDependents whether it owns objects itself
 */
export function fateOf(object: KubeObject, owners: readonly FoundOwner[], hasDependents: boolean): Fate {
  const lost = owners.filter(({ state }) => state !== "there");
  if (lost.length === 0) return { do: "keep" };
  if (lost.length < owners.length) {
    return { do: "detach", uids: new Set(lost.map(({ reference }) => reference.uid)) };
  }
  // An owner waits for it: it must not be gone before its own dependents are.
  if (hasDependents && owners.some(({ state }) => state === "waiting")) {
    return { do: "delete", policy: "Foreground" };
  }
  const finalizers = object.metadata?.finalizers ?? [];
  if (finalizers.includes(finalizer.orphan)) return { do: "delete", policy: "Orphan" };
  return { do: "delete", policy: finalizers.includes(finalizer.foreground) ? "Foreground" : "Background" };
}

/** What an object that is being deleted waits for. */
export type Ending =
  | { readonly do: "nothing" }
  /** Its dependents are to stay, without it. */
  | { readonly do: "orphan" }
  /** Its dependents are to go first. */
  | { readonly do: "wait" }
  /** Nothing keeps it any more. */
  | { readonly do: "finish"; readonly finalizer: string };

/** Decides about an object that is being deleted, by the objects that it owns. */
export function endingOf({ metadata }: KubeObject, dependents: readonly KubeObject[]): Ending {
  const finalizers = metadata?.finalizers ?? [];
  const owns = dependents.map((one) => referenceTo(metadata?.uid, one)).filter((one) => one !== undefined);
  if (finalizers.includes(finalizer.orphan)) {
    return owns.length > 0 ? { do: "orphan" } : { do: "finish", finalizer: finalizer.orphan };
  }
  if (!finalizers.includes(finalizer.foreground)) return { do: "nothing" };
  const blocked = owns.some(({ blockOwnerDeletion }) => blockOwnerDeletion);
  return blocked ? { do: "wait" } : { do: "finish", finalizer: finalizer.foreground };
}

function referenceTo(uid: string | undefined, { metadata }: KubeObject): OwnerReference | undefined {
  return metadata?.ownerReferences?.find((one) => one.uid === uid);
}

/** Whether it is being deleted, and waits for its dependents to be gone. */
export function isWaiting({ metadata }: KubeObject): boolean {
  return !!metadata?.deletionTimestamp && !!metadata.finalizers?.includes(finalizer.foreground);
}
