/**
 * A namespace that a test moves by hand: decisions are carried out at once, deployers apply when they are told to.
 *
 * @module
 */
import type { DataStatus, DataVersion } from "../../../lib/contract/data_version.ts";
import { decide, type RolloutDecision } from "../../../lib/orchestrator/rollout/decide.ts";
import { explain, type Explanation } from "../../../lib/orchestrator/rollout/explain.ts";
import type { DataPod, RolloutLimits, RolloutModel } from "../../../lib/orchestrator/rollout/model.ts";
import { emptyState, type RolloutState, type SourceState } from "../../../lib/orchestrator/rollout/state.ts";
import { type Granted, granted, type Wish } from "../../../lib/orchestrator/rollout/wishes.ts";
import { noon } from "../build.ts";
import { applied, dataPod, type PodChange, rolloutLimits, rolloutModel } from "./build.ts";

/** The namespace; its one source is called `maps`. */
export class Stage {
  readonly #pods = new Map<string, DataPod>();
  readonly limits: RolloutLimits;
  versions: DataVersion[] | undefined = [];
  gone: RolloutModel["gone"] = [];
  paused = false;
  now = noon;
  state: RolloutState = emptyState;

  constructor(limits: Partial<RolloutLimits> = {}) {
    this.limits = { ...rolloutLimits, ...limits };
  }

  /** Adds pods that are well and have nothing, or what is said of them. */
  add(names: readonly string[], changes: PodChange = {}): void {
    for (const name of names) this.#pods.set(name, dataPod(name, changes));
  }

  /** Changes pods; `has` and `asked` stand for the annotations of `maps`. */
  change(names: readonly string[], changes: Partial<DataPod>): void {
    for (const name of names) this.#pods.set(name, { ...this.pod(name), ...changes });
  }

  /** Takes a pod away. */
  remove(name: string, why: "evicted" | "other" = "other"): void {
    this.gone = [...this.gone, { uid: this.pod(name).uid, name, why }];
    this.#pods.delete(name);
  }

  pod(name: string): DataPod {
    const pod = this.#pods.get(name);
    if (!pod) throw new Error(`no pod "${name}"`);
    return pod;
  }

  /** A deployer's word. */
  says(name: string, status: DataStatus): void {
    this.change([name], { statuses: new Map([["maps", status]]) });
  }

  /** Everybody, or who is named, applies what he was asked to have, and is probed. */
  apply(names: readonly string[] = [...this.#pods.keys()]): void {
    for (const name of names) {
      const request = this.pod(name).requests.get("maps");
      if (request && !("problem" in request)) this.says(name, applied(request, { probed: this.now / 1000 }));
    }
  }

  /** Decides, and writes what was decided. */
  decide(): RolloutDecision {
    const decision = decide(this.model, this.state, this.limits, this.now);
    this.state = decision.state;
    for (const { pod, name, version } of decision.requests) {
      this.change([pod.name], { requests: new Map([...this.pod(pod.name).requests, [name, version]]) });
    }
    return decision;
  }

  /** Lets time pass, in seconds, and decides. */
  after(seconds: number): RolloutDecision {
    this.now += seconds * 1000;
    return this.decide();
  }

  /** Everybody has a version, and it is known good. */
  settle(version: DataVersion, names: readonly string[], changes: PodChange = {}): void {
    this.add(names, { ...changes, has: version });
    this.versions = [version];
    this.decide();
  }

  order(wish: Wish): Granted {
    const result = granted(this.state, "maps", wish, this.now);
    if (!("problem" in result)) this.state = result.state;
    return result;
  }

  get model(): RolloutModel {
    const { gone, paused } = this;
    return rolloutModel([...this.#pods.values()], this.versions, { gone, paused });
  }

  get source(): SourceState {
    const source = this.state.sources.get("maps");
    if (!source) throw new Error("nothing is remembered of source maps");
    return source;
  }

  get explained(): Explanation {
    return explain(this.state, this.model, this.limits, this.now).find(({ source }) => source === "maps")!;
  }

  /** The names of the candidate's canaries. */
  get canaries(): string[] {
    return this.source.candidate?.canaries.map(({ name }) => name) ?? [];
  }

  /** The path of what each pod is asked to have. */
  asked(name: string): string | undefined {
    const request = this.pod(name).requests.get("maps");
    return request && !("problem" in request) ? request.path : undefined;
  }
}
