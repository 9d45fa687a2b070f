/**
 * Rolls Deployments out.
 *
 * @module
 */
import { AppsV1Api, type Deployment, type ReplicaSet } from "../../../../k8s/apps_v1.ts";
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api } from "../../../../k8s/core_v1.ts";
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
import { deadlineOf, withCondition } from "./conditions.ts";
import { type Change, type Plan, plan } from "./plan.ts";
import { revisionKey } from "./revision.ts";
import { sizeOf } from "./sets.ts";
import { sameTemplate } from "./template.ts";

/** What the controller is made of. */
export interface DeploymentsOptions {
  readonly client: KubeClient;
  readonly events: EventWriter;
  readonly clock: Clock;
}

/** Takes each Deployment one step further at a look. Keys are `namespace/name`. */
export class Deployments implements Controller {
  readonly name = "deployment-controller";
  readonly #apps: AppsV1Api;
  readonly #core: CoreV1Api;
  readonly #events: EventWriter;
  readonly #clock: Clock;

  constructor({ client, events, clock }: DeploymentsOptions) {
    this.#apps = new AppsV1Api(client);
    this.#core = new CoreV1Api(client);
    this.#events = events;
    this.#clock = clock;
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("deployments.apps", ({ key }) => look(key));
    watches.onChange("replicasets.apps", ({ before, after }) => {
      for (const replicaSet of [before, after]) {
        const key = replicaSet && controllerKey(replicaSet, "Deployment");
        if (key) look(key);
      }
      if (after && !controllerOf(after)) adoptersOf(after, watches).forEach((one) => look(keyOf(one)));
    });
    // The last old pod that ends lets a Deployment that recreates its pods go on.
    watches.onChange("pods", ({ before, after }) => {
      const setKey = before && !after && controllerKey(before, "ReplicaSet");
      const replicaSet = setKey ? watches.get("replicasets.apps", setKey) : undefined;
      const key = replicaSet && controllerKey(replicaSet, "Deployment");
      if (key) look(key);
    });
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitKey(key);
    const deployment = await unlessMissing(this.#apps.namespace(namespace).getDeployment(name));
    if (!deployment) return undefined;
    const replicaSets = await this.#claim(deployment);
    const { items: pods } = await this.#core.namespace(namespace).getPodList();
    const next = plan(deployment, replicaSets, pods, this.#clock.now());
    try {
      for (const change of next.changes) await this.#carryOut(change, deployment);
    } catch (error) {
      if (namespaceGoes(error)) return undefined;
      throw error;
    }
    await this.#report(deployment, next);
    return next.again;
  }

  async #claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const inNamespace = this.#apps.namespace(deployment.metadata!.namespace!);
    const { items } = await inNamespace.getReplicaSetList();
    return await carryOut(
      claimsOf(deployment, items),
      controllerReference(kinds.deployment, deployment.metadata!),
      (one, metadata) =>
        inNamespace.patchReplicaSet(one.metadata!.name!, { type: "merge", body: { metadata } }),
    );
  }

  async #carryOut(change: Change, deployment: Deployment): Promise<void> {
    const inNamespace = this.#apps.namespace(deployment.metadata!.namespace!);
    const { replicaSet } = change;
    const name = replicaSet.metadata!.name!;
    if (change.do === "delete") return void await unlessMissing(inNamespace.deleteReplicaSet(name));
    if (change.do === "create") await this.#create(replicaSet, deployment);
    else await inNamespace.replaceReplicaSet(name, replicaSet);
    await this.#tellSize(deployment, name, change.do === "update" ? change.from : 0, sizeOf(replicaSet));
  }

  async #tellSize(deployment: Deployment, name: string, from: number, to: number): Promise<void> {
    if (from === to) return;
    const way = to > from ? "up" : "down";
    const message = `Scaled ${way} replica set ${name} from ${from} to ${to}`;
    const happening = { type: "Normal", reason: "ScalingReplicaSet", message } as const;
    await this.#events.write(kinds.deployment, deployment.metadata, happening);
  }

  async #create(replicaSet: ReplicaSet, deployment: Deployment): Promise<void> {
    try {
      await this.#apps.namespace(replicaSet.metadata!.namespace!).createReplicaSet(replicaSet);
    } catch (error) {
      if (isStatus(error, 409)) await this.#nameIsTaken(replicaSet, deployment);
      else if (!namespaceGoes(error)) await this.#tellFailure(replicaSet, deployment, error);
      throw error;
    }
  }

  /** Another template has the same short name: the next try makes another name. */
  async #nameIsTaken(replicaSet: ReplicaSet, deployment: Deployment): Promise<void> {
    const { namespace, name } = replicaSet.metadata!;
    const other = await unlessMissing(this.#apps.namespace(namespace!).getReplicaSet(name!));
    const own = other && controllerOf(other)?.uid === deployment.metadata!.uid &&
      sameTemplate(other.spec?.template, deployment.spec?.template);
    if (!other || own) return;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await this.#writeStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
  }

  async #tellFailure(replicaSet: ReplicaSet, deployment: Deployment, error: unknown): Promise<void> {
    const reason = "ReplicaSetCreateError";
    const message = `Failed to create new replica set "${replicaSet.metadata!.name}": ${refusalOf(error)}`;
    await this.#events.write(kinds.deployment, deployment.metadata, { type: "Warning", reason, message });
    if (deadlineOf(deployment) === undefined) return;
    const saying = { type: "Progressing", status: "False", reason, message } as const;
    const held = deployment.status?.conditions ?? [];
    const conditions = [...withCondition(held, saying, this.#clock.now())];
    await this.#writeStatus({ ...deployment, status: { ...deployment.status, conditions } });
  }

  /**
   * Writes the status, and with it the revision: on the Deployment itself that would count as a new
   * generation.
   */
  async #report(deployment: Deployment, { revision, status }: Plan): Promise<void> {
    const { annotations = {} } = deployment.metadata!;
    const noted = revision === undefined ? annotations : { ...annotations, [revisionKey]: revision };
    if (sameJson(annotations, noted) && sameJson(deployment.status, status)) return;
    await this.#writeStatus({
      ...deployment,
      metadata: { ...deployment.metadata, annotations: noted },
      status,
    });
  }

  async #writeStatus(deployment: Deployment): Promise<void> {
    const { namespace, name } = deployment.metadata!;
    await this.#apps.namespace(namespace!).replaceDeploymentStatus(name!, deployment);
  }
}

/** The Deployments that would have a ReplicaSet which has no controller. */
function adoptersOf({ metadata }: ReplicaSet, watches: Watches): Deployment[] {
  return [...watches.values("deployments.apps")].filter((one) =>
    one.metadata?.namespace === metadata?.namespace && isSelectedBy(one, metadata?.labels)
  );
}
