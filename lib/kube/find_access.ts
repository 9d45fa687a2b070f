/**
 * Finding the cluster: in-cluster credentials, else `KUBECONFIG`, else the kubeconfig in the home folder.
 *
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Access } from "./access.ts";
import { readText, tokenFileCredentials } from "./credentials.ts";
import { kubeconfigAccess } from "./kubeconfig.ts";

/** What decides which cluster is meant. */
export interface AccessOptions {
  /** A kubeconfig's path; it wins over everything. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig, instead of its current one. */
  readonly context?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Finds the cluster.
 *
 * @throws WrongUse where there is no cluster to be found, or a kubeconfig cannot be used
 */
export async function findAccess(options: AccessOptions): Promise<Access> {
  const { env, clock } = options;
  const chosen = options.kubeconfig || options.context;
  if (!chosen && env.KUBERNETES_SERVICE_HOST && await exists(`${serviceAccountFolder}/token`)) {
    return await inClusterAccess(env, clock);
  }
  const paths = options.kubeconfig
    ? [options.kubeconfig]
    : (env.KUBECONFIG || `${env.HOME ?? ""}/.kube/config`).split(":").filter(Boolean);
  return await kubeconfigAccess(paths, options.context, clock);
}

async function inClusterAccess(env: AccessOptions["env"], clock: Clock): Promise<Access> {
  const host = env.KUBERNETES_SERVICE_HOST!;
  const port = env.KUBERNETES_SERVICE_PORT || "443";
  const hint = "Is the projected volume mounted?";
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: () => readText(`${serviceAccountFolder}/ca.crt`, "cluster certificate", hint),
    credentials: tokenFileCredentials(`${serviceAccountFolder}/token`, clock),
    namespace: (await readText(`${serviceAccountFolder}/namespace`, "namespace", hint)).trim(),
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
