/**
 * An application's own watchdogs, reported on its pod from within.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import { fieldManager } from "../contract/programs.ts";
import type { Level } from "../contract/status.ts";
import { connect } from "../kube/connect.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { exitCode, Failure } from "../runtime/failure.ts";
import { version } from "../runtime/version.ts";
import { checkPost, type Post, postStatus } from "./post.ts";

/** Whose watchdogs are reported, and by which way. */
export interface ReporterOptions {
  /** The way to the API server, with the rights to get and patch the pod. */
  readonly client: KubeClient;
  /** The pod's namespace. */
  readonly namespace: string;
  /** The pod's name. */
  readonly pod: string;
  /** Who is said to have written the statuses. */
  readonly fieldManager?: string;
  /** What time it is. */
  readonly clock?: Clock;
  /** Called once when the reporter is closed, for instance to close the client. */
  readonly closed?: () => void;
}

/** Whose watchdogs are reported, to which cluster. */
export interface ReporterPlace {
  /** The pod's namespace; the credentials' own where none is given. */
  readonly namespace?: string;
  /** The pod's name. */
  readonly pod: string;
  /** A kubeconfig's path, instead of in-cluster credentials, `KUBECONFIG` or the one in the home folder. */
  readonly kubeconfig?: string;
  /** The kubeconfig's context, instead of its current one. */
  readonly context?: string;
}

/**
 * A reporter with the credentials that programs find by themselves. Nothing is asked of the API server yet.
 *
 * @throws WrongUse where no cluster is configured
 */
export async function connectReporter({ namespace, pod, ...which }: ReporterPlace): Promise<Reporter> {
  const env = Deno.env.toObject();
  const connection = await connect({ ...which, env, clock: systemClock, program: "reporter", version });
  const { client } = connection;
  return new Reporter({
    client,
    namespace: namespace ?? connection.namespace,
    pod,
    closed: () => client.close(),
  });
}

/** What is to be written. */
type Said = Pick<Post, "watchdog" | "level" | "message" | "expiresIn">;

/** What was written last of a watchdog, and when it stops counting. */
interface Reported {
  readonly words: string;
  readonly renewAt: number;
}

/**
 * Reports as often as the application likes and writes only what is new, one report after the other in the order
 * of the calls.
 *
 * @example
 * ```ts ignore
 * using reporter = await connectReporter({ pod: Deno.env.get("POD_NAME")! });
 * await reporter.report("disk", full ? "error" : "info", `${free} MB free`, { expiresIn: 600_000 });
 * ```
 */
export class Reporter {
  readonly #options: Required<ReporterOptions>;
  readonly #last = new Map<string, Reported>();
  readonly #stop = new AbortController();
  /** Settles when all reports so far have ended, well or not. */
  #reports: Promise<void> = Promise.resolve();

  /** Reports by a client of the caller's own; `connectReporter` finds one. */
  constructor(options: ReporterOptions) {
    this.#options = {
      fieldManager: fieldManager.reporter,
      clock: systemClock,
      closed: () => {},
      ...options,
    };
  }

  /**
   * Says how a watchdog is. A status that expires is written again once half of its time is over, so that it
   * counts for as long as the application reports. Of reports that nobody awaited the last one is the one that
   * stands in the end; what becomes of one changes nothing for the next.
   *
   * @param watchdog at most 63 letters, digits and `-_.`
   * @param expiresIn milliseconds after which the status counts as absent, a hundred years at most; without it, it
   * counts for ever
   * @throws WrongUse where the name or `expiresIn` is none
   * @throws KubeError where the pod does not exist or may not be changed; Unreachable where nobody answers
   */
  report(
    watchdog: string,
    level: Level,
    message: string,
    { expiresIn }: { readonly expiresIn?: number } = {},
  ): Promise<void> {
    const done = this.#reports.then(() => this.#write({ watchdog, level, message, expiresIn }));
    this.#reports = done.catch(() => {});
    return done;
  }

  /** Ends what is under way, and every later report, with a failure; closes what `connectReporter` opened. */
  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Failure("Cannot report a watchdog: the reporter is closed.", exitCode.couldNot));
    this.#options.closed();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #write(said: Said): Promise<void> {
    const { client, namespace, pod, fieldManager, clock } = this.#options;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    checkPost(said);
    const words = `${said.level}/${said.message}`;
    const last = this.#last.get(said.watchdog);
    const now = clock.monotonic();
    if (last?.words === words && now < last.renewAt) return;
    // What fails may have been written all the same: then nothing is known of what stands there.
    this.#last.delete(said.watchdog);
    await postStatus({ namespace, pod, ...said }, { client, fieldManager, clock, signal });
    this.#last.set(said.watchdog, { words, renewAt: now + (said.expiresIn ?? Infinity) / 2 });
  }
}
