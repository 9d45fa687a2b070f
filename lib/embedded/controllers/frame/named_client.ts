/**
 * A client whose calls end with its owner, and whose writes say whose they are.
 *
 * @module
 */
import type { KubeClient, KubeRequest } from "../../../../k8s/client.ts";

const named: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** The client for `manager` (metadata.managedFields). What has no signal of its own ends with `signal`. */
export function namedClient(client: KubeClient, manager: string, signal: AbortSignal): KubeClient {
  const request = (one: KubeRequest): KubeRequest => ({
    ...one,
    signal: one.signal ?? signal,
    ...(named.has(one.method) && { query: { fieldManager: manager, ...one.query } }),
  });
  return {
    json: (one) => client.json(request(one)),
    watch: (one) => client.watch(request(one)),
    text: (one) => client.text(request(one)),
    stream: (one) => client.stream(request(one)),
  };
}
