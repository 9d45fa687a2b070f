/**
 * A status writer over an API server that holds a few pods and refuses what a test says.
 *
 * @module
 */
import type { KubeRequest } from "../../../k8s/client.ts";
import { CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { KubeError } from "../../../lib/kube/errors.ts";
import { keyOf, Store } from "../../../lib/kube/store.ts";
import type { Log } from "../../../lib/runtime/log.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { podReader, type ProbedPod } from "../../../lib/watchdog/prober/pod.ts";
import type { Verdict } from "../../../lib/watchdog/prober/thresholds.ts";
import { StatusWriter } from "../../../lib/watchdog/prober/writer.ts";
import { FakeClient } from "../../k8s/fake_client.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";
import { patched, reading } from "./build.ts";
import { silentLog } from "../../support/silent_log.ts";

/** What probes came to. */
export const failed: Verdict = { level: "error", message: "HTTP 500" };
export const passed: Verdict = { level: "info", message: "HTTP 200" };

/** Pods as a server holds them: merge patches of metadata are carried out, refusals come first. */
class PodServer extends FakeClient {
  readonly pods = new Map<string, Pod>();
  readonly refusals: Error[] = [];
  readonly requests: KubeRequest[] = [];
  /** What happens while a pod is read. */
  meanwhile: () => void = () => {};

  override async json<T>(request: KubeRequest): Promise<T> {
    this.requests.push(request);
    await super.json(request);
    const [, namespace, name] = /namespaces\/([^/]+)\/pods\/([^/]+)$/.exec(request.path)!;
    if (request.method === "GET") this.meanwhile();
    const pod = this.pods.get(`${namespace}/${name}`);
    if (!pod) throw new KubeError(request, 404, {});
    if (request.method !== "PATCH") return pod as T;
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    const { metadata } = request.body as { metadata: Parameters<typeof patched>[1] };
    const after = patched(pod, metadata);
    this.pods.set(`${namespace}/${name}`, after);
    return after as T;
  }
}

/** A writer and all that a test sets or sees of its surroundings. */
export interface WriterStage {
  readonly writer: StatusWriter;
  readonly clock: FakeClock;
  readonly store: Store<Pod, ProbedPod>;
  /** What was logged: level, message, and the fields' values. */
  readonly lines: readonly string[];
  /** Faults of the writer that were told. */
  readonly faults: readonly unknown[];
  /** The requests that the server has seen. */
  readonly calls: readonly KubeRequest[];
  readonly verdict: (name: string, verdict: Verdict) => void;
  readonly lead: (yes: boolean) => void;
  /** The next patches are refused, each with one of these. */
  readonly refuse: (...errors: Error[]) => void;
  readonly idle: () => Promise<void>;
  /** The pod as the server has it. */
  readonly pod: () => Pod;
  /** Changes the pod behind the writer's back. */
  readonly server: {
    readonly set: ReturnType<typeof setter>;
    /** Another pod has the name, or none has. */
    readonly replace: (by: Pod | undefined) => void;
    /** What happens while the writer reads a pod. */
    readonly meanwhile: (act: () => void) => void;
  };
  /** From now on the writer's decisions throw, or do so no more. */
  readonly fault: (yes: boolean) => void;
  readonly leftOut: () => Promise<number>;
  /** Writes by outcome. */
  readonly outcomes: () => Promise<Record<string, number>>;
}

/** Sets up the writer; the first pod is the one that `server.set` and `pod` mean. */
export function stage(first: Pod, ...others: Pod[]): WriterStage {
  const server = new PodServer();
  const store = new Store(podReader(reading));
  for (const pod of [first, ...others]) {
    server.pods.set(keyOf(pod), pod);
    store.upsert(pod);
  }
  const clock = new FakeClock();
  const metrics = proberMetrics(new Registry());
  const verdicts = new Map<string, Verdict>();
  const lines: string[] = [];
  const faults: unknown[] = [];
  let leads = true;
  let broken = false;
  const writer = new StatusWriter({
    core: new CoreV1Api(server),
    store,
    verdicts: () => verdicts,
    told: () => undefined,
    labelled: () => {
      if (broken) throw new Error("a bug");
      return true;
    },
    leads: () => leads,
    fieldManager: reading.fieldManager,
    failed: (error) => void faults.push(error),
    clock,
    log: logInto(lines),
    metrics,
  });
  return {
    writer,
    clock,
    store,
    lines,
    faults,
    verdict: (name: string, verdict: Verdict) => void verdicts.set(name, verdict),
    lead: (yes: boolean) => void (leads = yes),
    refuse: (...errors: Error[]) => void server.refusals.push(...errors),
    idle: settled,
    pod: () => server.pods.get(keyOf(first))!,
    fault: (yes) => void (broken = yes),
    server: {
      set: setter(server, first),
      replace: (by) => void (by ? server.pods.set(keyOf(first), by) : server.pods.delete(keyOf(first))),
      meanwhile: (act) => void (server.meanwhile = act),
    },
    calls: server.requests,
    leftOut: async () => (await metrics.leftOut.get()).values[0]!.value,
    outcomes: async () => {
      const { values } = await metrics.writes.get();
      return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
    },
  };
}

function setter(server: PodServer, pod: Pod) {
  return (annotations: StringMap, resourceVersion: string, labels: StringMap = {}) => {
    const metadata = {
      ...pod.metadata,
      annotations: { ...annotations },
      labels: { ...labels },
      resourceVersion,
    };
    server.pods.set(keyOf(pod), { ...pod, metadata });
  };
}

function logInto(lines: string[]): Log {
  const line = (level: string): Log["info"] => (message, fields) =>
    lines.push([`${level}: ${message}`, ...Object.values(fields ?? {})].join(" "));
  return { ...silentLog, info: line("info"), warn: line("warn") };
}
