/**
 * The demo's first act: pods fail, are evicted and replaced, and a bad release is held back.
 *
 * @module
 */
import { AppsV1Api, type Deployment } from "../../k8s/apps_v1.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { actMs, eventsFor, nameOf, noteOf, type Stage, startMs, type Step } from "./stage.ts";
import { healthOf, isReady, NotSeen, statusOf, type View } from "./view.ts";
import { listeningOn, replicas, shop, workloads } from "./workloads.ts";

const total = workloads.length * replicas;

/** Watchdogs, in order. */
export const watchdogsAct: readonly Step[] = [
  { title: `${total} pods of two workloads are up, and every watchdog is content`, play: allHealthy },
  { title: "One pod is told to fail: its watchdog finds out and the label shows it", play: oneFails },
  { title: "It keeps failing: it is evicted, and its workload replaces it", play: evicted },
  { title: "Two pods under one budget fail at once: it lets one go at a time", play: oneAtATime },
  { title: "A new release fails its watchdog: the gate holds it back, the rollout stops", play: heldBack },
];

async function allHealthy({ view, signal }: Stage): Promise<string> {
  await untilWhole(view, startMs, signal);
  return `${total} of ${total} are Ready, their labels say info`;
}

/** Waits until both workloads have all their pods, ready and without an error. */
async function untilWhole(view: View, within: number, signal: AbortSignal): Promise<void> {
  const fine = () => view.pods(shop).filter((pod) => isReady(pod) && healthOf(pod) === "info");
  const whole = () => view.pods(shop).length === total && fine().length === total;
  const words = () =>
    `${fine().length} of ${total} pods are Ready and healthy, ${view.pods(shop).length} there`;
  await view.until(words, whole, within, signal);
}

async function oneFails(stage: Stage): Promise<string> {
  const { view, signal } = stage;
  const [pod] = oldestOf(view, "web");
  await tellToFail(stage, pod!);
  const failing = await view.until(
    () => `the health label of ${nameOf(pod!)} is "${healthOf(view.again(pod!) ?? pod!)}"`,
    () => {
      const now = view.again(pod!);
      return now !== undefined && healthOf(now) === "error" && now;
    },
    actMs,
    signal,
  );
  return `${nameOf(failing)}: ${statusOf(failing)}`;
}

async function evicted({ view, signal }: Stage): Promise<string> {
  const [pod] = view.pods(shop).filter((one) => healthOf(one) === "error");
  if (!pod) throw new NotSeen("no pod fails any more");
  const note = await eviction(view, pod, signal);
  await untilWhole(view, startMs, signal);
  return note;
}

async function oneAtATime(stage: Stage): Promise<string> {
  const { view, signal } = stage;
  const pods = workloads.map((name) => oldestOf(view, name)[0]!);
  const tooMany = watchTogether(view, pods);
  await Promise.all(pods.map((pod) => tellToFail(stage, pod)));
  const refused = await view.until(
    () => "the budget refused no eviction",
    () => pods.flatMap((pod) => eventsFor(view, pod, "Budget"))[0],
    actMs,
    signal,
  );
  for (const pod of pods) await eviction(view, pod, signal);
  await untilWhole(view, startMs, signal);
  const broken = tooMany();
  if (broken !== undefined) throw new NotSeen(broken);
  return `${refused.involvedObject.name} had to wait: ${noteOf(refused)}`;
}

/** Watches that while one of these pods leaves no other pod is missing; afterwards tells what broke that. */
function watchTogether(view: View, pods: readonly Pod[]): () => string | undefined {
  const left = new Set<string>();
  let broken: string | undefined;
  const look = () => {
    for (const pod of pods) {
      const now = view.again(pod);
      if (left.has(nameOf(pod)) || (now && !now.metadata?.deletionTimestamp)) continue;
      left.add(nameOf(pod));
      const others = view.pods(shop).filter((one) => one.metadata!.uid !== pod.metadata!.uid);
      const ready = others.filter(isReady).length;
      if (ready < total - 1) broken ??= `${nameOf(pod)} was let go while only ${ready} other pods were ready`;
    }
  };
  const forget = view.onChange(look);
  return () => {
    forget();
    return broken;
  };
}

async function heldBack(stage: Stage): Promise<string> {
  const { view, signal } = stage;
  const old = new Set(view.pods(shop, "web").map(nameOf));
  const fewest = watchReady(view);
  await release(stage);
  const stuck = () => {
    const deployment = view.deployment("web");
    const held = view.pods(shop, "web").find((pod) => !old.has(nameOf(pod)) && healthOf(pod) === "error");
    return deployment && held && !isReady(held) && isStopped(deployment) && held;
  };
  const held = await view.until(
    () => `the Deployment says: ${progressOf(view.deployment("web"))}`,
    stuck,
    actMs,
    signal,
  );
  const ready = fewest();
  if (ready < replicas) {
    throw new NotSeen(`only ${ready} of ${replicas} pods of the old release stayed ready`);
  }
  return `${nameOf(held)} is not Ready (${statusOf(held).split("/").slice(2).join("/")}); ` +
    `all ${replicas} pods of the old release stayed; ${progressOf(view.deployment("web"))}`;
}

/** Moves the application to another port and forgets the watchdog, which asks the old one: such things happen. */
async function release({ client, ports, tell }: Stage): Promise<void> {
  tell(
    `kubectl patch deployment web: it listens on port ${ports.wrong}, its watchdog still asks ${ports.app}`,
  );
  const app = "/spec/template/spec/containers/0";
  const { env, readinessProbe } = listeningOn(ports.wrong);
  await new AppsV1Api(client).namespace(shop).patchDeployment("web", {
    type: "json",
    body: [
      { op: "replace", path: `${app}/env`, value: env },
      { op: "replace", path: `${app}/readinessProbe`, value: readinessProbe },
    ],
  });
}

/** The fewest ready pods of `web` since this was called. */
function watchReady(view: View): () => number {
  let fewest = Infinity;
  const look = () => {
    fewest = Math.min(fewest, view.pods(shop, "web").filter(isReady).length);
  };
  look();
  const forget = view.onChange(look);
  return () => {
    forget();
    return fewest;
  };
}

function isStopped({ status }: Deployment): boolean {
  return status?.updatedReplicas === 1 && (status.availableReplicas ?? 0) >= replicas &&
    (status.conditions ?? []).some(({ type, reason }) =>
      type === "Progressing" && reason === "ProgressDeadlineExceeded"
    );
}

function progressOf(deployment: Deployment | undefined): string {
  const condition = deployment?.status?.conditions?.find(({ type }) => type === "Progressing");
  return condition?.message ?? "nothing yet";
}

/** The pods of a workload, those first that were there before any was replaced. */
function oldestOf(view: View, workload: string): Pod[] {
  const at = ({ metadata }: Pod) => `${metadata!.creationTimestamp}`;
  return view.pods(shop, workload).filter(isReady).sort((
    a,
    b,
  ) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
}

async function tellToFail({ ports, tell, signal }: Stage, pod: Pod): Promise<void> {
  const url = `http://${pod.status!.podIP}:${ports.app}/fail`;
  tell(`curl -X POST ${url}    # ${nameOf(pod)}`);
  const response = await fetch(url, { method: "POST", signal });
  await response.body?.cancel();
}

/** Waits until a pod was evicted by AutoCrane; what the Event says. */
async function eviction(view: View, pod: Pod, signal: AbortSignal): Promise<string> {
  const event = await view.until(
    () => `AutoCrane has not evicted ${nameOf(pod)}: ${lastNote(view, pod)}`,
    () => {
      const gone = view.again(pod)?.metadata?.deletionTimestamp !== undefined ||
        view.again(pod) === undefined;
      return gone && eventsFor(view, pod, "WatchdogsFailed")[0];
    },
    actMs,
    signal,
  );
  return `${nameOf(pod)}: ${noteOf(event)}`;
}

function lastNote(view: View, pod: Pod): string {
  const last = view.eventsOn(pod).at(-1);
  return last ? noteOf(last) : "no word about it";
}
