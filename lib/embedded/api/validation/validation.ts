/**
 * Which objects are taken, and which changes.
 *
 * @module
 */
import type { PodSpec } from "../../../../k8s/core_v1.ts";
import { type About, invalid } from "../errors.ts";
import type { ApiObject } from "../objects.ts";
import { checkEvent, checkEventUpdate } from "./event.ts";
import { checkMetadata, checkMetadataUpdate } from "./metadata.ts";
import { checkPodSpec, checkPodUpdate } from "./pod.ts";
import { ProblemList } from "./problems.ts";
import { checkBudget, checkLease, checkSelectorUpdate, checkWorkload } from "./workload.ts";

/** Checks of a kind; `group` is that in whose form the object was sent. */
type Check = (object: ApiObject, list: ProblemList, group: string) => void;
type UpdateCheck = (before: ApiObject, after: ApiObject, list: ProblemList, group: string) => void;

const checks: Readonly<Record<string, Check>> = {
  Pod: ({ spec }, list) => checkPodSpec("spec", spec as unknown as PodSpec, list),
  Deployment: checkWorkload,
  ReplicaSet: checkWorkload,
  StatefulSet: checkWorkload,
  DaemonSet: checkWorkload,
  PodDisruptionBudget: checkBudget,
  Lease: checkLease,
  Event: checkEvent,
};

const updateChecks: Readonly<Record<string, UpdateCheck>> = {
  Pod: checkPodUpdate,
  Deployment: checkSelectorUpdate,
  ReplicaSet: checkSelectorUpdate,
  StatefulSet: checkSelectorUpdate,
  DaemonSet: checkSelectorUpdate,
  Event: checkEventUpdate,
};

/**
 * Checks an object that is to be created.
 *
 * @throws ApiError 422 with all that is wrong
 */
export function checkCreation(object: ApiObject, about: About): void {
  const list = new ProblemList();
  checkMetadata(object, list);
  checks[object.kind]?.(object, list, about.group ?? "");
  if (list.problems.length > 0) throw invalid(object.kind, about, list.problems);
}

/**
 * Checks a change of an object.
 *
 * @throws ApiError 422 with all that is wrong
 */
export function checkChange(before: ApiObject, after: ApiObject, about: About): void {
  const list = new ProblemList();
  checkMetadataUpdate(before, after, list);
  if (list.problems.length === 0) checkMetadata(after, list);
  updateChecks[after.kind]?.(before, after, list, about.group ?? "");
  if (list.problems.length === 0) checks[after.kind]?.(after, list, about.group ?? "");
  if (list.problems.length > 0) throw invalid(after.kind, about, list.problems);
}
