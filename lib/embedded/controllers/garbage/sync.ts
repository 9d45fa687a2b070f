/**
 * Deletes what belongs to nobody any more.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { keyOf, type KubeObject } from "../../../kube/store.ts";
import { sameJson } from "../../api/objects.ts";
import { type Resource, resources } from "../../api/resources.ts";
import type { Controller } from "../frame/controller.ts";
import { resourceOf } from "../frame/paths.ts";
import type { Watches } from "../frame/watches.ts";
import { splitKey } from "../objects/keys.ts";
import { orNone, ownersWithout } from "../objects/owners.ts";
import { endingOf, fateOf } from "./decide.ts";
import { type Found, Objects } from "./objects.ts";

/** Looks at each object that has owners, or waits for its dependents. Keys are `storage:namespace/name`. */
export class GarbageCollector implements Controller {
  readonly name = "garbage-collector";
  readonly #objects: Objects;
  #look: (key: string) => void = () => {};

  constructor({ client }: { readonly client: KubeClient }) {
    this.#objects = new Objects(client);
  }

  watch(watches: Watches, look: (key: string) => void): void {
    this.#look = look;
    watches.onAnyChange((resource, { before, after }) => {
      if (before && after && !concerns(before, after)) return;
      if (after) look(keyIn(resource, after));
      for (const key of ownerKeys(before)) look(key);
      if (after && !after.metadata?.deletionTimestamp) return;
      const uid = (after ?? before)!.metadata?.uid;
      for (const [kind, object] of watches.all()) if (owns(uid, object)) look(keyIn(kind, object));
    });
  }

  async sync(key: string): Promise<number | undefined> {
    const { resource, namespace, name } = placeOf(key);
    const object = await this.#objects.read(resource, namespace, name);
    if (object?.metadata?.deletionTimestamp) await this.#end({ resource, object });
    else if (object?.metadata?.ownerReferences?.length) await this.#judge({ resource, object });
    return undefined;
  }

  async #judge(found: Found): Promise<void> {
    const { object } = found;
    const owners = await this.#objects.ownersOf(object);
    const waited = owners.some(({ state }) => state === "waiting");
    const dependents = waited ? await this.#objects.dependentsOf(object) : [];
    const fate = fateOf(object, owners, dependents.length > 0);
    if (fate.do === "detach") {
      await this.#objects.patch(found, { ownerReferences: orNone(ownersWithout(object, fate.uids)) });
    }
    if (fate.do === "delete") await this.#objects.remove(found, fate.policy);
  }

  async #end(found: Found): Promise<void> {
    const { metadata } = found.object;
    if (!metadata?.finalizers?.length) return;
    const dependents = await this.#objects.dependentsOf(found.object);
    const ending = endingOf(found.object, dependents.map(({ object }) => object));
    if (ending.do === "wait") return dependents.forEach((one) => this.#look(keyIn(one.resource, one.object)));
    if (ending.do === "orphan") {
      for (const one of dependents) await this.#orphan(one, metadata.uid!);
      // The object itself is looked at again as its dependents change.
    }
    if (ending.do === "finish") {
      const finalizers = metadata.finalizers.filter((one) => one !== ending.finalizer);
      await this.#objects.patch(found, { finalizers: orNone(finalizers) });
    }
  }

  async #orphan(dependent: Found, owner: string): Promise<void> {
    const ownerReferences = ownersWithout(dependent.object, new Set([owner]));
    await this.#objects.patch(dependent, { ownerReferences: orNone(ownerReferences) });
  }
}

/** Whether a change can decide an object's fate, or that of one that it belongs to. */
function concerns(before: KubeObject, after: KubeObject): boolean {
  const decisive = ({ metadata }: KubeObject) => [
    metadata?.uid,
    metadata?.ownerReferences ?? [],
    metadata?.finalizers ?? [],
    metadata?.deletionTimestamp,
  ];
  return !sameJson(decisive(before), decisive(after));
}

function owns(uid: string | undefined, { metadata }: KubeObject): boolean {
  return metadata?.ownerReferences?.some((one) => one.uid === uid) ?? false;
}

function keyIn({ storage }: Resource, object: KubeObject): string {
  return `${storage}:${keyOf(object)}`;
}

function ownerKeys(object: KubeObject | undefined): string[] {
  return (object?.metadata?.ownerReferences ?? []).flatMap(({ apiVersion, kind, name }) => {
    const resource = resourceOf(apiVersion, kind);
    const namespace = resource?.namespaced ? object!.metadata!.namespace : undefined;
    return resource ? [keyIn(resource, { metadata: { namespace, name } })] : [];
  });
}

function placeOf(key: string): { resource: Resource; namespace?: string; name: string } {
  const [storage, rest = ""] = key.split(":");
  const resource = resources.find((one) => one.storage === storage)!;
  return resource.namespaced ? { resource, ...splitKey(rest) } : { resource, name: rest };
}
