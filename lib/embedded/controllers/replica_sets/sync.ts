/**
 * Keeps the pods of ReplicaSets.
 *
 * @module
 */
import { AppsV1Api, type ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../../k8s/core_v1.ts";
import { isStatus } from "../../../kube/errors.ts";
import { keyOf } from "../../../kube/store.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { sameJson } from "../../api/objects.ts";
import type { Controller } from "../frame/controller.ts";
import type { EventWriter } from "../frame/events.ts";
import { namespaceGoes, refusalOf, unlessMissing } from "../frame/refusal.ts";
import type { Watches } from "../frame/watches.ts";
import { carryOut, claimsOf, isSelectedBy } from "../objects/claims.ts";
import { splitKey } from "../objects/keys.ts";
import { kinds } from "../objects/kinds.ts";
import { controllerKey, controllerOf, controllerReference } from "../objects/owners.ts";
import { isActive, isTerminating } from "../objects/pods.ts";
import { planReplicas, podOf, type ReplicasPlan } from "./plan.ts";
import { type ReplicaFailure, reportOf } from "./status.ts";

/** What the controller is made of. */
export interface ReplicaSetsOptions {
  readonly client: KubeClient;
  readonly events: EventWriter;
  readonly clock: Clock;
}

/** Brings each ReplicaSet to its size, and reports it. Keys are `namespace/name`. */
export class ReplicaSets implements Controller {
  readonly name = "replicaset-controller";
  readonly #apps: AppsV1Api;
  readonly #core: CoreV1Api;
  readonly #events: EventWriter;
  readonly #clock: Clock;

  constructor({ client, events, clock }: ReplicaSetsOptions) {
    this.#apps = new AppsV1Api(client);
    this.#core = new CoreV1Api(client);
    this.#events = events;
    this.#clock = clock;
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("replicasets.apps", ({ key }) => look(key));
    watches.onChange("pods", ({ before, after }) => {
      for (const pod of [before, after]) {
        const key = pod && controllerKey(pod, "ReplicaSet");
        if (key) look(key);
      }
      if (after && !controllerOf(after)) adoptersOf(after, watches).forEach((one) => look(keyOf(one)));
    });
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitKey(key);
    const replicaSet = await unlessMissing(this.#apps.namespace(namespace).getReplicaSet(name));
    if (!replicaSet) return undefined;
    const { items: pods } = await this.#core.namespace(namespace).getPodList();
    const { items: siblings } = await this.#apps.namespace(namespace).getReplicaSetList();
    const owned = await this.#claim(replicaSet, pods);
    const plan = planReplicas(replicaSet, owned, relatedTo(replicaSet, siblings, pods), this.#clock.now());
    const failed = await this.#act(replicaSet, plan);
    const { status, again } = reportOf(replicaSet, owned, failed?.failure, this.#clock.now());
    await this.#report({ ...replicaSet, status }, replicaSet);
    if (failed) throw failed.error;
    return again;
  }

  /** The pods that are the ReplicaSet's now. Only pods that are to stay change hands. */
  async #claim(replicaSet: ReplicaSet, pods: readonly Pod[]): Promise<Pod[]> {
    const inNamespace = this.#core.namespace(replicaSet.metadata!.namespace!);
    const owner = controllerReference(kinds.replicaSet, replicaSet.metadata!);
    const active = await carryOut(
      claimsOf(replicaSet, pods.filter(isActive)),
      owner,
      (pod, metadata) => inNamespace.patchPod(pod.metadata!.name!, { type: "merge", body: { metadata } }),
    );
    return [...active, ...claimsOf(replicaSet, pods.filter(isTerminating)).own];
  }

  /** Creates and deletes; what goes wrong first ends it. */
  async #act(replicaSet: ReplicaSet, { create, remove }: ReplicasPlan): Promise<Failed | undefined> {
    let reason: ReplicaFailure["reason"] = "FailedCreate";
    try {
      for (let made = 0; made < create; made++) await this.#create(replicaSet);
      reason = "FailedDelete";
      for (const pod of remove) await this.#delete(replicaSet, pod);
      return undefined;
    } catch (error) {
      if (namespaceGoes(error)) return undefined;
      const message = refusalOf(error);
      const verb = reason === "FailedCreate" ? "creating" : "deleting";
      await this.#say(replicaSet, "Warning", reason, `Error ${verb}: ${message}`);
      return { error, failure: { reason, message } };
    }
  }

  async #create(replicaSet: ReplicaSet): Promise<void> {
    const pod = await this.#core.namespace(replicaSet.metadata!.namespace!).createPod(podOf(replicaSet));
    await this.#say(replicaSet, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata!.name}`);
  }

  async #delete(replicaSet: ReplicaSet, { metadata }: Pod): Promise<void> {
    const { namespace, name, uid } = metadata!;
    try {
      await this.#core.namespace(namespace!).deletePod(name!, { preconditions: { uid } });
    } catch (error) {
      // It is gone, or another has its name.
      if (isStatus(error, 404) || isStatus(error, 409)) return;
      throw error;
    }
    await this.#say(replicaSet, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
  }

  #say({ metadata }: ReplicaSet, type: "Normal" | "Warning", reason: string, message: string): Promise<void> {
    return this.#events.write(kinds.replicaSet, metadata, { type, reason, message });
  }

  async #report(replicaSet: ReplicaSet, { status }: ReplicaSet): Promise<void> {
    if (sameJson(replicaSet.status, status)) return;
    const { namespace, name } = replicaSet.metadata!;
    await this.#apps.namespace(namespace!).replaceReplicaSetStatus(name!, replicaSet);
  }
}

/** What went wrong, and how the status tells it. */
interface Failed {
  readonly error: unknown;
  readonly failure: ReplicaFailure;
}

/** The ReplicaSets that would have a pod which has no controller. */
function adoptersOf({ metadata }: Pod, watches: Watches): ReplicaSet[] {
  return [...watches.values("replicasets.apps")].filter((one) =>
    one.metadata?.namespace === metadata?.namespace && isSelectedBy(one, metadata?.labels)
  );
}

/** The pods of all ReplicaSets that have the same controller; of this one alone where it has none. */
function relatedTo(replicaSet: ReplicaSet, siblings: readonly ReplicaSet[], pods: readonly Pod[]): Pod[] {
  const uid = controllerOf(replicaSet)?.uid;
  const sets = uid === undefined ? [replicaSet] : siblings.filter((one) => controllerOf(one)?.uid === uid);
  return pods.filter(({ metadata }) => sets.some((one) => isSelectedBy(one, metadata?.labels)));
}
