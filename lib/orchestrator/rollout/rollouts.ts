/**
 * The rollout loop of all namespaces: observe, decide, remember, ask, tell. What is decided is remembered before
 * anybody is asked, so that a process that ends in between asks nobody more than it should.
 *
 * @module
 */
import type { PodUid } from "../../contract/ids.ts";
import { Backoff, type Random } from "../../runtime/backoff.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { JudgedPod } from "../pod.ts";
import type { Requester } from "./act.ts";
import { decide, type RolloutDecision } from "./decide.ts";
import { dueIn } from "./due.ts";
import type { DataFacts } from "./facts.ts";
import type { RolloutLimits } from "./model.ts";
import type { DataListener, DataObserver, Look } from "./observe.ts";
import type { Problems } from "./problems.ts";
import { notesOf, sameNotes } from "./notes.ts";
import { type PutBack, putBackOf } from "./returning.ts";
import { emptyState, maxSources, type RolloutState } from "./state.ts";
import type { HeldState, StateStore } from "./store.ts";
import type { Teller } from "./telling.ts";
import { WorkQueue } from "./work_queue.ts";
import { listed } from "./view.ts";

/** What rollouts are made of. */
export interface RolloutsOptions {
  readonly observer: DataObserver;
  readonly store: Pick<StateStore, "get" | "all" | "write" | "refresh" | "stale" | "onChange">;
  readonly requester: Pick<Requester, "ask" | "forget">;
  readonly teller: Teller;
  readonly problems: Problems;
  readonly limits: RolloutLimits;
  /** Decide and say; write nothing. */
  readonly dryRun: boolean;
  /** Whether a namespace is one of those that are watched: states of others may be left from earlier. */
  readonly watches: (namespace: string) => boolean;
  /** The repository that is asked, for people. */
  readonly repositoryUrl: string;
  readonly leads: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/** How long to wait where what is seen may be old, milliseconds. */
const staleMs = 1_000;

/** How long until a look where the state cannot be read, milliseconds: its change is seen anyway. */
const unreadableMs = 60_000;

/** Most things that a dry run remembers to have said. */
const mostDrySaid = 20_000;

/** How often a state that others write meanwhile is decided about again before a rest. */
const quickConflicts = 5;

/** Decides about the data of every namespace, while this process leads. */
export class Rollouts implements DataListener {
  readonly #options: RolloutsOptions;
  readonly #queue: WorkQueue;
  /** What was said of states that cannot be read, by namespace. */
  readonly #unreadable = new Map<string, string>();
  /** What was said of what a dry run would do. */
  readonly #drySaid = new Set<string>();
  #begun = false;
  /** A start that takes until after the next stop is none. */
  #term = 0;

  constructor(options: RolloutsOptions) {
    const { clock, store, random } = options;
    this.#options = options;
    this.#queue = new WorkQueue({
      turn: (namespace) => this.#turn(namespace),
      failed: (namespace, error) => this.#failed(namespace, error),
      clock,
      ...(random && { random }),
    });
    store.onChange((namespace) => this.changed(namespace));
  }

  /** Begins to decide: this process leads now. What others wrote until now is read first. */
  async start(): Promise<void> {
    const { problems, clock, random } = this.#options;
    const term = ++this.#term;
    const goesOn = () => this.#term === term && this.#options.leads();
    problems.clear();
    const backoff = new Backoff({ initial: 500, max: 10_000, ...(random && { random }) });
    while (goesOn() && !await this.#refreshed()) await sleep(clock, backoff.next());
    if (!goesOn()) return;
    this.#queue.start();
    this.#begun = true;
    this.changedAll();
  }

  /** Decides no more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#term++;
    this.#begun = false;
    await this.#queue.stop();
  }

  /** Something changed in a namespace: it is looked at soon. */
  changed(namespace: string): void {
    if (this.#begun && this.#options.watches(namespace)) this.#queue.ask(namespace);
  }

  /** Something changed for all of them. */
  changedAll(): void {
    for (const namespace of this.#namespaces()) this.changed(namespace);
  }

  /** A pod that data concerned is there no longer. */
  lostPod(pod: JudgedPod): void {
    this.#options.observer.lostPod(pod);
    this.#options.requester.forget(pod.uid);
  }

  /** AutoCrane had a pod evicted. */
  evicted(uid: PodUid): void {
    this.#options.observer.evicted(uid);
  }

  /** Whether any pod deploys data: else no repository need be asked. */
  get any(): boolean {
    return this.#begun && this.#namespaces().size > 0;
  }

  /**
   * Decides about everything now. Resolves when that is done, and after so many milliseconds in any case: what
   * follows must not wait for a server that does not answer. Nothing where this process does not lead.
   */
  async settle(within: number): Promise<void> {
    if (!this.#begun) return;
    const over = new AbortController();
    const all = [...this.#namespaces()].map((namespace) => this.#queue.now(namespace));
    const done = Promise.all(all).then(() => over.abort());
    await Promise.race([done, sleep(this.#options.clock, within, over.signal)]);
  }

  /** Whether a pod's data is being put back, or was lately: then it is not evicted for what it showed before. */
  putBackOf({ namespace, uid, data }: JudgedPod): PutBack | undefined {
    if (!data) return undefined;
    const state = this.#options.store.get(namespace)?.state;
    return state && !("problem" in state) ? putBackOf(state, uid) : undefined;
  }

  async #refreshed(): Promise<boolean> {
    const { store, log } = this.#options;
    try {
      await store.refresh();
      return true;
    } catch (error) {
      log.warn("cannot read the rollouts' states", { error: messageOf(error) });
      return false;
    }
  }

  #namespaces(): Set<string> {
    const { observer, store, watches } = this.#options;
    const held = store.all().map(({ namespace }) => namespace).filter(watches);
    return new Set([...observer.namespaces(), ...held]);
  }

  #failed(namespace: string, error: unknown): void {
    this.#options.log.error("cannot go on with data rollouts", { namespace, error: messageOf(error) });
  }

  /** @returns milliseconds until the next look */
  async #turn(namespace: string): Promise<number> {
    for (let conflicts = 0; conflicts < quickConflicts; conflicts++) {
      const { observer, store, clock, leads } = this.#options;
      const look = observer.look(namespace, clock.now());
      if (!leads() || "stale" in look || store.stale !== undefined) return staleMs;
      const held = store.get(namespace);
      const state = held?.state ?? emptyState;
      if ("problem" in state) {
        this.#report(look, []);
        return this.#unreadableState(held!, state.problem);
      }
      this.#unreadable.delete(namespace);
      const wait = await this.#carryOut(look, held, state);
      if (wait !== undefined) return wait;
    }
    return staleMs;
  }

  /** @returns `undefined` where somebody else wrote the state meanwhile */
  async #carryOut(
    look: Look,
    held: HeldState | undefined,
    state: RolloutState,
  ): Promise<number | undefined> {
    const { limits, clock, requester, teller, dryRun, store } = this.#options;
    const decision = decide(look.model, state, limits, clock.now());
    this.#report(look, decision.unmanaged);
    const { namespace } = look.model;
    if (dryRun) return this.#sayOnly(look, held, decision);
    if (!await this.#remember(look, held, decision)) return undefined;
    const written = store.get(namespace);
    for (const said of decision.said) teller.happened(said, look, written);
    const retry = await requester.ask(namespace, decision.requests);
    return Math.min(retry ?? Infinity, dueIn(decision.state, limits, clock.now()));
  }

  /** @returns whether the state is as it was decided to be */
  async #remember(
    { model }: Look,
    held: HeldState | undefined,
    { state }: RolloutDecision,
  ): Promise<boolean> {
    const { store, teller, limits, repositoryUrl } = this.#options;
    const notes = notesOf(state, model, { ...limits, repositoryUrl });
    if (state === (held?.state ?? emptyState) && (!held || sameNotes(notes, held.notes))) return true;
    try {
      const written = await store.write(model.namespace, held, { state, notes });
      teller.wrote(written ? "written" : "conflict");
      return written;
    } catch (error) {
      teller.wrote("failed");
      throw error;
    }
  }

  /** Says what would be done: each thing once, as nothing that is decided is remembered. */
  #sayOnly(look: Look, held: HeldState | undefined, { state, said, requests }: RolloutDecision): number {
    const { teller, limits, clock } = this.#options;
    const { namespace } = look.model;
    for (const one of said) {
      const key = `${namespace} ${one.source} ${one.rule} ${one.pod?.uid} ${one.version?.version}`;
      if (this.#isNews(key)) teller.happened(one, look, held);
    }
    for (const one of requests) {
      if (this.#isNews(`${one.pod.uid} ${one.name} ${one.version.digest}`)) teller.wouldAsk(namespace, one);
    }
    return dueIn(state, limits, clock.now());
  }

  #isNews(said: string): boolean {
    const isNews = !this.#drySaid.has(said);
    // A bound: what was said very long ago may be said again.
    if (this.#drySaid.size >= mostDrySaid) this.#drySaid.clear();
    this.#drySaid.add(said);
    return isNews;
  }

  #unreadableState(held: HeldState, problem: string): number {
    if (this.#unreadable.get(held.namespace) !== problem) {
      this.#unreadable.set(held.namespace, problem);
      this.#options.teller.unreadable(held, problem);
    }
    return unreadableMs;
  }

  #report(look: Look, unmanaged: readonly string[]): void {
    const { problems, teller } = this.#options;
    const left = new Set(unmanaged);
    const ofData = ({ data }: JudgedPod) => this.#elsewhere(data!) ?? leftOut(data!, left);
    for (const { pod, words } of problems.news(look, ofData)) teller.problem(pod.namespace, pod, words);
  }

  #elsewhere(facts: DataFacts): string | undefined {
    const { observer, repositoryUrl } = this.#options;
    // One that cannot be read is told as what it is.
    if (facts.url === "" || !observer.isElsewhere(facts)) return undefined;
    return `it names the data repository ${facts.url}, AutoCrane asks ${repositoryUrl}: its data is not managed`;
  }
}

/** Words for a pod that deploys sources for which its namespace has no room. */
function leftOut({ deployments }: DataFacts, unmanaged: ReadonlySet<string>): string | undefined {
  const names = [...new Set(deployments.map(({ source }) => source))].filter((one) => unmanaged.has(one));
  if (names.length === 0) return undefined;
  return `its data ${listed(names)} is not managed: a namespace has room for ${maxSources} sources`;
}
