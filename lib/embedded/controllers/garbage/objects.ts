/**
 * Objects of any kind, as the garbage collector reads and changes them.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import type { ObjectMeta, OwnerReference } from "../../../../k8s/meta_v1.ts";
import type { MergePatch } from "../../../../k8s/patch.ts";
import { get, list, patch, remove } from "../../../../k8s/requests.ts";
import type { KubeObject } from "../../../kube/store.ts";
import type { Resource } from "../../api/resources.ts";
import { pathOf, resourceOf } from "../frame/paths.ts";
import { unlessMissing } from "../frame/refusal.ts";
import { followed } from "../frame/watches.ts";
import { type FoundOwner, isWaiting } from "./decide.ts";

/** An object and the resource that it is of. */
export interface Found {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** Reads and changes objects whatever their kind. */
export class Objects {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** The object at a place, if it is there. */
  read(resource: Resource, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    return unlessMissing(this.#client.json<KubeObject>(get(pathOf(resource, { namespace, name }), {})));
  }

  /**
   * How each of an object's owners is. One of a kind that is not served here is left to whoever serves it.
   */
  async ownersOf({ metadata }: KubeObject): Promise<FoundOwner[]> {
    const owners: FoundOwner[] = [];
    for (const reference of metadata?.ownerReferences ?? []) {
      owners.push({ reference, state: await this.#stateOf(reference, metadata?.namespace) });
    }
    return owners;
  }

  async #stateOf(reference: OwnerReference, namespace: string | undefined): Promise<FoundOwner["state"]> {
    const resource = resourceOf(reference.apiVersion, reference.kind);
    if (!resource || resource.namespaced && namespace === undefined) return "there";
    const owner = await this.read(resource, resource.namespaced ? namespace : undefined, reference.name);
    if (owner?.metadata?.uid !== reference.uid) return "gone";
    return isWaiting(owner) ? "waiting" : "there";
  }

  /** The objects that an object owns; those of a namespaced one are in its namespace. */
  async dependentsOf({ metadata }: KubeObject): Promise<Found[]> {
    const dependents: Found[] = [];
    for (const resource of followed) {
      if (metadata?.namespace !== undefined && !resource.namespaced) continue;
      const request = list(pathOf(resource, { namespace: metadata?.namespace }), {});
      const { items } = await this.#client.json<{ items: KubeObject[] }>(request);
      const owned = items.filter((one) =>
        one.metadata?.ownerReferences?.some(({ uid }) => uid === metadata?.uid)
      );
      dependents.push(...owned.map((object) => ({ resource, object })));
    }
    return dependents;
  }

  /** Changes an object's metadata, if it is still as it was found. */
  async patch({ resource, object }: Found, change: MergePatch<ObjectMeta>): Promise<void> {
    const { namespace, name, uid, resourceVersion } = object.metadata!;
    const body = { metadata: { uid, resourceVersion, ...change } };
    const request = patch<KubeObject>(pathOf(resource, { namespace, name }), { type: "merge", body }, {});
    await unlessMissing(this.#client.json(request));
  }

  /** Deletes an object, if it is still as it was found. */
  async remove(
    { resource, object }: Found,
    propagationPolicy: "Orphan" | "Foreground" | "Background",
  ): Promise<void> {
    const { namespace, name, uid, resourceVersion } = object.metadata!;
    const preconditions = { uid, resourceVersion };
    const request = remove(pathOf(resource, { namespace, name }), { propagationPolicy, preconditions });
    await unlessMissing(this.#client.json(request));
  }
}
