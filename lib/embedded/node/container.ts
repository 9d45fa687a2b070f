/**
 * One container of a pod, over all of its runs.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { messageOf } from "../../runtime/failure.ts";
import { ContainerLog } from "./container_log.ts";
import { afterRestart, type CrashMemory, delayAfter } from "./crash_backoff.ts";
import type { WhyStop } from "./decide.ts";
import type { Happening } from "./events.ts";
import { launchOf, Refusal } from "./launch.ts";
import { type ContainerPlan, restarts } from "./plan.ts";
import { shownName } from "./pod_status.ts";
import { NoProgram } from "./programs.ts";
import { Run } from "./run.ts";
import type { Site } from "./site.ts";
import type { NodeTools } from "./tools.ts";
import type { ContainerState, ContainerView, Ended } from "./view.ts";

/** What a container belongs to. */
export interface ContainerOptions {
  readonly plan: ContainerPlan;
  /** The pod's newest version. */
  readonly pod: () => Pod;
  /** Told when the container's view has changed. */
  readonly changed: () => void;
  readonly tools: NodeTools;
}

/** Waits from one refusal to the next attempt, milliseconds: what is missing is told of sooner. */
const refusalWaits = { initial: 10_000, max: 300_000 };

/** Starts and ends runs when it is told to, and knows how they went. */
export class Container {
  readonly plan: ContainerPlan;
  readonly #options: ContainerOptions;
  #state: ContainerState = { is: "new" };
  #run: Run | undefined;
  /** How the run before the present one ended. */
  #last: Ended | undefined;
  #restarts = 0;
  #hasRun = false;
  /** Why the present run is being ended, while it is. */
  #stopping: WhyStop | undefined;
  #crashes: CrashMemory | undefined;
  /** When the last run ended, by the monotonic clock. */
  #endedAt = 0;
  #refusals = 0;
  #work: Promise<void> | undefined;
  #closed = false;
  #logs: readonly ContainerLog[] = [];

  constructor(options: ContainerOptions) {
    this.plan = options.plan;
    this.#options = options;
  }

  /** How the container is now. */
  get view(): ContainerView {
    const state = this.#state.is === "running" && this.#run
      ? { ...this.#state, ...this.#run.found }
      : this.#state;
    return { state, busy: this.#work !== undefined, last: this.#last, restarts: this.#restarts };
  }

  /** What the newest run printed, or the one before it; `undefined` where there was none. */
  log(previous: boolean): ContainerLog | undefined {
    return this.#logs[previous ? 1 : 0];
  }

  /** Starts a run. The view tells how it goes. */
  start(site: Site): void {
    this.#do(() => this.#start(site).catch((error) => this.#startFailed(error)));
  }

  /** Ends the run. @param grace milliseconds that it may take */
  stop(why: WhyStop, grace: number): void {
    const run = this.#run;
    if (!run) return;
    this.#say("Normal", "Killing", this.#whyKilled(why));
    this.#stopping = why;
    this.#do(async () => {
      const failure = await run.stop(grace);
      if (failure !== undefined) this.#say("Warning", "FailedPreStopHook", `PreStopHook failed: ${failure}`);
    });
  }

  /** Gives a run that is being ended no more than so many milliseconds. */
  hurry(grace: number): void {
    this.#run?.hurry(grace);
  }

  /** Something has changed that a refusal may have been about. */
  reconsider(): void {
    if (this.#state.is === "refused") this.#state = { ...this.#state, tryAfter: -Infinity };
  }

  /**
   * Ends the run for good, without ceremony.
   *
   * @param grace milliseconds from SIGTERM to SIGKILL; 0 kills at once
   */
  async close(grace: number): Promise<void> {
    this.#closed = true;
    if (grace > 0) this.#run?.askToEnd();
    else this.#run?.kill();
    const cancel = this.#options.tools.clock.after(grace, () => this.#run?.kill());
    // A start that is under way finds the container closed and ends what it started.
    await this.#work;
    await this.#run?.ended;
    cancel();
  }

  /** One thing at a time: `busy` says that it is under way. */
  #do(work: () => Promise<void>): void {
    this.#work = work().finally(() => {
      this.#work = undefined;
      this.#options.changed();
    });
  }

  #startFailed(error: unknown): void {
    if (error instanceof Refusal && error.reason === "ErrImagePull") this.#refuseImage(error.message);
    else if (error instanceof Refusal) this.#refuse(error.reason, error.message);
    else if (error instanceof NoProgram) this.#fail(error.message);
    // Nobody's manifest: the machine refused, or the fault is ours.
    else this.#refuse("CreateContainerError", messageOf(error));
  }

  async #start(site: Site): Promise<void> {
    if (this.#closed) return;
    const { pod, tools, changed } = this.#options;
    const { plan } = this;
    const launch = launchOf({
      container: plan.spec,
      pod: pod(),
      site,
      machine: tools,
      configMap: tools.configMaps.in(pod().metadata!.namespace!),
      ...await site.containerFolder(plan.name),
    });
    this.#sayPulled();
    const log = new ContainerLog(() => tools.clock.now());
    const run = await Run.start({
      ...{ plan, launch, log, guard: tools.guard, machine: tools, clock: tools.clock, changed },
      address: site.facts.podIP,
      probeFailed: (kind, why) => this.#say("Warning", "Unhealthy", `${capital(kind)} probe failed: ${why}`),
    });
    this.#runs(run, log);
  }

  #runs(run: Run, log: ContainerLog): void {
    this.#begin(log);
    this.#run = run;
    this.#refusals = 0;
    this.#state = { is: "running", id: run.id, startedAt: run.startedAt, ...run.found };
    this.#say("Normal", "Created", `Created container: ${this.plan.name}`);
    this.#say("Normal", "Started", `Started container ${this.plan.name}`);
    run.ended.then((end) => {
      this.#run = undefined;
      this.#end(end);
      this.#options.changed();
    });
    if (this.#closed) run.kill();
  }

  /** A run begins: where there was one before, that is history now, and this is a restart. */
  #begin(log: ContainerLog): void {
    const { clock, crashTimes } = this.#options.tools;
    this.#logs = [log, ...this.#logs.slice(0, 1)];
    this.#stopping = undefined;
    if (this.#state.is === "ended") this.#last = this.#state.end;
    if (this.#hasRun) {
      this.#restarts++;
      this.#crashes = afterRestart(this.#crashes, this.#endedAt, clock.monotonic(), crashTimes);
    }
    this.#hasRun = true;
  }

  #end(end: Ended): void {
    const { clock, crashTimes } = this.#options.tools;
    this.#endedAt = clock.monotonic();
    const delay = delayAfter(this.#crashes, this.#endedAt, crashTimes);
    this.#state = { is: "ended", end, delay, restartAfter: this.#endedAt + delay };
    const isOver = this.#closed || this.#stopping === "deleted" || this.#stopping === "done";
    if (delay === 0 || isOver || !restarts(this.plan, end.code)) return;
    const pod = shownName(this.#options.pod());
    this.#say("Warning", "BackOff", `Back-off restarting failed container ${this.plan.name} in pod ${pod}`);
  }

  /** The program could not be started: to Kubernetes that is a run that ended at once. */
  #fail(message: string): void {
    const now = this.#options.tools.clock.now();
    const log = new ContainerLog(() => now);
    log.end();
    this.#begin(log);
    this.#say("Warning", "Failed", `Error: ${message}`);
    this.#end({ code: 128, reason: "StartError", message, startedAt: now, finishedAt: now });
  }

  #refuseImage(message: string): void {
    const { image } = this.plan.spec;
    const again = this.#refusals > 0;
    if (again) this.#say("Normal", "BackOff", `Back-off pulling image "${image}"`);
    else this.#say("Warning", "Failed", `Failed to pull image "${image}": ${message}`);
    const reason = again ? "ImagePullBackOff" : "ErrImagePull";
    this.#refuse(reason, message, `Error: ${reason}`);
  }

  #refuse(reason: string, message: string, said: string = `Error: ${message}`): void {
    this.#say("Warning", "Failed", said);
    if (this.#state.is === "ended") this.#last = this.#state.end;
    const wait = Math.min(refusalWaits.max, refusalWaits.initial * 2 ** this.#refusals++);
    const tryAfter = this.#options.tools.clock.monotonic() + wait;
    this.#state = { is: "refused", reason, message, tryAfter };
  }

  #sayPulled(): void {
    const { image, command } = this.plan.spec;
    const message = command?.length
      ? `Container image "${image}" not needed: the command is run from this machine`
      : `Container image "${image}" already present on machine`;
    this.#say("Normal", "Pulled", message);
  }

  #whyKilled(why: WhyStop): string {
    const { name } = this.plan;
    if (why === "deleted" || why === "done") return `Stopping container ${name}`;
    return `Container ${name} failed ${why} probe, will be restarted`;
  }

  #say(type: Happening["type"], reason: string, message: string): void {
    this.#options.tools.events.record(this.#options.pod(), { type, reason, message }, this.plan);
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
