/**
 * The demo's second act: data comes from a push to every pod, a bad push stops at its canary and goes back.
 *
 * @module
 */
import { AppsV1Api } from "../../k8s/apps_v1.ts";
import { CoreV1Api, type Pod } from "../../k8s/core_v1.ts";
import {
  type DataStatus,
  type DataVersion,
  parseDataRequest,
  parseDataStatus,
} from "../../lib/contract/data_version.ts";
import type { ContentId } from "../../lib/contract/ids.ts";
import { prefix } from "../../lib/contract/keys.ts";
import type { Reads } from "./catalog.ts";
import { filesOf } from "./catalog_data.ts";
import {
  application,
  catalog,
  catalogReplicas,
  hookFile,
  hookSecret,
  repository,
  repositoryUrl,
} from "./data_workloads.ts";
import { actMs, nameOf, shortPath, type Stage, startMs, type Step } from "./stage.ts";
import { healthOf, isReady, NotSeen, statusOf, type View } from "./view.ts";
import { home, shop } from "./workloads.ts";

/** Data deployments, in order. */
export const dataAct: readonly Step[] = [
  { title: "Data: the files of a git repository reach every pod that names them", play: firstVersion },
  { title: "A push: one pod gets it first, then all; no process restarts", play: push },
  { title: "A bad push: it stops at the canary, which goes back by itself", play: badPush },
];

async function firstVersion(stage: Stage): Promise<string> {
  const { client, ports, upstream, tell, view, signal } = stage;
  tell(await upstream.publish("release 1", filesOf("release 1", { tea: 3, cake: 4 })));
  await new CoreV1Api(client).namespace(home).createConfigMap(hookFile);
  const apps = new AppsV1Api(client);
  await apps.namespace(home).createDeployment(repository(upstream.spec, ports));
  await apps.namespace(shop).createDeployment(application(stage, ports));
  await view.until(() => howFar(view), () => settled(view, undefined), startMs, signal);
  const [first] = pods(view);
  return `${catalogReplicas} of ${catalogReplicas} pods have ${
    shortPath(statusIn(first!)!.path)
  } at /data/${catalog}`;
}

async function push(stage: Stage): Promise<string> {
  const { view, signal } = stage;
  const before = versionOf(view);
  const same = processes(view);
  const most = countUnjudged(view, before);
  await publish(stage, "release 2", { tea: 3, cake: 5 });
  await view.until(() => howFar(view), () => settled(view, before), actMs, signal);
  const canaries = most();
  if (canaries !== 1) throw new NotSeen(`${canaries} pods were asked for it before it was judged, not 1`);
  if (processes(view) !== same) throw new NotSeen("a container was restarted");
  return `1 canary was well, then all ${catalogReplicas} had ${shortPath(statusIn(pods(view)[0]!)!.path)}; ` +
    `no container restarted; ${await readers(stage)}`;
}

async function badPush(stage: Stage): Promise<string> {
  const { view, signal } = stage;
  const before = versionOf(view)!;
  const most = countRequested(view, before);
  await publish(stage, "release 3", { tea: -3, cake: 5 });
  const canary = await view.until(
    () => `no canary's watchdog fails: ${howFar(view)}`,
    () => pods(view).find((pod) => healthOf(pod) === "error"),
    actMs,
    signal,
  );
  const why = statusOf(canary).split("/").slice(2).join("/");
  const back = () => pods(view).every((pod) => isAt(pod, before) && healthOf(pod) === "info");
  await view.until(() => `the canary is not back: ${howFar(view)}`, back, actMs, signal);
  const touched = most();
  if (touched !== 1) throw new NotSeen(`${touched} pods were asked for it, not 1`);
  const path = shortPath(statusIn(pods(view)[0]!)!.path);
  return `${nameOf(canary)} said: ${why}; it is back at ${path}, ` +
    `and nobody else had it; ${await readers(stage)}`;
}

async function publish(
  stage: Stage,
  release: string,
  prices: Readonly<Record<string, number>>,
): Promise<void> {
  const { upstream, ports, tell, signal } = stage;
  tell(await upstream.publish(release, filesOf(release, prices)));
  const url = `${repositoryUrl(stage, ports)}/hooks/${catalog}`;
  const body = JSON.stringify({ release });
  const headers = { "X-AutoCrane-Signature": `sha256=${await signatureOf(body)}` };
  const answer = await fetch(url, { method: "POST", body, headers, signal });
  const said = (await answer.text()).trim();
  if (!answer.ok) throw new NotSeen(`the repository refused the push: HTTP ${answer.status} ${said}`);
}

async function signatureOf(body: string): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", bytes(hookSecret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, bytes(body))).toHex();
}

function pods(view: View): Pod[] {
  return view.pods(shop, catalog).filter(({ metadata }) => !metadata?.deletionTimestamp);
}

/** What a pod's deployer says; `undefined` where it has said nothing. */
function statusIn({ metadata }: Pod): DataStatus | undefined {
  const read = parseDataStatus(metadata?.annotations?.[`${prefix.dataStatus}${catalog}`] ?? "");
  return "problem" in read ? undefined : read;
}

function requestOf({ metadata }: Pod): DataVersion | undefined {
  const read = parseDataRequest(metadata?.annotations?.[`${prefix.dataRequest}${catalog}`] ?? "");
  return "problem" in read ? undefined : read;
}

function isAt(pod: Pod, version: ContentId): boolean {
  const status = statusIn(pod);
  return status?.state === "applied" && status.version === version;
}

/** The version that all pods have; `undefined` where they differ. */
function versionOf(view: View): ContentId | undefined {
  const versions = new Set(pods(view).map((pod) => statusIn(pod)?.version));
  return versions.size === 1 ? [...versions][0] : undefined;
}

/** Whether every pod is ready and healthy with one version that is not `old`. */
function settled(view: View, old: ContentId | undefined): boolean {
  const version = versionOf(view);
  const all = pods(view);
  return version !== undefined && version !== old && all.length === catalogReplicas &&
    all.every((pod) => isReady(pod) && isAt(pod, version) && healthOf(pod) === "info");
}

/** Counts, from now on, the pods that are asked for anything but `old` while not everybody is. */
function countUnjudged(view: View, old: ContentId | undefined): () => number {
  let most = 0;
  const forget = view.onChange(() => {
    const asked = pods(view).filter((pod) => requestOf(pod)?.version !== old);
    const judged = pods(view).some((pod) =>
      statusIn(pod)?.probed !== undefined && statusIn(pod)?.version !== old
    );
    if (!judged) most = Math.max(most, asked.length);
  });
  return () => {
    forget();
    return most;
  };
}

/** Counts, from now on, the pods that were ever asked for anything but `old`. */
function countRequested(view: View, old: ContentId): () => number {
  const asked = new Set<string>();
  const forget = view.onChange(() => {
    for (const pod of pods(view)) if (requestOf(pod)?.version !== old) asked.add(nameOf(pod));
  });
  return () => {
    forget();
    return asked.size;
  };
}

/** Which containers run: their ids and restarts change with every start of a process. */
function processes(view: View): string {
  const all = pods(view).flatMap(({ status }) => [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ]);
  return JSON.stringify(all.map(({ containerID, restartCount }) => [containerID, restartCount]));
}

/** What the applications, which read their folder all the while, saw. */
async function readers({ view, ports, signal }: Stage): Promise<string> {
  let [passes, torn, missing] = [0, 0, 0];
  for (const { status } of pods(view)) {
    const answer = await fetch(`http://${status!.podIP}:${ports.app}/reads`, { signal });
    const reads = await answer.json() as Reads;
    passes += reads.passes;
    torn += reads.torn;
    missing += reads.missing;
  }
  if (torn + missing > 0) {
    throw new NotSeen(`of ${passes} reads ${torn} were torn and ${missing} missed a file`);
  }
  return `${passes} reads of the live folder: 0 torn, 0 missing`;
}

function howFar(view: View): string {
  const said = pods(view).map((pod) => {
    const status = statusIn(pod);
    return `${nameOf(pod)}: ${
      status ? `${status.state} ${shortPath(status.path)} ${status.message}` : "no data yet"
    }`;
  });
  return said.join("; ") || "there are no pods";
}
