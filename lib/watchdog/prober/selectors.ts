/**
 * Selectors that use the health label. Where one does, writing the label would move pods in or out of a
 * Service, a budget, or a workload, so it is not written there.
 *
 * @module
 */
import type { LabelSelector } from "../../../k8s/meta_v1.ts";
import { key, type StringMap } from "../../contract/keys.ts";
import { matches } from "../../kube/label_selector.ts";

/** An object whose selector uses the health label. */
export interface LabelUser {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The selector without what it asks of the health label. */
  readonly rest: LabelSelector;
}

/** An object that selects pods, as its list gives it: without its kind. */
export interface Selecting {
  readonly metadata?: { readonly namespace?: string; readonly name?: string; readonly uid?: string };
  readonly spec?: { readonly selector?: LabelSelector | StringMap };
}

/** Trims objects of one kind to those whose selector uses the health label; usually there are none. */
export function labelUserReader(
  apiVersion: string,
  kind: string,
): (object: Selecting) => LabelUser | undefined {
  return ({ metadata, spec }) => {
    const selector = asLabelSelector(kind, spec?.selector);
    const { [key.health]: wanted, ...matchLabels } = selector.matchLabels ?? {};
    const matchExpressions = (selector.matchExpressions ?? []).filter((one) => one.key !== key.health);
    const uses = wanted !== undefined || matchExpressions.length !== (selector.matchExpressions ?? []).length;
    if (!uses) return undefined;
    return {
      apiVersion,
      kind,
      namespace: metadata?.namespace ?? "",
      name: metadata?.name ?? "",
      uid: metadata?.uid ?? "",
      rest: { matchLabels, matchExpressions },
    };
  };
}

/** A Service's selector is a plain map; all others are a LabelSelector. */
function asLabelSelector(kind: string, selector: LabelSelector | StringMap | undefined): LabelSelector {
  return kind === "Service"
    ? { matchLabels: selector as Record<string, string> }
    : (selector ?? {}) as LabelSelector;
}

/** The first object that could move a pod of these labels by the health label; `undefined` where none could. */
export function labelUserOf(
  users: Iterable<LabelUser>,
  pod: { readonly namespace: string; readonly labels: StringMap },
): LabelUser | undefined {
  for (const user of users) {
    if (user.namespace === pod.namespace && matches(user.rest, pod.labels)) return user;
  }
  return undefined;
}
