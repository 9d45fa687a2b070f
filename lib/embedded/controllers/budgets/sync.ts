/**
 * Keeps the statuses of PodDisruptionBudgets true: evictions go by them.
 *
 * @module
 */
import { AppsV1Api } from "../../../../k8s/apps_v1.ts";
import type { KubeClient } from "../../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../../k8s/core_v1.ts";
import type { LabelSelector } from "../../../../k8s/meta_v1.ts";
import {
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  PolicyV1Api,
} from "../../../../k8s/policy_v1.ts";
import { matches } from "../../../kube/label_selector.ts";
import { keyOf, type KubeObject } from "../../../kube/store.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/failure.ts";
import { sameJson } from "../../api/objects.ts";
import type { Controller } from "../frame/controller.ts";
import type { EventWriter, Happening } from "../frame/events.ts";
import { unlessMissing } from "../frame/refusal.ts";
import type { Watches } from "../frame/watches.ts";
import { splitKey } from "../objects/keys.ts";
import { kinds } from "../objects/kinds.ts";
import type { Workloads } from "./scales.ts";
import { type BudgetReport, failedStatus, reportOf } from "./status.ts";

/** What the controller is made of. */
export interface BudgetsOptions {
  readonly client: KubeClient;
  readonly events: EventWriter;
  readonly clock: Clock;
}

/** The workloads whose scale budgets go by. */
const scaled = ["deployments.apps", "replicasets.apps", "statefulsets.apps"] as const;

/** Reports each budget. Keys are `namespace/name`. */
export class Budgets implements Controller {
  readonly name = "disruption-controller";
  readonly #apps: AppsV1Api;
  readonly #core: CoreV1Api;
  readonly #policy: PolicyV1Api;
  readonly #events: EventWriter;
  readonly #clock: Clock;

  constructor({ client, events, clock }: BudgetsOptions) {
    this.#apps = new AppsV1Api(client);
    this.#core = new CoreV1Api(client);
    this.#policy = new PolicyV1Api(client);
    this.#events = events;
    this.#clock = clock;
  }

  watch(watches: Watches, look: (key: string) => void): void {
    watches.onChange("poddisruptionbudgets.policy", ({ key }) => look(key));
    watches.onChange("pods", ({ before, after }) => {
      const selecting = (one: PodDisruptionBudget) => [before, after].some((pod) => pod && selects(one, pod));
      budgetsBeside(after ?? before!, watches).filter(selecting).forEach((one) => look(keyOf(one)));
    });
    for (const kind of scaled) {
      watches.onChange(kind, ({ before, after }) => {
        if (before?.spec?.replicas === after?.spec?.replicas) return;
        budgetsBeside(after ?? before!, watches).forEach((one) => look(keyOf(one)));
      });
    }
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitKey(key);
    const budget = await unlessMissing(this.#policy.namespace(namespace).getPodDisruptionBudget(name));
    if (!budget) return undefined;
    const { items } = await this.#core.namespace(namespace).getPodList();
    const pods = items.filter((pod) => selects(budget, pod));
    const workloads = await this.#workloads(namespace);
    const report = await this.#reportOn(budget, pods, workloads);
    if (!report) return undefined;
    await this.#tell(budget, pods, report);
    await this.#write(budget, report.status);
    return report.again;
  }

  /** What is to be said of the budget; where that cannot be told, says so and gives nothing. */
  async #reportOn(
    budget: PodDisruptionBudget,
    pods: readonly Pod[],
    workloads: Workloads,
  ): Promise<BudgetReport | undefined> {
    try {
      return reportOf(budget, pods, workloads, this.#clock.now());
    } catch (error) {
      const why = messageOf(error);
      const reason = "CalculateExpectedPodCountFailed";
      const message = `Failed to calculate the number of expected pods: ${why}`;
      await this.#events.write(kinds.budget, budget.metadata, { type: "Warning", reason, message });
      await this.#write(budget, failedStatus(budget, why, this.#clock.now()));
      return undefined;
    }
  }

  async #workloads(namespace: string): Promise<Workloads> {
    const apps = this.#apps.namespace(namespace);
    const [deployments, replicaSets, statefulSets] = await Promise.all([
      apps.getDeploymentList(),
      apps.getReplicaSetList(),
      apps.getStatefulSetList(),
    ]);
    return {
      deployments: deployments.items,
      replicaSets: replicaSets.items,
      statefulSets: statefulSets.items,
    };
  }

  async #tell(budget: PodDisruptionBudget, pods: readonly Pod[], report: BudgetReport): Promise<void> {
    const { metadata, spec } = budget;
    const say = (happening: Happening) => this.#events.write(kinds.budget, metadata, happening);
    if (pods.length === 0) {
      await say({ type: "Normal", reason: "NoPods", message: "No matching pods found" });
    }
    if (report.unmanaged.length > 0) {
      await say({ type: "Warning", reason: "UnmanagedPods", message: unmanagedWords(spec?.selector) });
    }
    for (const pod of report.stayed) {
      const message = `Pod was expected by PDB ${keyOf(budget)} to be deleted but it wasn't`;
      await this.#events.write(kinds.pod, pod.metadata, { type: "Warning", reason: "NotDeleted", message });
    }
  }

  /** Writes with the version that was read: an eviction meanwhile has charged the budget. */
  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (sameJson(budget.status, status)) return;
    const { namespace, name } = budget.metadata!;
    await this.#policy.namespace(namespace!).replacePodDisruptionBudgetStatus(name!, { ...budget, status });
  }
}

function selects({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  return metadata?.namespace === pod.metadata?.namespace && spec?.selector !== undefined &&
    matches(spec.selector, pod.metadata?.labels ?? {});
}

function budgetsBeside({ metadata }: KubeObject, watches: Watches): PodDisruptionBudget[] {
  return [...watches.values("poddisruptionbudgets.policy")]
    .filter((one) => one.metadata?.namespace === metadata?.namespace);
}

function unmanagedWords({ matchLabels = {} }: LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`).sort().join(",");
  return `Pods selected by this PodDisruptionBudget (selector: ${labels}) have no controller, so it is not ` +
    'known how many there should be. To count them, set ".spec.minAvailable" to a whole number.';
}
