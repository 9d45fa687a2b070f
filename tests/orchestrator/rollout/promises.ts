/**
 * What every decision about a simulated namespace must keep. What is broken throws.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { ContentId } from "../../../lib/contract/ids.ts";
import { type DataRequest, decide, type RolloutDecision } from "../../../lib/orchestrator/rollout/decide.ts";
import {
  type DataPod,
  hasApplied,
  hasLive,
  isIll,
  isPresent,
  requestedOf,
  type RolloutLimits,
  type RolloutModel,
} from "../../../lib/orchestrator/rollout/model.ts";
import { isRejected, type RolloutState, type SourceState } from "../../../lib/orchestrator/rollout/state.ts";
import { formatState, parseState } from "../../../lib/orchestrator/rollout/state_text.ts";
import type { Quality } from "./simulated_pod.ts";

/** Checks decisions, one after the other. */
export class Promises {
  readonly #limits: RolloutLimits;
  readonly #qualityOf: (version: DataVersion) => Quality;
  /** What a person made known good, or what pods had when the state was lost. */
  readonly vouched = new Set<ContentId>();
  /** What forgers and people gave to pods that are no canaries: these pods are not counted. */
  readonly uncounted = new Set<ContentId>();
  /** What a canary was seen to fail with. */
  readonly failed = new Set<ContentId>();
  readonly #everGood = new Set<ContentId>();

  constructor(limits: RolloutLimits, qualityOf: (version: DataVersion) => Quality) {
    this.#limits = limits;
    this.#qualityOf = qualityOf;
  }

  /** Checks one decision about source `maps`. */
  check(model: RolloutModel, state: RolloutState, decision: RolloutDecision, now: number): void {
    const before = state.sources.get("maps");
    const after = decision.state.sources.get("maps");
    if (!after) return;
    checkAsked(model, after, decision);
    this.#checkShare(model, before, after, decision, now);
    this.#checkKnownGood(model, before, after);
    this.#watch(model, after);
    if (decision.state === state) return;
    deepEqual(parseState(formatState(decision.state)), decision.state, "the state does not survive its text");
    const again = decide(model, decision.state, this.#limits, now);
    equal(again.state, decision.state, "the same moment is decided otherwise the second time");
    deepEqual([again.requests.map(told), again.said], [decision.requests.map(told), []]);
    this.#checkSettles(model, decision, now);
  }

  /** Notes that the state was written. */
  written(state: RolloutState): void {
    const { knownGood } = state.sources.get("maps") ?? {};
    if (knownGood) this.#everGood.add(knownGood.version);
  }

  /** Once everybody carries his request one pod may make way for another, and then nobody is asked any more. */
  #checkSettles(model: RolloutModel, decision: RolloutDecision, now: number): void {
    const asks = new Set<string>();
    let last = decision;
    let seen = model;
    while (last.requests.length > 0) {
      for (const one of last.requests.map(told)) {
        ok(!asks.has(one), `${one} twice`);
        asks.add(one);
      }
      seen = carried(seen, last);
      last = decide(seen, last.state, this.#limits, now);
    }
  }

  /** Never more than the share, when a canary is chosen, on a version without a verdict. */
  #checkShare(
    model: RolloutModel,
    before: SourceState | undefined,
    { candidate, knownGood, pin }: SourceState,
    decision: RolloutDecision,
    now: number,
  ): void {
    if (!candidate || !knownGood || pin || candidate.toAll) return;
    const content = candidate.version.version;
    const has = (pod: DataPod) => requestedOf(pod, "maps").includes(content) || hasLive(pod, "maps", content);
    const earlier = before?.candidate?.version.version === content ? before.candidate.canaries : [];
    const chosen = candidate.canaries.filter(({ uid }) => !earlier.some((one) => one.uid === uid));
    if (chosen.length === 0) return;
    const pods = model.pods.filter((pod) => isPresent(pod) && !pod.paused);
    const share = Math.max(1, Math.floor((pods.length * this.#limits.canaryPercent) / 100));
    ok(candidate.canaries.length <= share, `${candidate.canaries.length} canaries are more than ${share}`);
    if (this.uncounted.has(content) || this.#everGood.has(content)) return;
    // A pod that has it already brings it to nobody.
    if (chosen.every(({ uid }) => pods.some((pod) => pod.uid === uid && has(pod)))) return;
    // Who was given up, and could not be put back since, is waited for no longer.
    const givenUp = candidate.late.filter(({ at }) => now - at >= this.#limits.applyDeadline).map(({ uid }) =>
      uid
    );
    const on = carried({ ...model, pods }, decision).pods.filter((pod) =>
      has(pod) && !givenUp.includes(pod.uid)
    );
    ok(on.length <= share, `${on.length} pods are on an unjudged version, the share is ${share}`);
  }

  /** What became known good by its canaries' verdict deserves it. */
  #checkKnownGood(model: RolloutModel, before: SourceState | undefined, { knownGood }: SourceState): void {
    if (!knownGood || !before || knownGood.version === before.knownGood?.version) return;
    if (this.vouched.has(knownGood.version)) return;
    const { ill, refused, seldom } = this.#qualityOf(knownGood);
    ok(seldom || !(ill ?? refused), `a version that harms every pod is known good: ${ill ?? refused}`);
    const isProof = (pod: DataPod) =>
      pod.ready && hasApplied(pod, "maps", knownGood.version) &&
      (!pod.watched || pod.statuses.get("maps")?.probed !== undefined);
    ok(model.pods.some(isProof), "a version is known good that no pod was seen to be well with");
    if (this.#limits.failingPercent > 0) return;
    ok(!this.failed.has(knownGood.version), "a version is known good although a canary failed");
  }

  /** Notes canaries that were well before, have the version and are ill, while no other pod is. */
  #watch(model: RolloutModel, { candidate, pausedAt, pin }: SourceState): void {
    if (!candidate || model.paused || pausedAt !== undefined || pin) return;
    const canaries = new Map(candidate.canaries.map((one) => [one.uid, one]));
    if (model.pods.some((pod) => !canaries.has(pod.uid) && (isIll(pod) || pod.evicted))) return;
    const harmed = model.pods.some((pod) => {
      const canary = canaries.get(pod.uid);
      return canary && canary.ill === undefined && canary.wasReady && isPresent(pod) && isIll(pod) &&
        pod.statuses.get("maps")?.state === "applied" && hasLive(pod, "maps", candidate.version.version);
    });
    if (harmed) this.failed.add(candidate.version.version);
  }
}

/** Everybody is asked for what he should have, and nobody for what is rejected. */
function checkAsked(model: RolloutModel, after: SourceState, decision: RolloutDecision): void {
  const { pin, candidate, knownGood } = after;
  const requests = new Map(decision.requests.map((one) => [one.pod.uid, one.version]));
  for (const { version } of requests.values()) {
    ok(!isRejected(after, version), "a rejected version is asked for");
  }
  const canaries = new Set(candidate?.canaries.filter(({ failure }) => !failure).map(({ uid }) => uid));
  for (const pod of model.pods) {
    if (model.paused || pod.paused || !isPresent(pod)) {
      ok(!requests.has(pod.uid), `${pod.name} is asked, which is paused or ends`);
      continue;
    }
    const wanted = pin?.version ?? (canaries.has(pod.uid) ? candidate?.version : undefined) ?? knownGood ??
      (candidate?.toAll ? candidate.version : undefined);
    const asked = requests.get(pod.uid)?.version ?? requestedOf(pod, "maps")[0];
    if (wanted) equal(asked, wanted.version, `${pod.name} is not asked for what it should have`);
  }
}

function told({ pod, version, why }: DataRequest): string {
  return `${pod.name} is asked for ${version.path}: ${why.words}`;
}

/** The model as it is when all requests were written. */
function carried(model: RolloutModel, { requests }: Pick<RolloutDecision, "requests">): RolloutModel {
  const versions = new Map(requests.map(({ pod, version }) => [pod.uid, version]));
  const pods = model.pods.map((pod): DataPod => {
    const version = versions.get(pod.uid);
    return version ? { ...pod, requests: new Map([["maps", version]]) } : pod;
  });
  return { ...model, pods };
}
