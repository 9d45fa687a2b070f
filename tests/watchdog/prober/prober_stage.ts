/**
 * A prober over a store that a test fills, with probes that answer as it says.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { Store } from "../../../lib/kube/store.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import type { ProbeRequest, ProbeResult } from "../../../lib/watchdog/probe/probe.ts";
import { proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { podReader, type ProbedPod } from "../../../lib/watchdog/prober/pod.ts";
import { Prober } from "../../../lib/watchdog/prober/prober.ts";
import { FairSlots } from "../../../lib/watchdog/prober/slots.ts";
import type { Verdict } from "../../../lib/watchdog/prober/thresholds.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";
import { reading } from "./build.ts";

/** What probes find. */
export const good: ProbeResult = { ok: true, status: 200 };
export const bad: ProbeResult = { ok: false, kind: "status", why: "HTTP 500" };

/** A fake clock that knows the longest time that anybody asked it to wait. */
class WatchedClock extends FakeClock {
  longest = 0;

  override after(ms: number, callback: () => void): () => void {
    this.longest = Math.max(this.longest, ms);
    return super.after(ms, callback);
  }
}

/** Probes that are answered at once, or not before a test says so. */
function probes() {
  const requests: ProbeRequest[] = [];
  const hanging: ((result: ProbeResult) => void)[] = [];
  const hung = new Set<string>();
  let result = good;
  let broken = false;
  return {
    requests,
    answer: (next: ProbeResult) => void (result = next),
    /** From now on probes of this address hang. */
    hang: (address: string) => void hung.add(address),
    /** From now on a probe throws, which none may, or does so no more. */
    fault: (yes: boolean) => void (broken = yes),
    /** Ends the probes that hang; from now on none does. */
    finish: async (end: ProbeResult) => {
      hung.clear();
      for (const resolve of hanging.splice(0)) resolve(end);
      await settled();
    },
    probe: (request: ProbeRequest): Promise<ProbeResult> => {
      requests.push(request);
      if (broken) throw new Error("a bug");
      if (!hung.has(request.address)) return Promise.resolve(result);
      return new Promise((resolve) => hanging.push(resolve));
    },
  };
}

/** A prober and all that a test sets or sees of its surroundings. */
export interface ProberStage extends Omit<ReturnType<typeof probes>, "probe"> {
  readonly store: Store<Pod, ProbedPod>;
  readonly clock: FakeClock;
  readonly sockets: FairSlots;
  readonly prober: Prober;
  /** The pods that the writer was asked to look at. */
  readonly looks: string[];
  /** What was logged: level and message. */
  readonly lines: string[];
  /** Faults of the prober that were told. */
  readonly faults: unknown[];
  /** The longest time that anybody asked the clock to wait, milliseconds. */
  readonly longestWait: () => number;
  readonly verdictOf: (uid: string, name: string) => Verdict | undefined;
  /** Pods whose intervals are stretched, as the gauge says. */
  readonly slowed: () => Promise<number>;
  /** A counter's values by its one label. */
  readonly counts: (name: "probes" | "skipped") => Promise<Record<string, number>>;
}

/** Sets up a prober that is not started yet; a pod may hold eight of its 64 sockets. */
export function proberStage(pods: readonly Pod[]): ProberStage {
  const { probe, ...controls } = probes();
  const store = new Store(podReader(reading));
  for (const pod of pods) store.upsert(pod);
  const clock = new WatchedClock();
  const metrics = proberMetrics(new Registry());
  const sockets = new FairSlots({ total: 64, perPod: 8 });
  const looks: string[] = [];
  const lines: string[] = [];
  const faults: unknown[] = [];
  const log = {
    ...silentLog,
    warn: (message: string) => void lines.push(`warn: ${message}`),
    info: (message: string) => void lines.push(`info: ${message}`),
  };
  const writer = { look: (key: string) => looks.push(key) };
  const failed = (error: unknown) => void faults.push(error);
  const deployers = { take: () => {}, drop: () => {}, clear: () => {}, probed: () => {} };
  const prober = new Prober({ store, probe, sockets, writer, deployers, failed, clock, log, metrics });
  return {
    ...controls,
    store,
    clock,
    sockets,
    prober,
    looks,
    lines,
    faults,
    slowed: async () => (await metrics.slowed.get()).values[0]!.value,
    longestWait: () => clock.longest,
    verdictOf: (uid: string, name: string) => {
      const pod = [...store.values()].find((pod) => pod.uid === uid);
      return pod && prober.verdicts(pod).get(name);
    },
    counts: async (name: "probes" | "skipped") => {
      const { values } = await metrics[name].get();
      return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels)[0], value]));
    },
  };
}
