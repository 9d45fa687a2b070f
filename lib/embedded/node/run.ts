/**
 * One run of a container: its process, what it prints, its probes, and its end.
 *
 * @module
 */
import { constants } from "node:os";
import type { LifecycleHandler } from "../../../k8s/core_v1.ts";
import { type Clock, sleep, unlessAborted } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Exit, Guard, GuardedProcess } from "../../runtime/guard.ts";
import type { ContainerLog } from "./container_log.ts";
import { Deadline } from "./deadline.ts";
import { execIn } from "./exec.ts";
import { type Launch, lineOf } from "./launch.ts";
import { askHttp, askTcp, type ProbeOutcome } from "./probe_action.ts";
import { httpAction, type ProbeAction, type ProbeKind } from "./probe_plan.ts";
import { type Found, Prober } from "./prober.ts";
import type { ContainerPlan } from "./plan.ts";
import type { Machine } from "./tools.ts";
import type { Ended } from "./view.ts";

/** What a run is made of. */
export interface RunOptions {
  readonly plan: ContainerPlan;
  readonly launch: Launch;
  readonly log: ContainerLog;
  readonly guard: Guard;
  readonly machine: Machine;
  /** The pod's address. */
  readonly address: string;
  /** Told when what the probes found has changed. */
  readonly changed: () => void;
  /** Told of each failure of a probe. */
  readonly probeFailed: (kind: ProbeKind, why: string) => void;
  readonly clock: Clock;
}

/** Least time between SIGTERM and SIGKILL, milliseconds: also where a hook used up the grace period. */
const leastGrace = 2000;

/** A container's process, from its start on. */
export class Run {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Resolves when the process has ended, with all its children. */
  readonly ended: Promise<Ended>;
  readonly #options: RunOptions;
  readonly #process: GuardedProcess;
  readonly #prober: Prober;
  readonly #over = new AbortController();
  #deadline: Deadline | undefined;

  private constructor(process: GuardedProcess, options: RunOptions) {
    const { launch, changed, probeFailed, clock } = options;
    this.#options = options;
    this.#process = process;
    this.id = `process://${process.pid}`;
    this.startedAt = clock.now();
    this.#prober = new Prober({
      probes: launch.probes,
      ask: (action, signal) => this.#ask(action, signal),
      changed,
      failed: probeFailed,
      clock,
    });
    this.ended = this.#end();
  }

  /**
   * Starts the process.
   *
   * @throws NoProgram where this machine has no such program; Failure where it cannot be started
   */
  static async start(options: RunOptions): Promise<Run> {
    const { launch, log, guard, machine } = options;
    const line = await lineOf(launch.command, launch, machine);
    const output = (bytes: Uint8Array, stream: string) => log.write(bytes, stream);
    return new Run(await guard.run({ line, env: launch.env, cwd: launch.cwd, output }), options);
  }

  /** What the probes have found so far. */
  get found(): Found {
    return this.#prober.found;
  }

  /**
   * Ends the process in the order that Kubernetes promises: the preStop hook, SIGTERM, SIGKILL when the grace
   * period is over.
   *
   * @param grace milliseconds
   * @returns why the hook failed, if it did
   */
  async stop(grace: number): Promise<string | undefined> {
    using deadline = new Deadline(this.#options.clock, grace);
    this.#deadline = deadline;
    this.#prober.calm();
    const hook = this.#options.plan.spec.lifecycle?.preStop;
    // A hook ends with its container.
    const limit = AbortSignal.any([deadline.signal, this.#over.signal]);
    const outcome = hook && await this.#preStop(hook, limit).catch(asFailure);
    const failed = outcome?.ok === false && !this.#over.signal.aborted;
    await this.#terminate(Math.max(leastGrace, deadline.left));
    return failed ? outcome.why : undefined;
  }

  /** A process that is being ended gets no more time than so many milliseconds from now. */
  hurry(grace: number): void {
    this.#deadline?.shorten(grace);
  }

  /** Sends SIGTERM, or the signal that the container wants in its place. */
  askToEnd(): void {
    this.#process.signal((this.#options.plan.spec.lifecycle?.stopSignal ?? "SIGTERM") as Deno.Signal);
  }

  /** Ends the process and its children at once. */
  kill(): void {
    this.#process.kill();
  }

  async #terminate(grace: number): Promise<void> {
    using deadline = new Deadline(this.#options.clock, grace);
    this.#deadline = deadline;
    this.askToEnd();
    await unlessAborted(this.ended, deadline.signal).catch(() => this.kill());
    await this.ended;
  }

  async #end(): Promise<Ended> {
    const exit = await this.#process.ended;
    const { clock, log } = this.#options;
    this.#over.abort();
    this.#prober.stop();
    log.end();
    return endedOf(exit, { id: this.id, startedAt: this.startedAt, finishedAt: clock.now() });
  }

  #ask(action: ProbeAction, signal: AbortSignal): Promise<ProbeOutcome> {
    if (action.do === "http") return askHttp(action, signal);
    if (action.do === "tcp") return askTcp(action, signal);
    return execIn(this.#options.launch, action.command, this.#options, signal);
  }

  async #preStop(hook: LifecycleHandler, signal: AbortSignal): Promise<ProbeOutcome> {
    const { plan, address, clock } = this.#options;
    if (hook.exec) return await this.#ask({ do: "exec", command: hook.exec.command ?? [] }, signal);
    if (hook.httpGet) return await this.#ask(httpAction(hook.httpGet, plan.spec, address), signal);
    await sleep(clock, (hook.sleep?.seconds ?? 0) * 1000, signal);
    return { ok: true };
  }
}

function asFailure(error: unknown): ProbeOutcome {
  return { ok: false, why: messageOf(error) };
}

function endedOf(exit: Exit, times: Pick<Ended, "id" | "startedAt" | "finishedAt">): Ended {
  const signal = exit.signal && constants.signals[exit.signal as keyof typeof constants.signals];
  const reason = exit.code === 0 ? "Completed" : "Error";
  return { code: exit.code, reason, ...(signal !== undefined && { signal }), ...times };
}
