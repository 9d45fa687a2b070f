/**
 * Rules for what keeps pods, and for budgets.
 *
 * @module
 */
import type { DeploymentSpec, ReplicaSetSpec } from "../../../../k8s/apps_v1.ts";
import type { LeaseSpec } from "../../../../k8s/coordination_v1.ts";
import type { PodTemplateSpec } from "../../../../k8s/core_v1.ts";
import type { LabelSelector } from "../../../../k8s/meta_v1.ts";
import type { PodDisruptionBudgetSpec } from "../../../../k8s/policy_v1.ts";
import { matches } from "../../../kube/label_selector.ts";
import { type ApiObject, sameJson } from "../objects.ts";
import { checkLabels } from "./metadata.ts";
import { checkPodSpec } from "./pod.ts";
import type { ProblemList } from "./problems.ts";

/** Checks a ReplicaSet, StatefulSet or DaemonSet, or what a Deployment shares with them. */
export function checkWorkload({ kind, spec }: ApiObject, list: ProblemList): void {
  const { replicas, selector, template } = spec as Partial<ReplicaSetSpec>;
  if ((replicas ?? 0) < 0) list.invalid("spec.replicas", replicas, "must be greater than or equal to 0");
  if (!template?.spec) return list.required("spec.template.spec");
  checkSelector(selector, template, list);
  checkLabels("spec.template.metadata.labels", template.metadata?.labels ?? {}, list);
  checkPodSpec("spec.template.spec", template.spec, list);
  if (template.spec.restartPolicy !== "Always") {
    list.unsupported("spec.template.spec.restartPolicy", template.spec.restartPolicy, ["Always"]);
  }
  if (kind === "Deployment") checkDeployment(spec as unknown as DeploymentSpec, list);
}

function checkSelector(
  selector: LabelSelector | undefined,
  { metadata }: PodTemplateSpec,
  list: ProblemList,
): void {
  if (!selector) return list.required("spec.selector");
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0) {
    return list.invalid("spec.selector", selector, "empty selector is invalid for deployment");
  }
  if (!matches(selector, metadata?.labels ?? {})) {
    const labels = metadata?.labels ?? {};
    list.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
  }
}

function checkDeployment(spec: DeploymentSpec, list: ProblemList): void {
  const { type, rollingUpdate } = spec.strategy ?? {};
  const types = ["Recreate", "RollingUpdate"];
  if (!types.includes(type!)) list.unsupported("spec.strategy.type", type, types);
  if (type === "Recreate" && rollingUpdate) {
    list.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
  }
  if (type === "RollingUpdate") checkRollingUpdate(rollingUpdate ?? {}, list);
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline !== undefined && deadline <= minReadySeconds) {
    list.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
  }
}

type RollingUpdate = NonNullable<NonNullable<DeploymentSpec["strategy"]>["rollingUpdate"]>;

function checkRollingUpdate(rolling: RollingUpdate, list: ProblemList): void {
  const path = "spec.strategy.rollingUpdate";
  for (const field of ["maxUnavailable", "maxSurge"] as const) {
    checkIntOrPercent(`${path}.${field}`, rolling[field], list);
  }
  const isZero = (value: unknown) => value === 0 || value === "0%";
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    list.invalid(`${path}.maxUnavailable`, rolling.maxUnavailable, "may not be 0 when `maxSurge` is 0");
  }
}

function checkIntOrPercent(field: string, value: number | string | undefined, list: ProblemList): void {
  if (value === undefined) return;
  if (typeof value === "number" && value < 0) {
    list.invalid(field, value, "must be greater than or equal to 0");
  }
  if (typeof value === "string" && !/^\d+%$/.test(value)) {
    const why = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or " +
      "'93%', regex used for validation is '[0-9]+%')";
    list.invalid(field, value, why);
  }
}

/** Checks that a workload's selector stays as it was. */
export function checkSelectorUpdate(before: ApiObject, after: ApiObject, list: ProblemList): void {
  const selector = after.spec?.selector;
  if (!sameJson(before.spec?.selector, selector)) {
    list.invalid("spec.selector", selector, "field is immutable");
  }
}

/** Checks a PodDisruptionBudget. */
export function checkBudget({ spec }: ApiObject, list: ProblemList): void {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } =
    (spec ?? {}) as PodDisruptionBudgetSpec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    list.invalid(
      "spec",
      { minAvailable, maxUnavailable },
      "minAvailable and maxUnavailable cannot be both set",
    );
  }
  checkIntOrPercent("spec.minAvailable", minAvailable, list);
  checkIntOrPercent("spec.maxUnavailable", maxUnavailable, list);
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (typeof value !== "string" || Number(value.replace("%", "")) <= 100) continue;
    list.invalid(`spec.${name}`, value, "must not be greater than 100%");
  }
  const policies = ["IfHealthyBudget", "AlwaysAllow"];
  if (policy !== undefined && !policies.includes(policy)) {
    list.unsupported("spec.unhealthyPodEvictionPolicy", policy, policies);
  }
}

/** Checks a Lease. */
export function checkLease({ spec }: ApiObject, list: ProblemList): void {
  const { leaseDurationSeconds, leaseTransitions } = (spec ?? {}) as LeaseSpec;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    list.invalid("spec.leaseDurationSeconds", leaseDurationSeconds, "must be greater than 0");
  }
  if ((leaseTransitions ?? 0) < 0) {
    list.invalid("spec.leaseTransitions", leaseTransitions, "must be greater than or equal to 0");
  }
}
