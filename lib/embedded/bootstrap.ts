/**
 * What a cluster has before anybody made anything.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import { CoreV1Api } from "../../k8s/core_v1.ts";

/** The namespaces that every cluster has. */
const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Makes it. */
export async function bootstrap(client: KubeClient): Promise<void> {
  const core = new CoreV1Api(client);
  for (const name of namespaces) await core.createNamespace({ metadata: { name } });
}
