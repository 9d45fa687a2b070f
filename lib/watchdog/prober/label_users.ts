/**
 * Follows everything whose selector could use the health label.
 *
 * @module
 */
import type { Recorder } from "../../kube/recorder.ts";
import { follow, type FollowedView } from "../../kube/follow.ts";
import type { SourceOf, Sources } from "../../kube/sources.ts";
import type { KubeObject } from "../../kube/store.ts";
import { key } from "../../contract/keys.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import type { ProberMetrics } from "./metrics.ts";
import type { ProbedPod } from "./pod.ts";
import { type LabelUser, labelUserOf, labelUserReader, type Selecting } from "./selectors.ts";

/** What is followed, and where a find is reported. */
export interface LabelUsersOptions {
  readonly sources: Sources;
  readonly namespaces: readonly string[];
  readonly recorder: Pick<Recorder, "record">;
  /** Whether this process is the one that reports. */
  readonly leads: () => boolean;
  /** Told when the label may have become free, or not free, in a namespace. */
  readonly changed: (namespace: string) => void;
  readonly metrics: ProberMetrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether the health label may be written on a pod, and who says no. */
export class LabelUsers {
  readonly #options: LabelUsersOptions;
  readonly #followed: FollowedView<LabelUser>[];
  readonly #users = new Map<string, LabelUser>();
  readonly #reported = new Set<string>();

  constructor(options: LabelUsersOptions) {
    const { sources } = options;
    this.#options = options;
    this.#followed = [
      this.#follow("apps/v1", "ReplicaSet", sources.replicaSets),
      this.#follow("apps/v1", "StatefulSet", sources.statefulSets),
      this.#follow("apps/v1", "DaemonSet", sources.daemonSets),
      this.#follow("policy/v1", "PodDisruptionBudget", sources.budgets),
      this.#follow("v1", "Service", sources.services),
    ];
  }

  /** Resolves when every kind was listed once. */
  get synced(): Promise<void> {
    return Promise.all(this.#followed.map(({ synced }) => synced)).then(() => {});
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#followed.map((one) => one.run(signal)));
  }

  /** Whether the label may be written on this pod. A find is reported once, until it is none any more. */
  allows(pod: ProbedPod): boolean {
    const user = this.#users.size === 0 ? undefined : labelUserOf(this.#users.values(), pod);
    if (user && this.#options.leads()) this.#report(user);
    return user === undefined;
  }

  #follow<T extends Selecting & KubeObject>(
    apiVersion: string,
    kind: string,
    source: SourceOf<T>,
  ): FollowedView<LabelUser> {
    const { namespaces, clock, log } = this.#options;
    const trim = labelUserReader(apiVersion, kind);
    const followed = follow<T, LabelUser>({ what: `${kind}s`, namespaces, source, trim, clock, log });
    followed.store.onChange(({ before, after }) => {
      if (before) this.#users.delete(before.uid);
      if (before && before.uid !== after?.uid) this.#reported.delete(before.uid);
      if (after) this.#users.set(after.uid, after);
      this.#options.metrics.withheld.set(this.#users.size);
      this.#options.changed((after ?? before)!.namespace);
    });
    return followed;
  }

  #report(user: LabelUser): void {
    if (this.#reported.has(user.uid)) return;
    this.#reported.add(user.uid);
    const { apiVersion, kind, namespace, name, uid } = user;
    const words =
      `The selector of ${kind} ${namespace}/${name} uses the label ${key.health}, which AutoCrane ` +
      "therefore does not write on the pods it could match. Select by another label.";
    this.#options.log.warn("a selector uses the health label", { kind, name: `${namespace}/${name}` });
    this.#options.recorder.record({ apiVersion, kind, namespace, name, uid }, {
      type: "Warning",
      reason: "SelectorUsesHealthLabel",
      action: "WithholdLabel",
      note: words,
    });
  }
}
