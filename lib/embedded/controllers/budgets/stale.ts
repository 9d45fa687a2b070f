/**
 * Takes back what was said on a pod of an eviction that did not come to pass (condition `DisruptionTarget`).
 *
 * @module
 */
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../../k8s/core_v1.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { timestamp } from "../../api/objects.ts";
import type { Controller } from "../frame/controller.ts";
import { unlessMissing } from "../frame/refusal.ts";
import type { Watches } from "../frame/watches.ts";
import { splitKey } from "../objects/keys.ts";
import { conditionOf, isActive } from "../objects/pods.ts";
import { deletionTimeout } from "./disrupted.ts";

/**
 * How long until a pod's condition is stale, milliseconds: 0 where it is. `undefined` where it says no such
 * thing, or goes. What its kubelet says stays true, as that may take long.
 */
export function staleIn(pod: Pod, now: number): number | undefined {
  const { status, reason, lastTransitionTime } = conditionOf(pod, "DisruptionTarget") ?? {};
  if (status !== "True" || reason === "TerminationByKubelet" || !isActive(pod)) return undefined;
  return Math.max(0, Date.parse(lastTransitionTime ?? "1970-01-01T00:00:00Z") + deletionTimeout - now);
}

/** Looks after the condition. Keys are pods, `namespace/name`. */
export class StaleDisruptions implements Controller {
  readonly name = "stale-disruptions";
  readonly #core: CoreV1Api;
  readonly #clock: Clock;

  constructor({ client, clock }: { readonly client: KubeClient; readonly clock: Clock }) {
    this.#core = new CoreV1Api(client);
    this.#clock = clock;
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("pods", ({ key, after }) => {
      if (after && staleIn(after, this.#clock.now()) !== undefined) look(key);
    });
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitKey(key);
    const pod = await unlessMissing(this.#core.namespace(namespace).getPod(name));
    const left = pod && staleIn(pod, this.#clock.now());
    if (!pod || left !== 0) return left;
    const lastTransitionTime = timestamp(this.#clock.now());
    const conditions = pod.status!.conditions!.map((one) =>
      one.type === "DisruptionTarget" ? { type: one.type, status: "False", lastTransitionTime } : one
    );
    await this.#core.namespace(namespace).replacePodStatus(name, {
      ...pod,
      status: { ...pod.status, conditions },
    });
    return undefined;
  }
}
