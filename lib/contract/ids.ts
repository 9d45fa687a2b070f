/**
 * Identities that are all text, kept apart by their types: a swap does not compile.
 *
 * @module
 */

declare const kind: unique symbol;

/** Text of one kind. It is made by a cast where the text comes from the API server, and nowhere else. */
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** A pod's uid: a successor of the same name has another. */
export type PodUid = Id<"pod">;

/** The uid of what keeps a pod: a Deployment's, a StatefulSet's, any controller's. */
export type WorkloadUid = Id<"workload">;
