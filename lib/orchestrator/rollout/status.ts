/**
 * How the rollouts of a namespace stand, read once: for `autocrane data`.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { CoreV1Api } from "../../../k8s/core_v1.ts";
import type { Catalogue } from "../../contract/data_catalogue.ts";
import type { Instant } from "../../contract/time.ts";
import { isPaused } from "../../contract/workload.ts";
import { type JudgedPod, podReader } from "../pod.ts";
import { workloadOf } from "../workload.ts";
import { explain, type Explanation } from "./explain.ts";
import { catalogueIn, type Going, goingIn } from "./notes.ts";
import { DataObserver } from "./observe.ts";
import { namespaceIn, type ReadableState, readState } from "./orders.ts";
import { emptyState } from "./state.ts";
import { shown } from "./view.ts";

/** What is read, and how. */
export interface StatusOptions {
  readonly client: KubeClient;
  /** AutoCrane's own namespace. */
  readonly own: string;
  readonly proberFieldManager: string;
  /** What AutoCrane is taken to go by where it has not written that yet. */
  readonly going: Going;
  readonly now: Instant;
}

/** A namespace's rollouts. */
export interface NamespaceStatus {
  /** As AutoCrane remembers them, if it does. */
  readonly held: ReadableState | undefined;
  readonly sources: readonly Explanation[];
}

/** Pods a page of a list. */
const pageSize = 100;

/** Reads and explains the rollouts of a namespace. */
export async function statusOf(options: StatusOptions, namespace: string): Promise<NamespaceStatus> {
  const { client, now } = options;
  const [held, pods, paused] = await Promise.all([
    readState(options, namespace),
    podsIn(options, namespace),
    isNamespacePaused(client, namespace),
  ]);
  const going = (held && goingIn(held.notes)) ?? options.going;
  const catalogue = held && catalogueIn(held.notes);
  const observer = new DataObserver({
    observe: () => ({
      pods,
      // A Deployment's pods stand for their ReplicaSet: workloads are not read.
      workloadOf: (pod) => workloadOf(pod, () => undefined),
      pausedNamespaces: new Set(paused ? [namespace] : []),
      proberWorks: true,
    }),
    catalogue: () => catalogue,
    repositoryUrl: going.repositoryUrl,
  });
  const look = observer.look(namespace, now);
  if ("stale" in look) throw new Error(look.stale);
  const sources = explain(held?.state ?? emptyState, look.model, going, now);
  return { held, sources: sources.map((one) => withRejectedNewest(one, catalogue)) };
}

async function podsIn(
  { client, proberFieldManager }: StatusOptions,
  namespace: string,
): Promise<JudgedPod[]> {
  const api = new CoreV1Api(client).namespace(namespace);
  const read = podReader(proberFieldManager);
  const pods: JudgedPod[] = [];
  let next: string | undefined;
  do {
    const { items, metadata } = await api.getPodList({ limit: pageSize, ...(next && { continue: next }) });
    for (const item of items) {
      const pod = read(item);
      if (pod?.data) pods.push(pod);
    }
    next = metadata?.continue || undefined;
  } while (next !== undefined);
  return pods;
}

async function isNamespacePaused(client: KubeClient, name: string): Promise<boolean> {
  const { metadata } = await namespaceIn(client, name) ?? {};
  return isPaused(metadata?.annotations ?? {});
}

/** Where the newest version is rejected, that is why nothing is begun: whoever pushed it is to be told. */
function withRejectedNewest(one: Explanation, catalogue: Catalogue | undefined): Explanation {
  const newest = catalogue?.get(one.source)?.versions.at(-1);
  const rejection = newest && one.state.rejected.find(({ version }) => version === newest.version);
  if (!rejection) return one;
  const { path, by, words } = rejection;
  const as = path === newest.path ? "" : ` as ${shown(rejection)}`;
  const who = by === "person" ? "a person" : "the verdict on its canaries";
  const why = `the newest version ${
    shown(newest)
  } is never asked for: ${who} rejected its content${as} (${words})`;
  return { ...one, why: [...one.why, why] };
}
