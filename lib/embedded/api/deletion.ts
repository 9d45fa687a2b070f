/**
 * Deleting objects: at once, gracefully, or when their finalizers are done.
 *
 * @module
 */
import type { DeleteOptions } from "../../../k8s/meta_v1.ts";
import type { PodSpec } from "../../../k8s/core_v1.ts";
import { conflict, forbidden, invalid, notFound } from "./errors.ts";
import {
  about,
  type ApiObject,
  isFree,
  keyAt,
  type Place,
  sameJson,
  timestamp,
  withMetadata,
} from "./objects.ts";
import type { Ground } from "./ground.ts";

/** What came of it. */
export interface Deleted {
  /** As it is now, or was last. */
  readonly object: ApiObject;
  /** Whether it is gone. */
  readonly gone: boolean;
}

/** Namespaces that the cluster cannot do without. */
const immortal = ["default", "kube-system", "kube-public"];

/** Finalizers with which the garbage collector carries out a deletion's propagation policy. */
const propagation: Readonly<Record<string, string | undefined>> = {
  Orphan: "orphan",
  Foreground: "foregroundDeletion",
  Background: undefined,
};

/**
 * Deletes an object, or tells it that it is to go.
 *
 * @throws ApiError where it is not there, or not as the preconditions say
 */
export function remove(ground: Ground, place: Place, options: DeleteOptions, dryRun: boolean): Deleted {
  const { store } = ground;
  const before = store.get(place.resource.storage, keyAt(place));
  if (!before) throw notFound(about(place));
  refuseOther(before, place, options);
  const ending = endingOf(ground, before, options);
  const gone = isFree(ending);
  if (dryRun) return { object: ending, gone };
  if (gone) return { object: store.remove(place.resource.storage, ending), gone };
  if (ending === before) return { object: before, gone };
  return { object: store.write(place.resource.storage, ending), gone };
}

const preconditionWords = {
  uid: { what: "UID", why: "deleted and then recreated" },
  resourceVersion: { what: "ResourceVersion", why: "modified" },
} as const;

function refuseOther(before: ApiObject, place: Place, { preconditions }: DeleteOptions): void {
  const kind = { ...about(place), group: "", resource: before.kind };
  for (const [field, { what, why }] of Object.entries(preconditionWords)) {
    const wanted = preconditions?.[field as "uid" | "resourceVersion"];
    const has = before.metadata[field as "uid" | "resourceVersion"];
    if (wanted === undefined || wanted === has) continue;
    throw conflict(
      kind,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${has}). The object might have been ${why}`,
    );
  }
  if (before.kind !== "Namespace") return;
  if (immortal.includes(place.name)) throw forbidden(about(place), "this namespace may not be deleted");
  if (before.metadata.deletionTimestamp) {
    const why = "The system is ensuring all content is removed from this namespace.  Upon completion, this " +
      "namespace will automatically be purged by the system.";
    throw conflict(about(place), why);
  }
}

/** The object once it was told to go; itself where it had been told so already. */
function endingOf({ clock }: Ground, before: ApiObject, options: DeleteOptions): ApiObject {
  const asked = gracePeriod(before, options);
  const held = before.metadata.deletionGracePeriodSeconds;
  const finalizers = finalizersOf(before, options);
  const told = before.metadata.deletionTimestamp;
  // A grace period once given is only ever shortened, and only on demand.
  const shortened = told !== undefined && options.gracePeriodSeconds !== undefined && asked < (held ?? 0);
  if (told !== undefined && !shortened) return withFinalizers(before, finalizers);
  const since = told === undefined ? clock.now() : Date.parse(told) - (held ?? 0) * 1000;
  const ended = withMetadata(before, {
    deletionTimestamp: timestamp(since + asked * 1000),
    deletionGracePeriodSeconds: asked,
    finalizers: finalizers.length > 0 ? finalizers : undefined,
    ...(before.metadata.generation && told === undefined && { generation: before.metadata.generation + 1 }),
  });
  return before.kind === "Namespace"
    ? { ...ended, status: { ...ended.status, phase: "Terminating" } }
    : ended;
}

function withFinalizers(object: ApiObject, finalizers: string[]): ApiObject {
  return sameJson(finalizers, object.metadata.finalizers ?? [])
    ? object
    : withMetadata(object, { finalizers });
}

/** Only pods that were bound and still run have something to end. */
function gracePeriod(object: ApiObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (object.kind !== "Pod") return 0;
  const { nodeName, terminationGracePeriodSeconds } = object.spec as unknown as PodSpec;
  const finished = object.status?.phase === "Succeeded" || object.status?.phase === "Failed";
  if (!nodeName || finished) return 0;
  const asked = gracePeriodSeconds ?? terminationGracePeriodSeconds ?? 30;
  return asked < 0 ? 1 : asked;
}

function finalizersOf(object: ApiObject, options: DeleteOptions): string[] {
  const held = object.metadata.finalizers ?? [];
  if (options.propagationPolicy === undefined && options.orphanDependents === undefined) return held;
  // What is said now replaces what an earlier deletion said.
  const others = held.filter((one) => !Object.values(propagation).includes(one));
  const wanted = finalizerFor(options);
  return wanted === undefined ? others : [...others, wanted];
}

/** The finalizer that carries out what a deletion says of its dependents. */
function finalizerFor({ propagationPolicy, orphanDependents }: DeleteOptions): string | undefined {
  const refuse = (message: string, reason: string) =>
    invalid("DeleteOptions", { group: "meta.k8s.io", resource: "" }, [
      { field: "propagationPolicy", message, reason },
    ]);
  if (propagationPolicy === undefined) return orphanDependents ? propagation.Orphan : undefined;
  if (orphanDependents !== undefined) {
    const why = "orphanDependents and deletionPropagation cannot be both set";
    throw refuse(`Invalid value: "${propagationPolicy}": ${why}`, "FieldValueInvalid");
  }
  if (!Object.hasOwn(propagation, propagationPolicy)) {
    const known = Object.keys(propagation).map((one) => JSON.stringify(one)).join(", ");
    const why = `Unsupported value: "${propagationPolicy}": supported values: ${known}`;
    throw refuse(why, "FieldValueNotSupported");
  }
  return propagation[propagationPolicy];
}
