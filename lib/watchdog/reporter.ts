/**
 * An application's own watchdogs, reported on its pod from within.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import type { Level } from "../contract/status.ts";
import { connect } from "../kube/connect.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { postStatus } from "./post.ts";

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
  const parts = { ...which, env, clock: systemClock, program: "reporter", version: "1" };
  const connection = await connect(parts);
  return new Reporter({ client: connection.client, namespace: namespace ?? connection.namespace, pod });
}

/** What was written last of a watchdog, and when it stops counting. */
interface Reported {
  readonly said: string;
  readonly renewAt: number;
}

/**
 * Reports as often as the application likes and writes only what is new.
 *
 * @example
 * ```ts ignore
 * const reporter = await connectReporter({ pod: Deno.env.get("POD_NAME")! });
 * await reporter.report("disk", full ? "error" : "info", `${free} MB free`, { expiresIn: 600_000 });
 * ```
 */
export class Reporter {
  readonly #options: Required<ReporterOptions>;
  readonly #last = new Map<string, Reported>();

  /** Reports by a client of the caller's own; `connectReporter` finds one. */
  constructor(options: ReporterOptions) {
    this.#options = { fieldManager: "autocrane-reporter", clock: systemClock, ...options };
  }

  /**
   * Says how a watchdog is. A status that expires is written again once half of its time is over, so that it
   * counts for as long as the application reports.
   *
   * @param watchdog at most 63 letters, digits and `-_.`
   * @param expiresIn milliseconds after which the status counts as absent; without it, it counts for ever
   * @throws KubeError where the pod does not exist or may not be changed; Unreachable where nobody answers
   */
  async report(
    watchdog: string,
    level: Level,
    message: string,
    { expiresIn }: { readonly expiresIn?: number } = {},
  ): Promise<void> {
    const { client, namespace, pod, fieldManager, clock } = this.#options;
    const said = `${level}/${message}`;
    const last = this.#last.get(watchdog);
    const now = clock.monotonic();
    if (last?.said === said && now < last.renewAt) return;
    const post = { namespace, pod, watchdog, level, message, ...(expiresIn !== undefined && { expiresIn }) };
    await postStatus(post, { client, fieldManager, clock });
    this.#last.set(watchdog, { said, renewAt: now + (expiresIn ?? Infinity) / 2 });
  }
}
