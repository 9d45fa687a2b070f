/**
 * A small simulated namespace: pods come, go, crash and clear, deployers apply late, never or wrongly, versions good and
 * bad are pushed, writes fail, the state is lost. Every decision that breaks a promise throws.
 *
 * @module
 */
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import type { ContentId } from "../../../lib/contract/ids.ts";
import { decide } from "../../../lib/orchestrator/rollout/decide.ts";
import type { GonePod, RolloutLimits, RolloutModel } from "../../../lib/orchestrator/rollout/model.ts";
import { putBackOf } from "../../../lib/orchestrator/rollout/returning.ts";
import { emptyState, isRejected, type RolloutState } from "../../../lib/orchestrator/rollout/state.ts";
import { granted, type Wish } from "../../../lib/orchestrator/rollout/wishes.ts";
import { noon, podUid } from "../build.ts";
import { version } from "./build.ts";
import { Promises } from "./promises.ts";
import { good, type Quality, type Roll, rollsOf, SimulatedPod, type World } from "./simulated_pod.ts";

/** The namespace. */
export class Simulation {
  readonly #roll: Roll;
  readonly #limits: RolloutLimits;
  readonly #promises: Promises;
  readonly #qualities = new Map<ContentId, Quality>();
  readonly #versions: DataVersion[] = [];
  #pods: SimulatedPod[] = [];
  #gone: GonePod[] = [];
  #state: RolloutState = emptyState;
  #now = noon;
  #stepMs: number;
  #ids = 0;
  #repositoryDown = false;
  #unreadable = false;
  #outage = false;
  #paused = false;
  /** How often something happened, by its rule. */
  readonly counts = new Map<string, number>();

  constructor(seed: number) {
    const roll = this.#roll = rollsOf(seed);
    this.#limits = {
      canaryPercent: [1, 25, 34, 50, 100][roll(5)]!,
      probation: [0, 60, 120, 60, 120, 60, 120][roll(7)]! * 1000,
      failingPercent: roll(4) === 0 ? 40 : 0,
      applyDeadline: (40 + roll(60)) * 1000,
    };
    this.#stepMs = (5 + roll(15)) * 1000;
    this.#promises = new Promises(this.#limits, (one) => this.#qualities.get(one.version)!);
    for (let n = 1 + roll(8); n > 0; n--) this.#comes();
    if (roll(4) > 0) this.#push(good);
  }

  /** Lets so many random steps happen, then nothing more: every pod must have the last version in the end. */
  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#happens();
      this.#step(true);
    }
    this.#calm();
    let more = 2;
    for (let step = 0; step < 400; step++) {
      this.#step(false);
      if (this.#pods.length === 0) this.#comes();
      if (this.#isSpread()) return;
      // What happened to its canaries before may have spoken against it: then a newer one comes.
      if (this.#isLastRejected() && more-- > 0) this.#push(good);
    }
    const pods = this.#pods.map((pod) => `p${pod.id} has ${pod.live?.path}, asked for ${pod.request?.path}`);
    const state = JSON.stringify([...this.#state.sources]);
    throw new Error(`not every pod has ${this.#last?.path}: ${pods.join("; ")}; ${state}`);
  }

  get #last(): DataVersion | undefined {
    return this.#versions.at(-1);
  }

  get #source() {
    return this.#state.sources.get("maps");
  }

  get #world(): World {
    return {
      now: this.#now,
      roll: this.#roll,
      repositoryDown: this.#repositoryDown,
      outage: this.#outage,
      qualityOf: (one) => this.#qualities.get(one.version)!,
      isHeld: (uid) => putBackOf(this.#state, uid)?.holds ?? false,
    };
  }

  #isSpread(): boolean {
    const last = this.#last?.version;
    return this.#source?.knownGood?.version === last && this.#source?.candidate === undefined &&
      this.#pods.every(({ live, ending }) => ending !== undefined || live?.version === last);
  }

  #isLastRejected(): boolean {
    return this.#source !== undefined && isRejected(this.#source, this.#last!.version);
  }

  /** Faults and orders end; the newest version is good and not rejected. */
  #calm(): void {
    this.#stepMs = 20_000;
    this.#repositoryDown =
      this.#unreadable =
      this.#outage =
      this.#paused =
        false;
    for (const pod of this.#pods) Object.assign(pod, { ill: undefined, trouble: undefined, paused: false });
    for (const wish of [{ do: "unpin" }, { do: "resume" }] as const) this.#order(wish);
    const isGood = this.#last && this.#qualities.get(this.#last.version) === good;
    if (!isGood || this.#isLastRejected()) this.#push(good);
  }

  /** Something, or nothing. */
  #happens(): void {
    const roll = this.#roll;
    const happening = [...this.#happenings(), ...this.#podHappenings()][roll(42)];
    happening?.();
  }

  #happenings(): (() => void)[] {
    const roll = this.#roll;
    return [
      () => this.#push(good),
      () => this.#push(good),
      () => this.#push(this.#bad()),
      () => this.#push(this.#bad()),
      () => this.#pushAgain(),
      () => this.#comes(),
      () => this.#comes(),
      () => this.#repositoryDown = !this.#repositoryDown,
      () => this.#unreadable = !this.#unreadable,
      () => this.#outage = roll(2) === 0 && !this.#outage,
      () => this.#paused = roll(2) === 0 && !this.#paused,
      () => this.#orderAny(),
      () => roll(3) === 0 && this.#lose(),
      // A clock that is set back, or jumps ahead.
      () => this.#now += roll(3) === 0 ? (roll(2) === 0 ? -1 : 1) * roll(100) * 1000 : 0,
    ];
  }

  #podHappenings(): (() => void)[] {
    const roll = this.#roll;
    const pod = this.#pods[roll(Math.max(1, this.#pods.length))];
    if (!pod) return [];
    const fallsIll = () =>
      pod.ill = pod.ill ? undefined : (["crash", "watchdog", "unready"] as const)[roll(3)];
    const isCut = () =>
      pod.trouble = pod.trouble ? undefined : (["network", "disk", "stuck"] as const)[roll(3)];
    return [
      fallsIll,
      fallsIll,
      isCut,
      isCut,
      () => pod.ending ??= "other",
      () => pod.restarts(this.#now),
      () => pod.paused = !pod.paused,
      () => this.#forge(pod),
    ];
  }

  #bad(): Quality {
    const roll = this.#roll;
    // Where nothing is waited for, only what shows at every moment can be seen.
    const waits = this.#limits.probation > 0;
    const shows = (["crash", "watchdog", "unready", "restarts"] as const)[roll(waits ? 4 : 3)]!;
    const refused = (["digest", "content", "notify"] as const)[roll(3)]!;
    const how = { seldom: roll(3) === 0, lag: waits ? roll(2) : 0 };
    return roll(2) === 0 ? { ill: shows, ...how } : { refused, ...how };
  }

  #push(quality: Quality): void {
    const pushed = version(this.#qualities.size + 1);
    this.#qualities.set(pushed.version, quality);
    this.#versions.push(pushed);
  }

  /** An older content once more: packed again, or gone back to. */
  #pushAgain(): void {
    if (this.#qualities.size === 0) return;
    this.#versions.push(version(1 + this.#roll(this.#qualities.size), this.#versions.length));
  }

  #any(): DataVersion | undefined {
    return this.#versions[this.#roll(Math.max(1, this.#versions.length))];
  }

  /** A pod comes, once in a while with a request that was copied with its template. */
  #comes(): void {
    if (this.#pods.length > 9) return;
    const copied = this.#roll(6) === 0 ? this.#any() : undefined;
    if (copied) this.#promises.uncounted.add(copied.version);
    this.#pods.push(new SimulatedPod(this.#ids++, this.#roll, copied));
  }

  #forge(pod: SimulatedPod): void {
    const forged = this.#any();
    if (!forged) return;
    Object.assign(pod, { request: forged, applying: this.#roll(3) });
    this.#promises.uncounted.add(forged.version);
  }

  #lose(): void {
    const { failed, uncounted, vouched } = this.#promises;
    this.#state = emptyState;
    failed.clear();
    for (const one of this.#versions) uncounted.add(one.version);
    for (const { live, request } of this.#pods) {
      for (const one of [live, request]) if (one) vouched.add(one.version);
    }
  }

  #orderAny(): void {
    const any = this.#any();
    if (!any) return;
    const wishes: Wish[] = [
      { do: "pin", version: any },
      { do: "unpin" },
      { do: "reject", version: any },
      { do: "unreject", version: any },
      { do: "rollback" },
      { do: "promote" },
      { do: "pause" },
      { do: "resume" },
    ];
    this.#order(wishes[this.#roll(wishes.length)]!);
  }

  #order(wish: Wish): void {
    const result = granted(this.#state, "maps", wish, this.#now);
    if ("problem" in result) return;
    const { failed, uncounted, vouched } = this.#promises;
    if (wish.do === "promote") vouched.add(this.#source!.candidate!.version.version);
    if (wish.do === "unreject") failed.delete(wish.version.version);
    if (wish.do === "pin") {
      vouched.add(wish.version.version);
      for (const one of this.#versions) uncounted.add(one.version);
    }
    this.#state = result.state;
    for (const { rule } of result.said) this.#count(rule);
  }

  #step(faulty: boolean): void {
    const roll = this.#roll;
    this.#now += this.#stepMs;
    this.#gone = [];
    this.#pods = this.#pods.filter((pod) => !pod.ending || roll(2) === 0 || this.#ends(pod));
    for (const pod of this.#pods) pod.lives(this.#world);
    const model = this.#model();
    const decision = decide(model, this.#state, this.#limits, this.#now);
    this.#promises.check(model, this.#state, decision, this.#now);
    // Somebody wrote the state meanwhile: nothing of the decision happens.
    if (faulty && roll(15) === 0) return;
    this.#state = decision.state;
    this.#promises.written(this.#state);
    for (const { rule } of decision.said) this.#count(rule);
    // The leader is killed after it wrote the state.
    if (faulty && roll(15) === 0) return;
    for (const { pod, version } of decision.requests) {
      if (faulty && roll(10) === 0) continue;
      const asked = this.#pods.find(({ uid }) => uid === pod.uid)!;
      Object.assign(asked, { request: version, applying: roll(faulty ? 5 : 2) });
    }
  }

  #count(rule: string): void {
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
  }

  /** A pod is gone; a controller replaces who was evicted, and others once in a while. */
  #ends({ id, ending }: SimulatedPod): boolean {
    this.#gone.push({ uid: podUid(`p${id}-uid`), name: `p${id}`, why: ending! });
    if (ending === "evicted" || this.#roll(2) === 0) this.#comes();
    return false;
  }

  #model(): RolloutModel {
    return {
      namespace: "shop",
      paused: this.#paused,
      gone: this.#gone,
      catalogue: this.#unreadable ? undefined : new Map([["maps", { versions: [...this.#versions] }]]),
      pods: this.#pods.map((pod) => pod.seen(this.#world)),
    };
  }
}
