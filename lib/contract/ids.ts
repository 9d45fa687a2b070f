/**
 * Identities that are all text, kept apart by their types: a swap does not compile.
 *
 * @module
 */

declare const kind: unique symbol;

/** Text of one kind. It is made by a cast where the text comes from the API server or is computed, and nowhere else. */
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** A pod's uid: a successor of the same name has another. */
export type PodUid = Id<"pod">;

/** The uid of what keeps a pod: a Deployment's, a StatefulSet's, any controller's. */
export type WorkloadUid = Id<"workload">;

/** `sha256:<64 lower-case hex digits>` over some bytes: an OCI blob's or a manifest's digest. */
export type Digest = Id<"digest">;

/** `sha256:<hex>` over the sorted entries of a tree: the same content has the same one however it was packed. */
export type ContentId = Id<"content">;

/** Reads `sha256:<64 hex digits>`, or `undefined`. */
export function parseDigest(text: string): Digest | undefined {
  return isSha256(text) ? text as Digest : undefined;
}

/** Reads a content identity, written as a digest is, or `undefined`. */
export function parseContentId(text: string): ContentId | undefined {
  return isSha256(text) ? text as ContentId : undefined;
}

function isSha256(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
