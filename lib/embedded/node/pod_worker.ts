/**
 * Makes one pod true: looks at what is, decides, and has it done.
 *
 * @module
 */
import { join } from "node:path";
import type { ContainerStatus, Pod, PodStatus } from "../../../k8s/core_v1.ts";
import { isStatus } from "../../kube/errors.ts";
import { Backoff } from "../../runtime/backoff.ts";
import { sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { Container } from "./container.ts";
import type { ContainerLog } from "./container_log.ts";
import { Deadline } from "./deadline.ts";
import { decide, type Decision, type Step, type WhyStop } from "./decide.ts";
import { type ContainerPlan, planOf, type PodPlan } from "./plan.ts";
import { podStatus } from "./pod_status.ts";
import { SetUp } from "./set_up.ts";
import { StatusWriter } from "./status_writer.ts";
import type { NodeTools } from "./tools.ts";

/** How long containers may take to end where their pod says nothing, seconds. */
const usualGrace = 30;

/** Nothing to do, as long as there is nothing to do it in. */
const nothing: Decision = { steps: [], over: false, lookAgainAt: undefined };

/** One pod on this node, from the moment it is seen to the moment nothing is left of it. */
export class PodWorker {
  readonly #tools: NodeTools;
  readonly #plan: PodPlan;
  readonly #containers: ReadonlyMap<string, Container>;
  readonly #writer: StatusWriter;
  readonly #setUp: SetUp;
  readonly #settingUp: Promise<void>;
  readonly #stop = new AbortController();
  readonly #gone = Promise.withResolvers<void>();
  /** It was through before we saw it: a node that was there before us has run it. */
  readonly #isOld: boolean;
  readonly #seenAt: number;
  #pod: Pod;
  #status: PodStatus | undefined;
  #deadline: Deadline | undefined;
  #wakes = false;
  #removes = false;
  #cancelTimer: () => void = () => {};

  /** Begins to work for a pod that is bound to this node. */
  constructor(pod: Pod, tools: NodeTools) {
    const { core, clock, log } = tools;
    this.#pod = pod;
    this.#tools = tools;
    this.#plan = planOf(pod);
    this.#isOld = ["Succeeded", "Failed"].includes(pod.status?.phase ?? "");
    this.#seenAt = Date.parse(pod.status?.startTime ?? "") || clock.now();
    const newest = () => this.#pod;
    const changed = () => this.#wake();
    this.#containers = new Map(
      this.#plan.map((plan) => [plan.name, new Container({ plan, tools, changed, pod: newest })]),
    );
    const { signal } = this.#stop;
    this.#writer = new StatusWriter({ core, clock, log, signal, pod: newest, gone: () => this.vanish() });
    this.#setUp = new SetUp(newest, tools);
    const idle = this.#isOld || this.#isDeleted;
    this.#settingUp = idle ? Promise.resolve() : this.#setUp.run(signal).finally(changed);
    this.look(pod);
  }

  /** Resolves when nothing of the pod is left on this machine. */
  get done(): Promise<void> {
    return this.#gone.promise;
  }

  /** The newest version of the pod that was seen. */
  get pod(): Pod {
    return this.#pod;
  }

  /** Takes a newer version of the pod: the files that tell of it are in step at once. */
  look(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (!tellsTheSame(before, pod)) this.#refresh();
    const { deletionGracePeriodSeconds: grace } = pod.metadata!;
    if (this.#isDeleted) this.#end((grace ?? usualGrace) * 1000);
    this.#wake();
  }

  /** A ConfigMap of the pod's namespace appeared, changed or went. */
  lookAtConfigMaps(): void {
    this.#refresh();
    this.#setUp.retry();
    for (const container of this.#containers.values()) container.reconsider();
    this.#wake();
  }

  /** The API has no such pod any more: what runs is killed at once. */
  vanish(): void {
    void this.close(0);
  }

  /** Ends the pod's processes and says nothing of it. @param grace milliseconds from SIGTERM to SIGKILL */
  async close(grace: number): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer();
    await this.#settingUp;
    await Promise.all([...this.#containers.values()].map((container) => container.close(grace)));
    await this.#cleanUp();
  }

  /** How a container is, as the pod's status tells it. */
  statusOf(container: string): ContainerStatus | undefined {
    const { initContainerStatuses = [], containerStatuses = [] } = this.#status ?? {};
    return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
  }

  /** What a container's newest run printed, or the one before it. */
  logOf(container: string, previous: boolean): ContainerLog | undefined {
    return this.#containers.get(container)?.log(previous);
  }

  get #isDeleted(): boolean {
    return this.#pod.metadata?.deletionTimestamp !== undefined;
  }

  /** Has a turn made soon: one, however much happens until then. */
  #wake(): void {
    if (this.#wakes) return;
    this.#wakes = true;
    queueMicrotask(() => {
      this.#wakes = false;
      if (!this.#stop.signal.aborted) this.#turn();
    });
  }

  #turn(): void {
    const { clock } = this.#tools;
    const view = new Map([...this.#containers].map(([name, container]) => [name, container.view]));
    const mayAct = this.#isDeleted || this.#setUp.site !== undefined;
    const circumstances = { deleted: this.#isDeleted, now: clock.monotonic() };
    const { steps, over, lookAgainAt } = mayAct ? decide(this.#plan, view, circumstances) : nothing;
    this.#tell(over);
    for (const step of steps) this.#act(step);
    this.#cancelTimer();
    if (lookAgainAt === undefined) return;
    this.#cancelTimer = clock.after(Math.max(0, lookAgainAt - clock.monotonic()), () => this.#wake());
  }

  #tell(over: boolean): void {
    if (this.#isOld) return;
    const { address, site } = this.#setUp;
    this.#status = podStatus({
      pod: this.#pod,
      plan: this.#plan,
      view: new Map([...this.#containers].map(([name, container]) => [name, container.view])),
      ...{ over, address, prepared: site !== undefined, before: this.#status, seenAt: this.#seenAt },
      hostIP: this.#tools.addresses.host,
      now: this.#tools.clock.now(),
    });
    this.#writer.want(this.#status);
  }

  #act(step: Step): void {
    if (step.do === "finish") return this.#finish();
    const container = this.#containers.get(step.container)!;
    if (step.do === "start") container.start(this.#setUp.site!);
    else container.stop(step.why, this.#graceFor(container.plan, step.why));
  }

  #graceFor({ spec }: ContainerPlan, why: WhyStop): number {
    if (this.#deadline) return this.#deadline.left;
    const probe = why === "startup" || why === "liveness" ? spec[`${why}Probe`] : undefined;
    const { terminationGracePeriodSeconds: pods } = this.#pod.spec ?? {};
    return (probe?.terminationGracePeriodSeconds ?? pods ?? usualGrace) * 1000;
  }

  /** The pod is deleted, or deleted once more with less grace. */
  #end(grace: number): void {
    const { clock } = this.#tools;
    const left = this.#deadline?.left ?? Infinity;
    if (grace >= left) return;
    this.#deadline ??= new Deadline(clock, grace);
    this.#deadline.shorten(grace);
    for (const container of this.#containers.values()) container.hurry(grace);
  }

  /** Nothing runs any more. A deleted pod goes from the API; one that is through keeps its logs. */
  #finish(): void {
    this.#setUp.release();
    if (!this.#isDeleted || this.#removes) return;
    this.#removes = true;
    void this.#remove();
  }

  async #remove(): Promise<void> {
    const { core, clock, log } = this.#tools;
    const { signal } = this.#stop;
    const { name, namespace, uid } = this.#pod.metadata!;
    const backoff = new Backoff({ initial: 200, max: 10_000 });
    await this.#writer.settled();
    while (!signal.aborted) {
      try {
        const options = { gracePeriodSeconds: 0, preconditions: { uid }, signal };
        await core.namespace(namespace!).deletePod(name!, options);
        break;
      } catch (error) {
        if (signal.aborted || isStatus(error, 404) || isStatus(error, 409)) break;
        log.warn("cannot delete a pod that has ended", { pod: name, error: messageOf(error) });
        await sleep(clock, backoff.next(), signal);
      }
    }
    await this.close(0);
  }

  #refresh(): void {
    try {
      this.#setUp.site?.refresh(this.#pod);
    } catch (error) {
      const { name } = this.#pod.metadata!;
      this.#tools.log.error("cannot write a pod's volumes", { pod: name, error: messageOf(error) });
    }
  }

  async #cleanUp(): Promise<void> {
    const { folder, log } = this.#tools;
    const { name, uid } = this.#pod.metadata!;
    this.#deadline?.[Symbol.dispose]();
    this.#setUp.release();
    await Deno.remove(join(folder, uid!), { recursive: true }).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return;
      log.warn("cannot remove a pod's folder", { pod: name, error: messageOf(error) });
    });
    this.#gone.resolve();
  }
}

/** Whether downward API files tell the same of two versions of a pod. */
function tellsTheSame({ metadata: a }: Pod, { metadata: b }: Pod): boolean {
  const told = (one: Pod["metadata"]) => JSON.stringify([one?.labels, one?.annotations]);
  return told(a) === told(b);
}
