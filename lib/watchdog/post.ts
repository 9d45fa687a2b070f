/**
 * Writing a watchdog's status from outside the prober: applications, operators, tests.
 *
 * @module
 */
import { CoreV1Api, type Pod } from "../../k8s/core_v1.ts";
import type { KubeClient } from "../../k8s/client.ts";
import { key, prefix, type StringMap } from "../contract/keys.ts";
import { formatStatus, healthOf, isCurrent, type Level, statusesOf } from "../contract/status.ts";
import { formatTime, type Instant } from "../contract/time.ts";
import { watchdogNameProblem } from "../contract/watchdog.ts";
import { isStatus } from "../kube/errors.ts";
import { Backoff, type Random } from "../runtime/backoff.ts";
import { type Clock, sleep } from "../runtime/clock.ts";
import { exitCode, Failure, WrongUse } from "../runtime/failure.ts";

/** A status to write. */
export interface Post {
  readonly namespace: string;
  readonly pod: string;
  readonly watchdog: string;
  readonly level: Level;
  readonly message: string;
  /** Milliseconds after which the status counts as absent, a hundred years at most; `undefined` for never. */
  readonly expiresIn?: number;
}

/** What a post is carried out with. */
export interface PostOptions {
  readonly client: KubeClient;
  readonly fieldManager: string;
  readonly clock: Clock;
  /** Ends the writing, with its own reason. What was sent may have been written all the same. */
  readonly signal?: AbortSignal;
  readonly random?: Random;
}

/** The longest that a status may be said to count, milliseconds: a hundred years. */
const longestExpiry = 36_525 * 86_400_000;

/** Waits between attempts, milliseconds: whoever else writes on the pod is done by then. */
const waits = { initial: 50, max: 1000 };

/** Attempts before a pod that changes all the time is given up. */
const maxAttempts = 10;

/**
 * Refuses what can be no status.
 *
 * @throws WrongUse that says which part of it, and what is expected
 */
export function checkPost({ watchdog, expiresIn }: Pick<Post, "watchdog" | "expiresIn">): void {
  const problem = watchdogNameProblem(watchdog);
  if (problem !== undefined) throw new WrongUse(`The watchdog's name ${problem}.`);
  if (expiresIn !== undefined && !(expiresIn >= 0 && expiresIn <= longestExpiry)) {
    throw new WrongUse(
      `expiresIn of the watchdog "${watchdog}" is ${expiresIn}: expected milliseconds from 0 to ${longestExpiry}` +
        " (a hundred years); leave it out for a status that counts for ever.",
    );
  }
}

/**
 * Writes the status and the health label in one patch, valid only for the pod as it was read.
 *
 * @throws WrongUse where the name or the expiry is none
 * @throws KubeError where the pod does not exist or may not be changed
 * @throws Failure where it changes faster than it can be read
 */
export async function postStatus(
  post: Post,
  { client, fieldManager, clock, signal, random }: PostOptions,
): Promise<void> {
  checkPost(post);
  const pods = new CoreV1Api(client).namespace(post.namespace);
  const backoff = new Backoff({ ...waits, ...(random && { random }) });
  let cause: unknown;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    if (attempt > 1) await sleep(clock, backoff.next(), signal);
    signal?.throwIfAborted();
    const body = patchFor(await pods.getPod(post.pod, { signal }), post, clock.now());
    try {
      await pods.patchPod(post.pod, { type: "merge", body }, { fieldManager, signal });
      return;
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      cause = error;
    }
  }
  throw new Failure(
    `Cannot write the status of ${post.watchdog} on pod "${post.namespace}/${post.pod}": ` +
      `it changed ${maxAttempts} times between reading and writing. Try again.`,
    exitCode.couldNot,
    { cause },
  );
}

function patchFor({ metadata }: Pod, { watchdog, level, message, expiresIn }: Post, now: Instant) {
  const annotations: Record<string, string | null> = {
    [prefix.status + watchdog]: formatStatus({ level, at: now, message }),
    [prefix.statusExpiry + watchdog]: expiresIn === undefined ? null : formatTime(now + expiresIn),
  };
  const merged = { ...metadata?.annotations, ...annotations };
  const after = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as StringMap;
  const health = healthOf(statusesOf(after).filter((status) => isCurrent(status, now)));
  return {
    metadata: {
      uid: metadata?.uid,
      resourceVersion: metadata?.resourceVersion,
      annotations,
      labels: { [key.health]: health ?? null },
    },
  };
}
