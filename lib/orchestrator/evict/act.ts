/**
 * Asking the API server for an eviction, and what it may answer.
 *
 * @module
 */
import type { CoreV1Api } from "../../../k8s/core_v1.ts";
import { KubeError } from "../../kube/errors.ts";
import { isThrottling, WriteRefused } from "../../kube/transport.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { JudgedPod } from "../pod.ts";

/** Why an eviction that was asked for did not happen, in one word of a small set. */
export const refusals = [
  "budget",
  "throttled",
  "two-budgets",
  "forbidden",
  "gone",
  "changed",
  "not-leading",
  "failed",
] as const;

/** One of the {@link refusals}. */
export type Refusal = typeof refusals[number];

/** What became of an eviction. */
export type OutcomeKind = "evicted" | "would-evict" | Refusal;

/** What became of an eviction. */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly words: string;
  /** Milliseconds that the server asks everybody to wait. */
  readonly retryAfter?: number;
}

/** How evictions are asked for. */
export interface EvictOptions {
  readonly core: CoreV1Api;
  /** Only ask whether it would be allowed. */
  readonly dryRun: boolean;
  /** Seconds; `undefined` for the larger of 120 and the pod's own. */
  readonly gracePeriod: number | undefined;
}

/** The grace period that pods get at least, unless a setting says otherwise, seconds. */
const leastGracePeriod = 120;

/**
 * Asks for one eviction (policy/v1 Eviction). It holds only for the pod as it was judged: same uid, same
 * resourceVersion. Never rejects: every answer is an outcome.
 */
export async function evict(
  pod: JudgedPod,
  { core, dryRun, gracePeriod }: EvictOptions,
): Promise<Outcome> {
  const { namespace, name, uid, resourceVersion } = pod;
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    deleteOptions: {
      gracePeriodSeconds: gracePeriod ?? Math.max(leastGracePeriod, pod.gracePeriod),
      preconditions: { uid, resourceVersion },
    },
  };
  try {
    await core.namespace(namespace).createPodEviction(name, eviction, dryRun ? { dryRun: "All" } : {});
    return dryRun
      ? { kind: "would-evict", words: "the API server would allow it (dry run)" }
      : { kind: "evicted", words: "evicted" };
  } catch (error) {
    return outcomeOf(error, pod);
  }
}

/** What a refusal means. */
export function outcomeOf(
  error: unknown,
  { namespace, name }: Pick<JudgedPod, "namespace" | "name">,
): Outcome {
  const what = `Cannot evict pod "${namespace}/${name}"`;
  if (error instanceof WriteRefused) {
    return { kind: "not-leading", words: `${what}: this process's Lease ended before it could ask.` };
  }
  if (!(error instanceof KubeError)) return { kind: "failed", words: `${what}: ${messageOf(error)}` };
  // The API server's sentence about a budget has no full stop of its own.
  const said = (error.causes[0]?.message ?? error.message).replace(/\.?$/, ".");
  if (isThrottling(error)) {
    return {
      kind: "throttled",
      words: `${what}: the API server asks for patience. Nothing is evicted until then.`,
      retryAfter: error.retryAfter || 10_000,
    };
  }
  if (error.status === 429) {
    return { kind: "budget", words: `${what}: ${said} Trying again at the next scan.` };
  }
  if (error.status === 404) return { kind: "gone", words: `${what}: it is gone already.` };
  if (error.status === 409) {
    return {
      kind: "changed",
      words: `${what}: it changed since it was judged. Looking again at the next scan.`,
    };
  }
  if (error.status === 403) return { kind: "forbidden", words: `${what}: ${error.message}` };
  // The eviction subresource answers so for a pod that more than one budget selects.
  if (error.status === 500 && /more than one PodDisruptionBudget/i.test(error.message)) {
    return {
      kind: "two-budgets",
      words: `${what}: more than one PodDisruptionBudget selects it, which Kubernetes does not support. ` +
        "Change the budgets' selectors so that one remains.",
    };
  }
  return { kind: "failed", words: `${what}: ${error.message}` };
}
