/**
 * The demo: a cluster, the story, and what the reader can try afterwards.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { AppsV1Api } from "../../k8s/apps_v1.ts";
import { CoreV1Api } from "../../k8s/core_v1.ts";
import { PolicyV1Api } from "../../k8s/policy_v1.ts";
import { key } from "../../lib/contract/keys.ts";
import { type EmbeddedCluster, startCluster } from "../../lib/embedded/cluster.ts";
import { fixedCredentials } from "../../lib/kube/credentials.ts";
import { Transport } from "../../lib/kube/transport.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";
import type { Log } from "../../lib/runtime/log.ts";
import { version } from "../../lib/runtime/version.ts";
import { say } from "../check/say.ts";
import { entry, programLine } from "../program.ts";
import { repositoryUrl } from "./data_workloads.ts";
import { plainTeller } from "./plain.ts";
import { drawn, Screen } from "./screen.ts";
import type { Site, Stage } from "./stage.ts";
import { story } from "./story.ts";
import { play, type Progress, progressOf, type Teller } from "./teller.ts";
import { createUpstream } from "./upstream.ts";
import { View } from "./view.ts";
import { budget, home, type Ports, programs, shop, workload, workloads } from "./workloads.ts";

/** How the demo is asked for. */
export interface DemoOptions {
  /** End when the story is told. */
  readonly once?: boolean;
  /** Lines in place of a picture. */
  readonly plain?: boolean;
}

/** What goes wrong in the cluster's own parts would only disturb the story; the story says what is not seen. */
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Runs the demo.
 *
 * @param signal ends it; it then leaves nothing behind
 * @returns whether each step was seen to happen
 * @throws Failure where the cluster cannot be started
 */
export async function demo(
  { once = false, plain = false }: DemoOptions,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  await fetchPrograms();
  const images = { autocrane: programLine, catalog: catalogLine };
  const node = { images, baseEnv: denoFolders() };
  await using cluster = await startCluster({ clock, log: quiet, node });
  const kubeconfig = await cluster.kubeconfig(shop);
  const client = clientOf(cluster, clock);
  const following = new AbortController();
  const view = new View(client, clock, quiet);
  try {
    const ports = freePorts();
    const site = { host: new URL(cluster.server).hostname, upstream: await createUpstream(cluster.folder) };
    await deploy(client, ports, site);
    const followed = view.run(following.signal);
    const live = !plain && Deno.stdout.isTerminal();
    const title = [
      "AutoCrane on an embedded Kubernetes API: its pods are processes on this machine",
      `export KUBECONFIG=${kubeconfig}    # for kubectl, while this runs`,
    ];
    const told = await tell({ view, client, ports, signal, ...site }, { clock, live, title });
    if (!once && !signal.aborted) {
      say(invitation(kubeconfig));
      await aborted(signal);
    }
    following.abort();
    await followed;
    return told;
  } finally {
    following.abort();
    client.close();
  }
}

/** The application that lives on data: it reads files and serves, no more. */
const catalogLine = [
  Deno.execPath(),
  "run",
  "-q",
  "--allow-net",
  "--allow-env=LISTEN_HOST,LISTEN_PORT",
  "--allow-read",
  fileURLToPath(new URL("catalog.ts", import.meta.url)),
];

/** Fetches what the programs import, so that pods do not do it side by side. */
async function fetchPrograms(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: ["cache", "-q", entry] })
    .output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Failure(`Cannot fetch the packages that the programs import: ${said}`, exitCode.couldNot);
}

/** Where Deno keeps what it fetched: pods' processes have homes of their own. */
function denoFolders(): Record<string, string> {
  const home = Deno.env.get("HOME") ?? "/tmp";
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${home}/.cache`;
  return { DENO_DIR: Deno.env.get("DENO_DIR") || `${cache}/deno`, DENO_NO_UPDATE_CHECK: "1" };
}

function clientOf({ server, ca, token }: EmbeddedCluster, clock: Clock): Transport {
  return new Transport({
    access: {
      server,
      ca: () => Promise.resolve(ca),
      credentials: fixedCredentials({ authorization: `Bearer ${token}` }),
      namespace: shop,
    },
    clock,
    userAgent: `autocrane-demo/${version}`,
  });
}

/** Ports that nobody on this machine listens on, below those of outgoing connections. */
function freePorts(): Ports {
  const found = new Set<number>();
  while (found.size < 4) {
    const port = 8000 + Math.floor(Math.random() * 8000);
    try {
      Deno.listen({ hostname: "0.0.0.0", port }).close();
      found.add(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  const [app, gate, wrong, repository] = [...found];
  return { app: app!, gate: gate!, wrong: wrong!, repository: repository! };
}

async function deploy(client: Transport, ports: Ports, site: Site): Promise<void> {
  const core = new CoreV1Api(client);
  const apps = new AppsV1Api(client);
  for (const name of [shop, home]) await core.createNamespace({ metadata: { name } });
  await new PolicyV1Api(client).namespace(shop).createPodDisruptionBudget(budget);
  for (const program of programs(ports.app, repositoryUrl(site, ports))) {
    await apps.namespace(home).createDeployment(program);
  }
  for (const name of workloads) await apps.namespace(shop).createDeployment(workload(name, ports));
}

/** How the story is to be shown. */
interface Telling {
  readonly clock: Clock;
  /** A picture that changes, rather than lines. */
  readonly live: boolean;
  /** What stands above the story. */
  readonly title: readonly string[];
}

async function tell(stage: Omit<Stage, "tell">, { clock, live, title }: Telling): Promise<boolean> {
  const steps = progressOf(story);
  const now = () => clock.monotonic();
  if (live) return await onScreen(title, steps, stage, clock);
  title.forEach(say);
  return await play(story, steps, stage, plainTeller(stage.view, steps, now), now);
}

/** From one picture to the next at least, milliseconds. */
const pictureEvery = 100;

async function onScreen(
  title: readonly string[],
  steps: readonly Progress[],
  stage: Omit<Stage, "tell">,
  clock: Clock,
): Promise<boolean> {
  const encoder = new TextEncoder();
  const screen = new Screen((text) => Deno.stdout.writeSync(encoder.encode(text)));
  const began = clock.monotonic();
  const show = () => {
    const scene = { title, steps, view: stage.view, elapsed: clock.monotonic() - began, now: clock.now() };
    screen.show(drawn(scene, Deno.consoleSize()));
  };
  const timer = setInterval(show, pictureEvery);
  const teller: Teller = { changed: show };
  try {
    return await play(story, steps, stage, teller, () => clock.monotonic());
  } finally {
    clearInterval(timer);
    show();
    screen.close();
  }
}

/** What the reader can try, once the story is told. */
function invitation(kubeconfig: string): string {
  return `
The story ends here; the cluster stays up until Ctrl-C. The new release still fails: its pod is evicted now and
then, ever more slowly, while the old one serves. In another terminal (the namespace is ${shop}):

  export KUBECONFIG=${kubeconfig}
  kubectl get pods -L ${key.health} -w
  kubectl get events
  kubectl logs deployment/cart
  kubectl describe pod -l app=web
  kubectl rollout undo deployment/web
  kubectl -n autocrane logs deployment/orchestrate -f
`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
