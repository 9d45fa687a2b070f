/**
 * Empties namespaces that are being deleted, and lets them go then.
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Namespace } from "../../../../k8s/core_v1.ts";
import { list, remove, replace } from "../../../../k8s/requests.ts";
import type { KubeObject } from "../../../kube/store.ts";
import { type Resource, resourceAt, resources } from "../../api/resources.ts";
import type { Controller } from "../frame/controller.ts";
import { pathOf } from "../frame/paths.ts";
import { unlessMissing } from "../frame/refusal.ts";
import type { Watches } from "../frame/watches.ts";

/** The finalizer that keeps a namespace until it is empty. */
const emptying = "kubernetes";

/** When to look again at content that does not go, milliseconds: finalizers may keep it. */
const patience = 5000;

const namespacesResource = resourceAt("", "v1", "namespaces")!;

/** What namespaces hold; both groups' Events are the same objects. */
const contents = resources.filter((one) =>
  one.namespaced && resources.find(({ storage }) => storage === one.storage) === one
);

/** Whether the namespace is to be emptied. */
export function isEnding({ metadata, spec }: Namespace): boolean {
  return !!metadata?.deletionTimestamp && !!spec?.finalizers?.includes(emptying);
}

/** Ends namespaces. Keys are their names. */
export class Namespaces implements Controller {
  readonly name = "namespace-controller";
  readonly #client: KubeClient;
  readonly #core: CoreV1Api;

  constructor({ client }: { readonly client: KubeClient }) {
    this.#client = client;
    this.#core = new CoreV1Api(client);
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("namespaces", ({ key, after }) => {
      if (after && isEnding(after)) look(key);
    });
    watches.onAnyChange((_resource, { before, after }) => {
      const name = after ? undefined : before?.metadata?.namespace;
      const namespace = name === undefined ? undefined : watches.get("namespaces", name);
      if (namespace && isEnding(namespace)) look(name!);
    });
  }

  async sync(name: string): Promise<number | undefined> {
    const namespace = await unlessMissing(this.#core.getNamespace(name));
    if (!namespace || !isEnding(namespace)) return undefined;
    for (const resource of contents) await this.#empty(resource, name);
    for (const resource of contents) if ((await this.#list(resource, name)).length > 0) return patience;
    await this.#letGo(namespace);
    return undefined;
  }

  async #empty(resource: Resource, namespace: string): Promise<void> {
    for (const { metadata } of await this.#list(resource, namespace)) {
      // What was told to go once takes the time that it was given.
      if (metadata?.deletionTimestamp) continue;
      const { name, uid } = metadata!;
      const request = remove(pathOf(resource, { namespace, name }), {
        propagationPolicy: "Background",
        preconditions: { uid },
      });
      await unlessMissing(this.#client.json(request));
    }
  }

  async #list(resource: Resource, namespace: string): Promise<KubeObject[]> {
    const { items } = await this.#client.json<{ items: KubeObject[] }>(
      list(pathOf(resource, { namespace }), {}),
    );
    return items;
  }

  async #letGo(namespace: Namespace): Promise<void> {
    const path = `${pathOf(namespacesResource, { name: namespace.metadata!.name! })}/finalize`;
    const finalizers = namespace.spec!.finalizers!.filter((one) => one !== emptying);
    const body = {
      ...namespace,
      apiVersion: "v1",
      kind: "Namespace",
      spec: { ...namespace.spec, finalizers },
    };
    await unlessMissing(this.#client.json(replace(path, body, {})));
  }
}
