/**
 * Creating and changing objects.
 *
 * @module
 */
import type { ObjectMeta } from "../../../k8s/meta_v1.ts";
import type { Clock } from "../../runtime/clock.ts";
import { alreadyExists, ApiError, conflict, forbidden, invalid, modified, notFound } from "./errors.ts";
import { withDefaults } from "./defaults.ts";
import { revisionIn } from "./lists.ts";
import { withOwners } from "./managed_fields.ts";
import { generatedName } from "./names.ts";
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
import { type Resource, resourceAt } from "./resources.ts";
import type { Ground } from "./ground.ts";
import type { ObjectStore } from "./store.ts";
import { generationAfter, strategyOf } from "./strategies.ts";
import { checkChange, checkCreation } from "./validation/validation.ts";

/** How a write is meant. */
export interface WriteOptions {
  /** Who writes, for managedFields. */
  readonly manager: string;
  /** Only says what would come of it. */
  readonly dryRun: boolean;
  /** `status`, where only that is written. */
  readonly subresource?: string;
}

/** The kind of a namespace's own objects. */
const namespaces = resourceAt("", "v1", "namespaces")!;

/**
 * Creates an object from what was sent, as it is to be kept.
 *
 * @throws ApiError where its name is taken, its namespace is not there, or it breaks a rule
 */
export function create(
  { store, clock }: Ground,
  resource: Resource,
  sent: ApiObject,
  options: WriteOptions,
): ApiObject {
  if (sent.metadata.resourceVersion) {
    throw new ApiError(500, "", "resourceVersion should not be set on objects to be created");
  }
  const named = withDefaults(newborn(resource, sent, clock));
  const { namespace, name = "" } = named.metadata;
  const place: Place = { resource, name, ...(namespace !== undefined && { namespace }) };
  if (namespace !== undefined) refuseWithoutNamespace(store, namespace, place);
  checkCreation(named, about(place));
  if (store.get(resource.storage, keyAt(place))) throw alreadyExists(about(place));
  const object = withOwners(undefined, plain(named), writerOf(options, clock));
  return options.dryRun ? object : store.write(resource.storage, object);
}

/** A new object: whatever its caller said of it, its identity and its status begin here. */
function newborn(resource: Resource, { status, ...sent }: ApiObject, clock: Clock): ApiObject {
  const { newStatus = status, generation } = strategyOf(resource);
  const { name, generateName } = sent.metadata;
  const metadata = {
    ...sent.metadata,
    name: name || (generateName && generatedName(generateName)),
    uid: crypto.randomUUID(),
    creationTimestamp: timestamp(clock.now()),
    generation: generation && 1,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: undefined,
  };
  return { ...sent, metadata, ...(newStatus && { status: newStatus }) } as ApiObject;
}

function refuseWithoutNamespace(store: ObjectStore, namespace: string, place: Place): void {
  const held = store.get(namespaces.storage, namespace);
  if (!held) throw notFound(about({ resource: namespaces, name: namespace }));
  if (held.metadata.deletionTimestamp) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    const cause = { reason: "NamespaceTerminating", message, field: "metadata.namespace" };
    throw forbidden(about(place), why, [cause]);
  }
}

/** Without the fields that say nothing. */
function plain(object: ApiObject): ApiObject {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(object)) as ApiObject;
  const said = Object.entries(metadata).filter(([, value]) =>
    typeof value !== "object" || Object.keys(value).length > 0
  );
  return { ...rest, metadata: Object.fromEntries(said) } as ApiObject;
}

function writerOf({ manager, subresource }: WriteOptions, clock: Clock) {
  return { manager, at: clock.now(), ...(subresource && { subresource }) };
}

/** What to make of the object as it is now. */
export type Desired = (now: ApiObject) => ApiObject;

/**
 * Changes an object. Its name, uid and version, where `desired` names them, must be those that it has.
 *
 * @param desired the whole object as it is to be kept
 * @param unconditional whether `desired` need not name the version that it replaces
 * @throws ApiError where it is not there, is not as the caller thought, or would break a rule
 */
export function change(
  ground: Ground,
  place: Place,
  desired: Desired,
  options: WriteOptions,
  unconditional: boolean,
): ApiObject {
  const { store, clock } = ground;
  const { resource } = place;
  const before = store.get(resource.storage, keyAt(place));
  if (!before) throw notFound(about(place));
  const wanted = desired(before);
  const { uid, resourceVersion } = wanted.metadata;
  // In a patch another uid breaks the rule that it never changes; that is told with the other rules.
  refuseOtherObject(before, unconditional ? { resourceVersion } : { uid, resourceVersion }, place);
  if (!unconditional) refuseWithoutVersion(before, wanted, place);
  const next = plain(withDefaults(inheriting(before, wanted, place, options.subresource)));
  checkChange(before, next, about(place));
  // The status is no part of what was asked for.
  const generation = options.subresource === "status"
    ? before.metadata.generation
    : generationAfter(resource, before, next);
  const after = withMetadata(next, { generation, resourceVersion: before.metadata.resourceVersion });
  if (sameJson(after, before)) return before;
  const owned = withOwners(before, after, writerOf(options, clock));
  if (options.dryRun) return owned;
  // What waited only for its last finalizer goes with it.
  return owned.metadata.deletionTimestamp !== undefined && isFree(owned)
    ? store.remove(resource.storage, owned)
    : store.write(resource.storage, owned);
}

/**
 * Refuses what was meant for another object than the one that is there, or for an older state of it.
 *
 * @throws ApiError 409; 500 for a version that is none
 */
export function refuseOtherObject(
  before: ApiObject,
  { uid, resourceVersion }: Pick<ObjectMeta, "uid" | "resourceVersion">,
  place: Place,
): void {
  revisionIn(resourceVersion ?? "", 500);
  if (uid && uid !== before.metadata.uid) {
    throw conflict(
      about(place),
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== "0" && resourceVersion !== before.metadata.resourceVersion) {
    throw modified(about(place));
  }
}

function refuseWithoutVersion(before: ApiObject, wanted: ApiObject, place: Place): void {
  if (wanted.metadata.resourceVersion || !strategyOf(place.resource).needsVersion) return;
  const message = "Invalid value: 0: must be specified for an update";
  throw invalid(before.kind, about(place), [{ field: "metadata.resourceVersion", message }]);
}

/** What is wanted, with what the caller has no hand in as it was. */
function inheriting(
  before: ApiObject,
  wanted: ApiObject,
  place: Place,
  subresource: string | undefined,
): ApiObject {
  const { metadata } = before;
  const kept = {
    uid: wanted.metadata.uid ?? metadata.uid,
    creationTimestamp: metadata.creationTimestamp,
    generation: metadata.generation,
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    managedFields: metadata.managedFields,
    resourceVersion: metadata.resourceVersion,
  };
  const merged = withMetadata(wanted, kept);
  if (subresource === "status") return { ...merged, spec: before.spec };
  return place.resource.subresources.includes("status") ? { ...merged, status: before.status } : merged;
}
