/**
 * Subresources that take something other than the object itself.
 *
 * @module
 */
import type { Scale } from "../../../k8s/autoscaling_v1.ts";
import type { LabelSelector } from "../../../k8s/meta_v1.ts";
import { badRequest, conflict, notFound } from "./errors.ts";
import type { Ground } from "./ground.ts";
import { about, type ApiObject, isFree, keyAt, type Place, timestamp } from "./objects.ts";
import { change, refuseOtherObject, type WriteOptions } from "./writes.ts";

/** What binds a pod to a node (core/v1 Binding). */
interface Binding {
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string };
  readonly target?: { readonly name?: string };
}

/**
 * Binds a pod to a node (core/v1 Binding), as a scheduler does.
 *
 * @throws ApiError 409 where it is bound already or about to end
 */
export function bind(ground: Ground, place: Place, sent: unknown, { dryRun }: WriteOptions): object {
  const { metadata, target } = (sent ?? {}) as Binding;
  if (!target?.name) throw badRequest("target.name is required: the node that the pod is to run on");
  if (metadata?.name && metadata.name !== place.name) {
    throw badRequest("name in URL does not match name in Binding object");
  }
  const held = read(ground, place);
  refuseOtherObject(held, metadata ?? {}, place);
  const pod = bound(held, target.name, place, ground);
  // Past the rules for changes by users, which keep a pod where it is.
  if (!dryRun) ground.store.write(place.resource.storage, pod);
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
}

function bound(pod: ApiObject, node: string, place: Place, { clock }: Ground): ApiObject {
  if (pod.metadata.deletionTimestamp) {
    throw conflict(about(place), `pod ${place.name} is being deleted, cannot be assigned to a host`);
  }
  if (pod.spec?.nodeName) {
    throw conflict(about(place), `pod ${place.name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  const lastTransitionTime = timestamp(clock.now());
  const others = ((pod.status?.conditions ?? []) as { type: string }[]).filter(({ type }) =>
    type !== "PodScheduled"
  );
  const conditions = [...others, {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime,
  }];
  return { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions } };
}

/** A workload's scale (autoscaling/v1 Scale), made of the workload. */
export function scaleOf(object: ApiObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas, selector } = object.spec as { replicas?: number; selector?: LabelSelector };
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
    status: { replicas: Number(object.status?.replicas ?? 0), selector: selectorText(selector ?? {}) },
  };
}

function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const equal = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
  });
  return [...equal, ...others].join(",");
}

/** Sets a workload's replicas as its new scale says. */
export function rescale(
  ground: Ground,
  place: Place,
  desired: (now: Scale) => Scale,
  options: WriteOptions,
): Scale {
  const after = change(
    ground,
    place,
    (now) => {
      const { uid, resourceVersion, replicas } = scaleIn(desired(scaleOf(now)), place);
      return { ...now, metadata: { ...now.metadata, uid, resourceVersion }, spec: { ...now.spec, replicas } };
    },
    options,
    true,
  );
  return scaleOf(after);
}

/** Reads a Scale that was sent. */
function scaleIn(
  sent: unknown,
  { name }: Place,
): { uid?: string; resourceVersion?: string; replicas: number } {
  const { kind = "Scale", metadata, spec } = (sent ?? {}) as Partial<Scale>;
  if (kind !== "Scale") throw badRequest(`${kind} cannot be handled as a Scale`);
  if (metadata?.name !== name) {
    throw badRequest(
      `the name of the object (${metadata?.name ?? ""}) does not match the name on the URL (${name})`,
    );
  }
  if (typeof spec !== "object" || spec === null) {
    throw badRequest("spec is required: how many replicas there are to be");
  }
  const { replicas = 0 } = spec;
  if (!Number.isInteger(replicas)) throw badRequest("spec.replicas must be a whole number");
  return { ...metadata, replicas };
}

/** Takes finalizers off a namespace whose content is gone; it goes with the last of them. */
export function finalize(ground: Ground, place: Place, sent: ApiObject, { dryRun }: WriteOptions): ApiObject {
  const { store } = ground;
  const held = read(ground, place);
  refuseOtherObject(held, sent.metadata, place);
  const next = { ...held, spec: { ...held.spec, finalizers: sent.spec?.finalizers ?? [] } };
  if (dryRun) return next;
  const over = next.metadata.deletionTimestamp !== undefined && isFree(next);
  return over ? store.remove(place.resource.storage, next) : store.write(place.resource.storage, next);
}

/** The object at a place. */
export function read({ store }: Ground, place: Place): ApiObject {
  const object = store.get(place.resource.storage, keyAt(place));
  if (!object) throw notFound(about(place));
  return object;
}
