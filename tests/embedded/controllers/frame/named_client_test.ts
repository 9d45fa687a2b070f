import { deepEqual, equal } from "node:assert/strict";
import type { KubeClient, KubeMethod, KubeRequest } from "../../../../k8s/client.ts";
import { namedClient } from "../../../../lib/embedded/controllers/frame/named_client.ts";

const stop = new AbortController();

/** What becomes of a request. */
async function sent(request: KubeRequest): Promise<KubeRequest> {
  const inner = { json: (one: KubeRequest) => Promise.resolve(one) } as unknown as KubeClient;
  return await namedClient(inner, "kube-scheduler", stop.signal).json<KubeRequest>(request);
}

Deno.test("writes say whose they are, reads and deletions do not", async () => {
  const managers = [];
  for (const method of ["POST", "PUT", "PATCH", "GET", "DELETE"] satisfies KubeMethod[]) {
    managers.push((await sent({ method, path: "/" })).query?.fieldManager);
  }
  deepEqual(managers, ["kube-scheduler", "kube-scheduler", "kube-scheduler", undefined, undefined]);
});

Deno.test("a call ends with the controllers, unless it has a signal of its own", async () => {
  equal((await sent({ method: "GET", path: "/" })).signal, stop.signal);
  const own = new AbortController().signal;
  equal((await sent({ method: "GET", path: "/", signal: own })).signal, own);
});
