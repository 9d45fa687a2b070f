/**
 * An orchestrator's part in data rollouts, put together as its program does it, with its writes in a test's hand.
 *
 * @module
 */
import type { KubeClient, KubeRequest } from "../../../k8s/client.ts";
import type { ConfigMap } from "../../../k8s/core_v1.ts";
import type { Catalogue } from "../../../lib/contract/data_catalogue.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import type { Recorder } from "../../../lib/kube/recorder.ts";
import { View } from "../../../lib/orchestrator/observe.ts";
import { Requester } from "../../../lib/orchestrator/rollout/act.ts";
import type { RolloutLimits } from "../../../lib/orchestrator/rollout/model.ts";
import { DataObserver } from "../../../lib/orchestrator/rollout/observe.ts";
import { Problems } from "../../../lib/orchestrator/rollout/problems.ts";
import { Rollouts } from "../../../lib/orchestrator/rollout/rollouts.ts";
import { StateStore } from "../../../lib/orchestrator/rollout/store.ts";
import { Teller } from "../../../lib/orchestrator/rollout/telling.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import type { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

/** Where it works. */
export interface Surroundings {
  readonly client: KubeClient;
  readonly clock: FakeClock;
  /** What the repository has now. */
  readonly catalogue: Catalogue | undefined;
}

/** A minute of probation, a quarter of the pods. */
export const limits: RolloutLimits = {
  canaryPercent: 25,
  probation: 60_000,
  failingPercent: 0,
  applyDeadline: 120_000,
};

/** A client that tells of each write, and lets a test refuse it. */
class Watched implements KubeClient {
  readonly writes: KubeRequest[] = [];
  /** Throws where the write is to fail. */
  refuse: (request: KubeRequest) => void = () => {};
  /** How long a write takes. */
  slow: () => Promise<void> = () => Promise.resolve();
  /** The most writes that were under way at once. */
  most = 0;
  #underWay = 0;
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async json<T>(request: KubeRequest): Promise<T> {
    if (request.method === "GET") return await this.#client.json(request);
    this.most = Math.max(this.most, ++this.#underWay);
    try {
      await this.slow();
      this.refuse(request);
      this.writes.push(request);
      return await this.#client.json(request);
    } finally {
      this.#underWay--;
    }
  }

  watch = <T>(request: KubeRequest) => this.#client.watch<T>(request);
  text = (request: KubeRequest) => this.#client.text(request);
  stream = (request: KubeRequest) => this.#client.stream(request);
}

/** One orchestrator's part in data rollouts. */
export class Orchestrator {
  readonly writer: Watched;
  /** Events: on what, and why. */
  readonly events: string[] = [];
  readonly registry = new Registry();
  readonly rollouts: Rollouts;
  leads = true;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(cluster: Surroundings, { dryRun = false }: { readonly dryRun?: boolean } = {}) {
    const { client, clock } = cluster;
    const { registry } = this;
    this.writer = new Watched(client);
    const common = { clock, log: silentLog, fieldManager: fieldManager.orchestrate };
    const view = new View({
      ...common,
      client,
      namespaces: ["shop", "depot"],
      proberLease: { namespace: "autocrane", name: "prober" },
      proberFieldManager: fieldManager.watchdogprober,
    });
    const store = new StateStore({ ...common, client, writer: this.writer, own: "autocrane" });
    const recorder: Pick<Recorder, "record"> = {
      record: ({ kind, name }, { reason }) => void this.events.push(`${kind}/${name} ${reason}`),
    };
    const teller = new Teller({ recorder, own: "autocrane", log: silentLog, registry });
    this.rollouts = new Rollouts({
      ...common,
      observer: new DataObserver({
        observe: () => view.observeData(),
        catalogue: () => cluster.catalogue,
        repositoryUrl: "http://datarepo",
      }),
      store,
      requester: new Requester({
        ...common,
        writer: this.writer,
        podAt: (namespace, name) => view.podAt(namespace, name),
        wrote: (pod) => view.wrote(pod),
        told: (namespace, requests, outcome) => teller.asked(namespace, requests, outcome),
        random: () => 0,
      }),
      teller,
      problems: new Problems({ namespace: "autocrane", serviceAccount: "datarepo" }),
      limits,
      dryRun,
      watches: (namespace) => ["shop", "depot"].includes(namespace),
      repositoryUrl: "http://datarepo",
      leads: () => this.leads,
      random: () => 0,
    });
    view.tellOfData(this.rollouts);
    this.#running = Promise.all([view.run(this.#end.signal), store.run(this.#end.signal)]);
  }

  /** What was written, in its order: `data-shop`, or `web-1`. */
  get written(): string[] {
    return this.writer.writes.map(({ path, body }) =>
      path.split("/").at(-1)!.replace("configmaps", (body as ConfigMap).metadata!.name!)
    );
  }

  /** Ends as a process does that is killed: whatever it has begun is given up. */
  async kill(): Promise<void> {
    this.leads = false;
    this.writer.refuse = () => {
      throw new Error("the process has ended");
    };
    await this.rollouts.stop();
    this.#end.abort();
    await this.#running;
  }
}
