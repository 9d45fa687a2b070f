/**
 * Asking pods for data versions: their request annotations, many at a time.
 *
 * @module
 */
import { CoreV1Api, type Pod } from "../../../k8s/core_v1.ts";
import type { KubeClient } from "../../../k8s/client.ts";
import { formatDataRequest } from "../../contract/data_version.ts";
import type { PodUid } from "../../contract/ids.ts";
import { prefix } from "../../contract/keys.ts";
import { isStatus } from "../../kube/errors.ts";
import { WriteRefused } from "../../kube/transport.ts";
import { Backoff, type Random } from "../../runtime/backoff.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { JudgedPod } from "../pod.ts";
import type { DataRequest } from "./decide.ts";

/** What became of a pod's requests. `changed`: it is another pod or version by now, and will be looked at again. */
export type RequestOutcome =
  | { readonly did: "asked" | "changed" | "gone" | "not-leading" }
  | { readonly did: "failed"; readonly error: string };

/** What asks pods. */
export interface RequesterOptions {
  /** For writing: it refuses when this process does not lead. */
  readonly writer: KubeClient;
  readonly fieldManager: string;
  /** A pod as it is seen now. */
  readonly podAt: (namespace: string, name: string) => JudgedPod | undefined;
  /** Takes the pod as an answer to our write shows it. */
  readonly wrote: (pod: Pod) => void;
  /** Told of each pod's outcome. */
  readonly told: (namespace: string, requests: readonly DataRequest[], outcome: RequestOutcome) => void;
  readonly clock: Clock;
  readonly random?: Random;
}

/** Pods that are written at once. */
const parallel = 32;

/** How long a pod that refused is left alone, milliseconds. */
const patience = { initial: 1_000, max: 60_000 };

/** How long one that had changed is, milliseconds: the watch has shown the change by then, unless it is behind. */
const conflicts = { initial: 100, max: 5_000 };

/** Writes that a pod may cause at once, and then one each so many milliseconds: somebody may undo each. */
const burst = 5;
const refillMs = 5_000;

/** What is remembered of a pod. */
interface Asked {
  readonly refusals: Backoff;
  readonly conflicts: Backoff;
  /** It is left alone until then. */
  until: number;
  /** How much of its burst it has used, and when it last did. */
  spent: number;
  at: number;
}

/** Writes requests, and remembers which pods refused them, or have them undone. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #pods = new Map<PodUid, Asked>();

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  /**
   * Asks pods, each by one patch. Pods that refused lately are passed over.
   *
   * @returns milliseconds after which those that are left should be tried again; `undefined` where none is left
   */
  async ask(namespace: string, requests: readonly DataRequest[]): Promise<number | undefined> {
    const now = this.#options.clock.monotonic();
    const waiting = byPod(requests).filter(([{ pod }]) => (this.#pods.get(pod.uid)?.until ?? 0) <= now);
    const next = waiting.values();
    const work = async () => {
      for (const ofPod of next) await this.#askPod(namespace, ofPod);
    };
    await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, work));
    return this.#earliest(requests);
  }

  /** Forgets pods that are there no longer. */
  forget(uid: PodUid): void {
    this.#pods.delete(uid);
  }

  async #askPod(namespace: string, requests: DataRequestsOfPod): Promise<void> {
    const [{ pod }] = requests;
    const outcome = await this.#patch(namespace, requests);
    if (outcome.did === "gone") this.#pods.delete(pod.uid);
    else this.#note(pod.uid, outcome.did);
    this.#options.told(namespace, requests, outcome);
  }

  /** It holds only for the pod as it is seen now, of the uid that was decided about. */
  async #patch(namespace: string, requests: DataRequestsOfPod): Promise<RequestOutcome> {
    const { writer, fieldManager, podAt, wrote } = this.#options;
    const [{ pod: { uid, name } }] = requests;
    const seen = podAt(namespace, name);
    if (seen?.uid !== uid) return { did: "gone" };
    const annotations = Object.fromEntries(
      requests.map(({ name, version }) => [prefix.dataRequest + name, formatDataRequest(version)]),
    );
    const metadata = { uid, resourceVersion: seen.resourceVersion, annotations };
    try {
      const pods = new CoreV1Api(writer).namespace(namespace);
      wrote(await pods.patchPod(name, { type: "merge", body: { metadata } }, { fieldManager }));
      return { did: "asked" };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** Notes what came of asking a pod, and until when it is left alone. */
  #note(uid: PodUid, did: RequestOutcome["did"]): void {
    const { clock, random } = this.#options;
    const now = clock.monotonic();
    const chance = random && { random };
    const pod = this.#pods.get(uid) ?? {
      refusals: new Backoff({ ...patience, ...chance }),
      conflicts: new Backoff({ ...conflicts, ...chance }),
      until: 0,
      spent: 0,
      at: now,
    };
    this.#pods.set(uid, pod);
    if (did === "failed") pod.until = now + pod.refusals.next();
    if (did === "changed") pod.until = now + pod.conflicts.next();
    if (did !== "asked") return;
    pod.refusals.reset();
    pod.conflicts.reset();
    pod.spent = Math.max(0, pod.spent - (now - pod.at) / refillMs) + 1;
    pod.at = now;
    pod.until = pod.spent > burst - 1 ? now + (pod.spent - (burst - 1)) * refillMs : 0;
  }

  /** When the first of those that are left alone may be asked again. */
  #earliest(requests: readonly DataRequest[]): number | undefined {
    const now = this.#options.clock.monotonic();
    const waits = requests.map(({ pod }) => (this.#pods.get(pod.uid)?.until ?? 0) - now).filter((wait) =>
      wait > 0
    );
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }
}

/** At least one. */
type DataRequestsOfPod = readonly [DataRequest, ...DataRequest[]];

function byPod(requests: readonly DataRequest[]): DataRequestsOfPod[] {
  const groups = Map.groupBy(requests, ({ pod }) => pod.uid);
  return [...groups.values()] as unknown as DataRequestsOfPod[];
}

function outcomeOf(error: unknown): RequestOutcome {
  if (error instanceof WriteRefused) return { did: "not-leading" };
  if (isStatus(error, 404)) return { did: "gone" };
  if (isStatus(error, 409)) return { did: "changed" };
  return { did: "failed", error: messageOf(error) };
}
