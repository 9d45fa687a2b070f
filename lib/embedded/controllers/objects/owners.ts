/**
 * Who owns an object (metadata.ownerReferences).
 *
 * @module
 */
import type { ObjectMeta, OwnerReference } from "../../../../k8s/meta_v1.ts";
import type { KubeObject } from "../../../kube/store.ts";
import type { KindName } from "./kinds.ts";

/** The owner that manages an object; there is one at most. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller);
}

/** Where an object's controller is, `namespace/name`, if it is of this kind. */
export function controllerKey(object: KubeObject, kind: string): string | undefined {
  const owner = controllerOf(object);
  return owner?.kind === kind ? `${object.metadata!.namespace}/${owner.name}` : undefined;
}

/** What an object says of the controller that manages it. */
export function controllerReference({ apiVersion, kind }: KindName, metadata: ObjectMeta): OwnerReference {
  const { name = "", uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The object's owners without some of them. */
export function ownersWithout({ metadata }: KubeObject, uids: ReadonlySet<string>): OwnerReference[] {
  return (metadata?.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid));
}

/** A list as a merge patch sets it: an empty one is no field. */
export function orNone<T>(list: T[]): T[] | null {
  return list.length === 0 ? null : list;
}
