import { deepEqual, equal } from "node:assert/strict";
import { type Sources, sourcesOver } from "../../lib/kube/sources.ts";
import { FakeClient } from "../k8s/fake_client.ts";

const paths: Record<keyof Sources, [all: string, one: string]> = {
  pods: ["/api/v1/pods", "/api/v1/namespaces/shop/pods"],
  services: ["/api/v1/services", "/api/v1/namespaces/shop/services"],
  deployments: ["/apis/apps/v1/deployments", "/apis/apps/v1/namespaces/shop/deployments"],
  replicaSets: ["/apis/apps/v1/replicasets", "/apis/apps/v1/namespaces/shop/replicasets"],
  statefulSets: ["/apis/apps/v1/statefulsets", "/apis/apps/v1/namespaces/shop/statefulsets"],
  daemonSets: ["/apis/apps/v1/daemonsets", "/apis/apps/v1/namespaces/shop/daemonsets"],
  budgets: [
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/policy/v1/namespaces/shop/poddisruptionbudgets",
  ],
  nodes: ["/api/v1/nodes", "/api/v1/nodes"],
  namespaces: ["/api/v1/namespaces", "/api/v1/namespaces"],
};

for (const kind of Object.keys(paths) as (keyof Sources)[]) {
  Deno.test(`${kind} are listed and watched at their own path, of all namespaces or of one`, async () => {
    const client = new FakeClient();
    const sources = sourcesOver(client);
    for (const namespace of [undefined, "shop"]) {
      await sources[kind](namespace).list({ limit: 100, continue: "next" });
      sources[kind](namespace).watch({ resourceVersion: "7", allowWatchBookmarks: true });
    }
    const [all, one] = paths[kind];
    deepEqual(client.calls.map(({ request }) => request.path), [all, all, one, one]);
    deepEqual(client.calls.map(({ through }) => through), ["json", "watch", "json", "watch"]);
    equal(client.calls[2]?.request.query?.continue, "next");
    equal(client.calls[3]?.request.query?.resourceVersion, "7");
    equal(client.calls[3]?.request.query?.allowWatchBookmarks, true);
  });
}

Deno.test("a namespace's own object is chosen by its name, on list and watch and beside the page", async () => {
  const client = new FakeClient();
  const source = sourcesOver(client).namespaces("shop");
  await source.list({ limit: 100 });
  source.watch({ resourceVersion: "7" });
  deepEqual(client.calls.map(({ request }) => request.query?.fieldSelector), [
    "metadata.name=shop",
    "metadata.name=shop",
  ]);
  equal(client.calls[0]?.request.query?.limit, 100);
});
