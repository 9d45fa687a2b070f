/**
 * Election of one leader by a Lease: the others watch, and take over when it stops renewing.
 *
 * @module
 */
import type { CoordinationV1NamespacedApi, Lease } from "../../k8s/coordination_v1.ts";
import type { Random } from "../runtime/backoff.ts";
import { type Clock, sleep, stopwatch, within } from "../runtime/clock.ts";
import { messageOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";
import { Gauge, type Registry } from "../runtime/metrics.ts";
import { isStatus } from "./errors.ts";
import { LeaseObserver, leaseSource, recordOf } from "./lease.ts";
import { Reflector } from "./reflector.ts";
import { Store } from "./store.ts";

/** Who is elected where, and by which times (milliseconds). */
export interface ElectionOptions {
  readonly leases: CoordinationV1NamespacedApi;
  /** The Lease's name. */
  readonly name: string;
  /** Who we are: unique a process. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry?: Registry;
  readonly random?: Random;
  /** How long others wait after our last renewal. */
  readonly duration?: number;
  /** How long we may work after our last renewal: shorter than `duration`, so that two never work at once. */
  readonly renewDeadline?: number;
  /** From one renewal to the next. */
  readonly retryPeriod?: number;
  /** Told when this process begins or ceases to lead. What it throws, or rejects with, is logged. */
  readonly changed?: (leads: boolean) => void | Promise<void>;
}

/**
 * One candidate. Before every write ask {@link Election.left}: it goes by clocks that also run while the process
 * is stopped, or its machine suspended, so a leader that slept past its Lease writes nothing when it wakes.
 */
export class Election {
  readonly #options:
    & Required<Omit<ElectionOptions, "registry" | "changed">>
    & Pick<ElectionOptions, "changed">;
  readonly #observer: LeaseObserver;
  /** Milliseconds since we asked for what was our last renewal. */
  #sinceRenewal = () => Infinity;
  #heardAt = -Infinity;
  #leads = false;
  #said: string | undefined;

  constructor({ registry, ...options }: ElectionOptions) {
    this.#options = {
      duration: 15_000,
      renewDeadline: 10_000,
      retryPeriod: 2_000,
      random: Math.random,
      ...options,
    };
    this.#observer = new LeaseObserver(options.clock);
    if (registry) this.#show(registry);
  }

  /** Whether this process leads now. */
  get leads(): boolean {
    return this.left() > 0;
  }

  /** Milliseconds for which this process may still write; 0 or less where it may not. */
  left(): number {
    if (!this.#leads) return 0;
    return this.#options.renewDeadline - this.#sinceRenewal();
  }

  /** Whether the API server has answered lately: while it does not, nothing seen is known to be current. */
  get connected(): boolean {
    return this.#options.clock.monotonic() - this.#heardAt < this.#options.duration;
  }

  /** Takes part until the signal aborts, then waits for `lastWrite` and lets the Lease go. */
  async run(signal: AbortSignal, lastWrite: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const watching = this.#follow(signal);
    const { clock, retryPeriod, random } = this.#options;
    while (!signal.aborted) {
      await this.#turn(signal);
      const free = this.#observer.freeIn();
      const retry = retryPeriod * (1 + 0.2 * random());
      await sleep(clock, this.#leads ? retryPeriod : free > 0 ? Math.min(free, retry) : retry, signal);
    }
    await lastWrite();
    await this.#release();
    await watching;
  }

  /** Follows the Lease by a watch: it shows a holder's end to the moment, and that the server is there. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { leases, name, clock, log, random } = this.#options;
    const store = new Store((lease: Lease) => recordOf(lease));
    store.onChange((change) => {
      this.#observer.hear(change);
      this.#heard(undefined);
    });
    const source = leaseSource(leases, name);
    await new Reflector({ what: `lease ${name}`, source, store, clock, log, random }).run(signal);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#leads && this.left() <= 0) this.#lost("could not renew in time");
    // Somebody edited the Lease, or made it anew: writing over that would only start a quarrel.
    if (this.#leads && this.#takenByAnother()) await this.#reconsider(signal);
    if (!this.#leads && this.#observer.freeIn() > 0) return;
    const { clock, renewDeadline } = this.#options;
    const sinceAsked = stopwatch(clock);
    try {
      const limit = this.#leads ? this.left() : renewDeadline;
      const lease = await within(clock, limit, signal, (signal) => this.#write(signal));
      this.#heard(undefined);
      this.#observer.observe(recordOf(lease));
      this.#sinceRenewal = sinceAsked;
      if (!this.#leads) this.#won();
    } catch (error) {
      if (!signal.aborted) await this.#refused(error, signal);
    }
  }

  /** Somebody was faster, or removed the Lease: look at what it says now; the next turn decides again. */
  async #refused(error: unknown, signal: AbortSignal): Promise<void> {
    // Where there is no Lease to be missing, it is the namespace: nothing gets better by looking.
    const deleted = isStatus(error, 404) && this.#observer.record !== undefined;
    if (!isStatus(error, 409) && !deleted) return this.#heard(error);
    await this.#reconsider(signal);
  }

  /** Looks at the Lease itself, as the watch may tell old news. One that was deleted is still ours to make anew. */
  async #reconsider(signal: AbortSignal): Promise<void> {
    await this.#look(signal).catch((error) => signal.aborted || this.#heard(error));
    if (this.#leads && this.#takenByAnother()) this.#lost("another took the Lease");
  }

  #takenByAnother(): boolean {
    const { record } = this.#observer;
    return record !== undefined && record.holder !== this.#options.identity;
  }

  async #look(signal: AbortSignal | undefined): Promise<void> {
    const { leases, name, clock, retryPeriod } = this.#options;
    try {
      const lease = await within(clock, retryPeriod, signal, (signal) => leases.getLease(name, { signal }));
      this.#observer.observe(recordOf(lease));
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      this.#observer.observe(undefined);
    }
    this.#heard(undefined);
  }

  /** Creates the Lease, takes it or renews it: one write, valid only if nobody wrote since we looked. */
  async #write(signal: AbortSignal): Promise<Lease> {
    const { leases, name, identity, clock, duration } = this.#options;
    const record = this.#observer.record;
    const now = `${new Date(clock.now()).toISOString().slice(0, -1)}000Z`;
    const taken = record?.holder !== identity;
    if (!record) {
      const spec = {
        holderIdentity: identity,
        leaseDurationSeconds: duration / 1000,
        acquireTime: now,
        renewTime: now,
      };
      return await leases.createLease({ metadata: { name }, spec: { ...spec, leaseTransitions: 0 } }, {
        signal,
      });
    }
    const metadata = { resourceVersion: record.resourceVersion };
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: duration / 1000,
      renewTime: now,
      ...(taken && { acquireTime: now, leaseTransitions: record.transitions + 1 }),
    };
    return await leases.patchLease(name, { type: "merge", body: { metadata, spec } }, { signal });
  }

  /** After our last write: an empty holder lets a stand-by take over at once. */
  async #release(): Promise<void> {
    if (!this.leads) return;
    const { leases, name, log, clock, identity } = this.#options;
    const left = this.left();
    this.#set(false);
    try {
      // The end may have cut a renewal short, whose version we then do not know.
      await this.#look(undefined);
      const { holder, resourceVersion } = this.#observer.record ?? {};
      if (holder !== identity) return;
      const body = { metadata: { resourceVersion }, spec: { holderIdentity: "", leaseDurationSeconds: 1 } };
      await within(
        clock,
        left,
        undefined,
        (signal) => leases.patchLease(name, { type: "merge", body }, { signal }),
      );
      log.info("released the lease", { lease: name });
    } catch (error) {
      log.warn("cannot release the lease", { lease: name, error: messageOf(error) });
    }
  }

  #won(): void {
    const { log, name, identity } = this.#options;
    this.#set(true);
    log.info("leading", { lease: name, identity });
  }

  #set(leads: boolean): void {
    const { changed, log, name } = this.#options;
    this.#leads = leads;
    Promise.try(() => changed?.(leads)).catch((error) =>
      log.error("cannot act on the election", { lease: name, leads, error: messageOf(error) })
    );
  }

  /** As it is when somebody looks: a leader that is late with a renewal may not have noticed yet. */
  #show(registry: Registry): void {
    const leads = () => this.leads;
    new Gauge({
      name: "autocrane_leader",
      help: "1 while this process leads, 0 while it stands by.",
      registers: [registry],
      collect() {
        this.set(leads() ? 1 : 0);
      },
    });
  }

  #lost(why: string): void {
    const { log, name } = this.#options;
    this.#set(false);
    log.warn("not leading any more", { lease: name, why });
  }

  /** Notes that the server answered, or why it did not; said once a change. */
  #heard(error: unknown): void {
    const { clock, log, name } = this.#options;
    if (error === undefined) this.#heardAt = clock.monotonic();
    const message = error === undefined ? undefined : messageOf(error);
    if (message !== undefined && message !== this.#said) {
      log.warn("cannot use the lease", { lease: name, error: message });
    }
    this.#said = message;
  }
}
