/**
 * A pod's place on this machine: its address, its folder, its volumes.
 *
 * @module
 */
import { join } from "node:path";
import type { Pod } from "../../../k8s/core_v1.ts";
import { kubeconfigText, type TokenAccess } from "../../kube/kubeconfig_text.ts";
import { unlessAborted } from "../../runtime/clock.ts";
import type { PodFacts } from "./field_ref.ts";
import type { NodeTools } from "./tools.ts";
import { Volumes } from "./volumes.ts";
import type { FileSources } from "./volume_files.ts";

/** Set up for one pod, before its first container starts. */
export class Site {
  readonly folder: string;
  readonly facts: PodFacts;
  readonly volumes: Volumes;
  /** Variables that tell the way to the API server; none where the pod wants none. */
  readonly service: Readonly<Record<string, string>>;
  readonly #access: TokenAccess;
  readonly #tools: NodeTools;

  private constructor(
    folder: string,
    facts: PodFacts,
    volumes: Volumes,
    access: TokenAccess,
    pod: Pod,
    tools: NodeTools,
  ) {
    this.folder = folder;
    this.facts = facts;
    this.volumes = volumes;
    this.#access = access;
    this.#tools = tools;
    this.service = wantsToken(pod)
      ? { ...variablesFor(access.server), KUBECONFIG: kubeconfigIn(folder) }
      : {};
  }

  /**
   * Makes a pod's folder and volumes. It may be tried again.
   *
   * @throws MountFailure where a volume cannot be set up; the signal's reason where it aborts
   */
  static async setUp(pod: Pod, address: string, tools: NodeTools, signal: AbortSignal): Promise<Site> {
    const { addresses, capacity, credentials, configMaps } = tools;
    const folder = join(tools.folder, pod.metadata!.uid!);
    const facts = { podIP: address, hostIP: addresses.host, capacity };
    await Deno.mkdir(folder, { recursive: true });
    const [access] = await unlessAborted(Promise.all([credentials(pod), configMaps.synced]), signal);
    if (wantsToken(pod)) {
      await Deno.writeTextFile(kubeconfigIn(folder), kubeconfigText(access), { mode: 0o600 });
    }
    const sources = sourcesOf(pod, facts, access, tools);
    const volumes = await Volumes.setUp(pod.spec?.volumes ?? [], join(folder, "volumes"), sources);
    return new Site(folder, facts, volumes, access, pod, tools);
  }

  /** Brings the volumes' files in step with a pod's newest version and the ConfigMaps. */
  refresh(pod: Pod): void {
    this.volumes.refresh(sourcesOf(pod, this.facts, this.#access, this.#tools));
  }

  /** The folder of one container, with its home and its temporary files. */
  async containerFolder(name: string): Promise<{ home: string; tmp: string }> {
    const root = join(this.folder, "containers", name);
    const [home, tmp] = [join(root, "home"), join(root, "tmp")];
    await Promise.all([home, tmp].map((path) => Deno.mkdir(path, { recursive: true })));
    return { home, tmp };
  }
}

function wantsToken({ spec }: Pod): boolean {
  return spec?.automountServiceAccountToken !== false;
}

function kubeconfigIn(folder: string): string {
  return join(folder, "kubeconfig");
}

/** The variables by which programs in a cluster find its API server. */
function variablesFor(server: string): Record<string, string> {
  const { hostname, port, protocol } = new URL(server);
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port || (protocol === "https:" ? "443" : "80"),
  };
}

function sourcesOf(
  pod: Pod,
  facts: PodFacts,
  { token }: TokenAccess,
  { configMaps }: NodeTools,
): FileSources {
  return { pod, facts, configMap: configMaps.in(pod.metadata!.namespace!), token };
}
