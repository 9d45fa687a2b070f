/**
 * The eviction loop: observe, count, decide, act, explain. The stand-by does all but act and speak.
 *
 * @module
 */
import type { PodUid, WorkloadUid } from "../../contract/ids.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { Counter, Gauge, type Registry } from "../../runtime/metrics.ts";
import { failuresOf, type JudgedPod } from "../pod.ts";
import type { Workload } from "../workload.ts";
import type { Outcome, OutcomeKind } from "./act.ts";
import { decide, type Decision } from "./decide.ts";
import type { Explainer } from "./explain.ts";
import { type DataReturn, type Limits, type Memory, type Model, podsByWorkload, seenOf } from "./model.ts";
import { type NotedEviction, Pace, type Ticks } from "./pacing.ts";
import { Sightings } from "./sightings.ts";
import { stormsIn } from "./storm.ts";
import { Strikes } from "./strikes.ts";

/** What the evictor sees of the cluster. */
export interface Observation {
  readonly pods: Iterable<JudgedPod>;
  readonly workloadOf: (pod: JudgedPod) => Workload | undefined;
  readonly nodes: ReadonlyMap<string, boolean>;
  readonly pausedNamespaces: ReadonlySet<string>;
  readonly proberWorks: boolean;
  /** Whether a pod's data is being put back, or was lately. */
  readonly putBackOf?: (pod: JudgedPod) => DataReturn | undefined;
}

/** What an evictor is made of. */
export interface EvictorOptions {
  /** What is seen now, or why that is not to be relied on. */
  readonly observe: () => Observation | { readonly stale: string };
  readonly evict: (pod: JudgedPod) => Promise<Outcome>;
  readonly leads: () => boolean;
  /** Told of every pod that is down by AutoCrane's hand. */
  readonly evicted?: (uid: PodUid) => void;
  readonly limits: Limits;
  readonly explainer: Explainer;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Registry;
}

/** Answers about one pod: the others of its workload go first the next time, or it would hold them up for ever. */
const refusedAlone: ReadonlySet<OutcomeKind> = new Set([
  "budget",
  "two-budgets",
  "forbidden",
  "changed",
  "failed",
]);

/** Judges all pods, once a scan, and evicts those that have failed long enough. */
export class Evictor {
  readonly #options: EvictorOptions;
  readonly #strikes = new Strikes();
  readonly #sightings = new Sightings();
  readonly #paces = new Map<WorkloadUid, Pace>();
  readonly #refused = new Map<PodUid, Ticks>();
  readonly #failing: Gauge;
  readonly #storms: Gauge;
  readonly #scans: Counter<"outcome">;
  readonly #outcomes: Counter<"outcome">;
  readonly #memory: Memory = {
    strikes: (uid) => this.#strikes.of(uid),
    pace: (uid) => this.#paces.get(uid),
    refusedAt: (uid) => this.#refused.get(uid) ?? -Infinity,
    evictedAt: (uid) => this.#sightings.evictedAt(uid),
  };
  #peaceUntil: Ticks = -Infinity;
  #stale: string | undefined;
  #acting: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: EvictorOptions) {
    this.#options = options;
    const registers = [options.registry];
    const prefix = "autocrane_orchestrate_";
    this.#failing = new Gauge({
      name: `${prefix}failing_pods`,
      help: "Pods with a failing watchdog that counts.",
      registers,
    });
    this.#storms = new Gauge({
      name: `${prefix}storms`,
      help: "Namespaces in which the storm breaker holds.",
      registers,
    });
    this.#scans = new Counter({
      name: `${prefix}scans_total`,
      help: "Scans: counted, or skipped as what is known may be old.",
      labelNames: ["outcome"],
      registers,
    });
    this.#outcomes = new Counter({
      name: `${prefix}evictions_total`,
      help: "Evictions asked for, by outcome.",
      labelNames: ["outcome"],
      registers,
    });
  }

  /** One scan: counts strikes, then judges. */
  scan(): Promise<void> {
    return this.#inTurn(() => this.#scan());
  }

  /** Judges by the scans so far, without counting one: a new leader need not wait for its next scan. */
  judge(): Promise<void> {
    return this.#inTurn(async () => {
      const model = this.#look();
      if (!("stale" in model)) await this.#judge(model);
    });
  }

  /** Notes that a pod came into sight: pods that replace an evicted one come after it. */
  sawPod({ uid }: JudgedPod): void {
    this.#sightings.numberOf(uid);
  }

  /**
   * Notes that a pod was seen to be evicted: by the leader while this process stands by, or by anybody. It is
   * judged as soon as what is seen is to be relied on.
   *
   * @param inOrder whether all pods that came before the eviction were seen before it, and no other
   */
  sawEviction(pod: JudgedPod, inOrder: boolean): void {
    this.#sightings.evicted(pod, this.#options.clock.monotonic(), !inOrder);
  }

  /** From now on no eviction is asked for. Resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#acting;
  }

  async #scan(): Promise<void> {
    const model = this.#look();
    this.#tell("stale" in model ? model.stale : undefined);
    this.#scans.inc({ outcome: "stale" in model ? "skipped" : "counted" });
    if ("stale" in model) return;
    this.#strikes.count(
      model.pods.map((one) =>
        [one.pod.uid, seenOf(one, model.proberWorks), one.putBack?.strikesFrom] as const
      ),
      model.now,
    );
    this.#observePaces(model);
    this.#failing.set(model.pods.filter(({ failures }) => failures.length > 0).length);
    this.#storms.set(stormsIn(model, this.#options.limits).size);
    this.#forgetGone(model);
    await this.#judge(model);
  }

  /** Says once a change whether scans wait, and why. */
  #tell(stale: string | undefined): void {
    const { log } = this.#options;
    if (stale === this.#stale) return;
    if (stale !== undefined) log.warn("scans wait", { why: stale });
    else log.info("scans go on");
    this.#stale = stale;
  }

  /** What is seen now, with what was seen since the last look, or why it may be old. */
  #look(): Model | { readonly stale: string } {
    const { observe, clock } = this.#options;
    const seen = observe();
    if ("stale" in seen) return seen;
    const now = clock.now();
    const pods = [...seen.pods].map((pod) => ({
      pod,
      workload: seen.workloadOf(pod),
      failures: failuresOf(pod, seen.proberWorks, now),
      putBack: seen.putBackOf?.(pod),
    }));
    const model = { ...seen, pods, now, ticks: clock.monotonic() };
    this.#sightings.look(pods.map(({ pod }) => pod), model.ticks);
    this.#judgeSeenEvictions(model, seen.workloadOf);
    return model;
  }

  #judgeSeenEvictions({ proberWorks, now }: Model, workloadOf: Observation["workloadOf"]): void {
    for (const { pod, ...eviction } of this.#sightings.waiting()) {
      const workload = workloadOf(pod);
      const seen = seenOf({ pod, workload, failures: failuresOf(pod, proberWorks, now) }, proberWorks);
      const failed = seen === "failing" || this.#strikes.of(pod.uid) !== undefined;
      // It will be told when a prober works again.
      if (seen === "unknown" && !failed) continue;
      this.#sightings.known(pod.uid, eviction.at);
      // A drain evicts healthy pods too: those are not down by AutoCrane's hand.
      if (failed) this.#options.evicted?.(pod.uid);
      if (failed && workload) this.#noteEviction(workload, { uid: pod.uid, ...eviction });
    }
  }

  async #judge(model: Model): Promise<void> {
    const { limits, explainer } = this.#options;
    const decisions = decide(model, this.#memory, limits);
    const aloud = this.#leads();
    for (const decision of decisions) {
      const { pod, why } = decision;
      // Refused pods take turns: saying so again at each turn would say it once a scan.
      if (why.rule === "in-turn" && this.#refused.has(pod.uid)) continue;
      // Between scans: the next one counts it, and says so.
      if (why.rule === "too-few-scans" && !this.#strikes.of(pod.uid)) continue;
      if (decision.do !== "evict") this.#explain(decision, aloud);
    }
    for (const observed of model.pods) {
      const { pod } = observed;
      // Of a pod about which nobody can tell, nothing is said: it may fail as before.
      if (!explainer.hasSpokenOf(pod.uid) || seenOf(observed, model.proberWorks) !== "clear") continue;
      explainer.say(
        { pod, did: "clear", rule: "watchdogs-clear", words: "no watchdog fails any more" },
        aloud,
      );
      explainer.forget(pod.uid);
      this.#refused.delete(pod.uid);
    }
    await this.#act(decisions.filter((decision) => decision.do === "evict"));
  }

  /** One after the other: a decision must know what became of the evictions before it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#acting.then(work);
    this.#acting = turn.catch(() => {});
    return turn;
  }

  #leads(): boolean {
    return this.#options.leads() && !this.#stopped;
  }

  async #act(decisions: readonly Decision[]): Promise<void> {
    const { evict, clock, explainer } = this.#options;
    for (const { pod, workload, why } of decisions) {
      const at = clock.monotonic();
      if (!this.#leads() || at < this.#peaceUntil) return;
      // A replacement may come into sight before the answer does.
      const eviction = { uid: pod.uid, at, lastSight: this.#sightings.last };
      const outcome = await evict(pod);
      this.#outcomes.inc({ outcome: outcome.kind });
      if (outcome.kind === "evicted") {
        this.#sightings.known(pod.uid, at);
        this.#options.evicted?.(pod.uid);
        if (workload) this.#noteEviction(workload, eviction);
        explainer.say({ pod, did: "evict", rule: why.rule, words: why.words }, true);
      } else if (outcome.kind === "would-evict") {
        explainer.say({ pod, did: "hold", rule: "dry-run", words: `${why.words}; ${outcome.words}` }, true);
      } else {
        explainer.say({ pod, did: "refuse", rule: outcome.kind, words: outcome.words }, true);
      }
      if (refusedAlone.has(outcome.kind)) this.#refused.set(pod.uid, clock.monotonic());
      if (outcome.kind === "throttled") this.#peaceUntil = clock.monotonic() + (outcome.retryAfter ?? 0);
    }
  }

  #explain({ do: did, pod, why }: Decision, aloud: boolean): void {
    this.#options.explainer.say({ pod, did, rule: why.rule, words: why.words }, aloud);
  }

  #noteEviction({ uid }: Workload, eviction: NotedEviction): void {
    const pace = this.#paces.get(uid) ?? new Pace();
    this.#paces.set(uid, pace);
    pace.evicted(eviction);
  }

  #observePaces(model: Model): void {
    if (this.#paces.size === 0) return;
    const groups = podsByWorkload(model, (uid) => this.#sightings.numberOf(uid));
    for (const [uid, pace] of this.#paces) {
      const group = groups.get(uid);
      const full = group !== undefined && group.workload.desired > 0 &&
        group.workload.ready >= group.workload.desired;
      pace.observe(group?.pods ?? [], full, model.ticks, this.#options.limits.pace);
      if (pace.idle) this.#paces.delete(uid);
    }
  }

  #forgetGone(model: Model): void {
    const present = new Set(model.pods.map(({ pod }) => pod.uid));
    for (const uid of this.#options.explainer.spokenOf()) {
      if (!present.has(uid)) this.#options.explainer.forget(uid);
    }
    for (const uid of this.#refused.keys()) if (!present.has(uid)) this.#refused.delete(uid);
  }
}
