/**
 * Calling programs that end by themselves, with all or some of their rights.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import type { Pod } from "../../../k8s/core_v1.ts";
import type { PolicyRule } from "../../../k8s/rbac_authorization_v1.ts";
import { rights } from "../../../lib/manifests/roles.ts";
import type { Cluster, Mode } from "./cluster.ts";
import { until } from "./wait.ts";
import { barePod } from "./workloads.ts";

/** A time as statuses have it. */
export const daysAgo = (days: number): string =>
  new Date(Date.now() - days * 86_400_000 - 60_000).toISOString().slice(0, 19);
/** When statuses were written that are read here. */
export const at: string = daysAgo(3);

/** Creates a pod that nothing would replace. */
export function createPod(cluster: Cluster, namespace: string, name: string, annotations = {}): Promise<Pod> {
  return cluster.core.namespace(namespace).createPod(barePod({ name, annotations }));
}

/** Sets annotations on a pod; `null` removes one. */
export async function annotate(
  cluster: Cluster,
  namespace: string,
  name: string,
  annotations: object,
): Promise<void> {
  const body = { metadata: { annotations: annotations as Record<string, string> } };
  await cluster.core.namespace(namespace).patchPod(name, { type: "merge", body });
}

/** What a program printed; it must have ended with 0. */
export async function printed(cluster: Cluster, mode: Mode, ...args: string[]): Promise<string> {
  const { code, output } = await cluster.call(mode, args);
  equal(code, 0, output);
  return output;
}

/** Runs `body` while a mode has only these rights. */
export async function withRights(
  cluster: Cluster,
  mode: Mode,
  rules: readonly PolicyRule[],
  body: () => Promise<void>,
): Promise<void> {
  await cluster.replaceRights(mode, rules);
  try {
    await body();
  } finally {
    await cluster.replaceRights(mode, [...rights[mode].watched, ...rights[mode].cluster]);
  }
}

/** A rule that allows these verbs on pods. */
export const pods = (...verbs: string[]): PolicyRule => ({ apiGroups: [""], resources: ["pods"], verbs });

/** Calls a program until it ends with this code: the API server takes a moment to see other rights. */
export function ending(cluster: Cluster, code: number, mode: Mode, ...args: string[]): Promise<string> {
  return until(`${mode} ends with ${code}`, async () => {
    const ended = await cluster.call(mode, args);
    return ended.code === code && ended.output;
  });
}
