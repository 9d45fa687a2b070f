import { deepEqual, equal } from "node:assert/strict";
import type { ObjectMeta } from "../../k8s/meta_v1.ts";
import { settled } from "../support/fake_clock.ts";
import { Watched } from "./watched_view.ts";

Deno.test("before everything was listed nothing is to be relied on", () => {
  deepEqual(new Watched("shop").view.observe(), { stale: "not everything was listed yet" });
});

Deno.test("pods with a watchdog are seen, in the watched namespaces alone", async () => {
  const watched = new Watched("shop", "checkout");
  watched.pod("web");
  watched.pod("plain", { annotations: {} });
  watched.pod("cart", { namespace: "checkout" });
  watched.pod("other", { namespace: "elsewhere" });
  await watched.during(() => deepEqual(watched.podNames, ["cart", "web"]));
});

Deno.test("a star watches every namespace", async () => {
  const watched = new Watched("*");
  watched.pod("web");
  watched.pod("other", { namespace: "elsewhere" });
  await watched.during(() => deepEqual(watched.podNames, ["other", "web"]));
});

Deno.test("pods that come and go later are seen to", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.pod("api");
    watched.api.remove("pods", "shop", "web");
    await settled();
    deepEqual(watched.podNames, ["api"]);
  });
});

Deno.test("a pod's workload is found over its ReplicaSet", async () => {
  const watched = new Watched("shop");
  const owner = (kind: string, name: string, uid: string) => ({
    ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid, controller: true }],
  });
  watched.pod("web", owner("ReplicaSet", "web-5d", "rs"));
  const replicaSet = { namespace: "shop", name: "web-5d", uid: "rs", ...owner("Deployment", "web", "d") };
  watched.api.put("replicasets", { metadata: replicaSet });
  const annotations = { "autocrane.io/failing-limit": "2" };
  watched.api.put("deployments", { metadata: { namespace: "shop", name: "web", uid: "d", annotations } });
  await watched.during(() => {
    const [pod] = watched.seen.pods;
    const { kind, name, failingLimit } = watched.seen.workloadOf(pod!)!;
    deepEqual({ kind, name, failingLimit }, { kind: "Deployment", name: "web", failingLimit: "2" });
  });
});

Deno.test("who rolls data out is told when a workload or a namespace is paused and goes on, and of no other change", async () => {
  const watched = new Watched("shop");
  const told: string[] = [];
  watched.view.tellOfData({ changed: (namespace) => void told.push(namespace), lostPod: () => {} });
  const put = async (plural: string, metadata: ObjectMeta, paused: boolean, generation: number) => {
    const annotations: Record<string, string> = paused ? { "autocrane.io/pause": "true" } : {};
    watched.api.put(plural, { metadata: { ...metadata, generation, annotations } });
    await settled();
  };
  const web = { namespace: "shop", name: "web", uid: "d" };
  await watched.during(async () => {
    for (const [plural, metadata] of [["deployments", web], ["namespaces", { name: "shop" }]] as const) {
      for (const [generation, paused] of [false, false, true, true, false].entries()) {
        await put(plural, metadata, paused, generation);
      }
      deepEqual(told.splice(0), ["shop", "shop"]);
    }
  });
});

Deno.test("nodes are Ready where their condition says so", async () => {
  const watched = new Watched("shop");
  const put = (name: string, status?: string) =>
    watched.api.put("nodes", {
      metadata: { name, uid: name },
      status: { conditions: status ? [{ type: "Ready", status }] : [] },
    } as object);
  put("good", "True");
  put("bad", "False");
  put("lost", "Unknown");
  put("new");
  await watched.during(() =>
    deepEqual(
      watched.seen.nodes,
      new Map([["good", true], ["bad", false], ["lost", false], ["new", false]]),
    )
  );
});

Deno.test("paused namespaces are known, and forgotten when they go on", async () => {
  const watched = new Watched("shop", "checkout");
  const put = (name: string, annotations: Record<string, string>) =>
    watched.api.put("namespaces", { metadata: { name, uid: name, annotations } });
  put("shop", { "autocrane.io/pause": "true" });
  put("checkout", {});
  await watched.during(async () => {
    deepEqual(watched.seen.pausedNamespaces, new Set(["shop"]));
    put("shop", {});
    await settled();
    deepEqual(watched.seen.pausedNamespaces, new Set());
  });
});

Deno.test("a prober works from the moment that it is seen to renew, for as long as its Lease lasts", async () => {
  const watched = new Watched("shop");
  watched.renew();
  await watched.during(async () => {
    equal(watched.seen.proberWorks, false, "a Lease that was found may be a dead prober's");
    watched.renew();
    await settled();
    equal(watched.seen.proberWorks, true);
    watched.clock.suspend(14_999);
    equal(watched.seen.proberWorks, true);
    watched.clock.suspend(1);
    equal(watched.seen.proberWorks, false);
  });
});

Deno.test("without a Lease no prober works", async () => {
  const watched = new Watched("shop");
  await watched.during(() => equal(watched.seen.proberWorks, false));
});

Deno.test("while the API server is lost, what was seen is stale and says why; afterwards it is not", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.api.fail(new Error("connection refused"));
    await settled();
    deepEqual(watched.view.observe(), { stale: "connection refused" });
    watched.api.fail(undefined);
    await watched.clock.advance(60_000);
    deepEqual(watched.podNames, ["web"]);
  });
});

Deno.test("watched namespaces that do not exist are reported once a change", async () => {
  const watched = new Watched("shop", "shpo");
  const said = "a watched namespace does not exist shpo";
  const put = (name: string) => watched.api.put("namespaces", { metadata: { name, uid: name } });
  put("shop");
  watched.view.reportMissingNamespaces();
  deepEqual(watched.warnings, [], "nothing is known yet");
  await watched.during(async () => {
    for (let scan = 0; scan < 3; scan++) watched.view.reportMissingNamespaces();
    deepEqual(watched.warnings, [said]);
    put("shpo");
    await settled();
    watched.view.reportMissingNamespaces();
    watched.api.remove("namespaces", "", "shpo");
    await settled();
    watched.view.reportMissingNamespaces();
    deepEqual(watched.warnings, [said, said]);
  });
});

Deno.test("a star is no namespace that could be missing", async () => {
  const watched = new Watched("*");
  await watched.during(() => {
    watched.view.reportMissingNamespaces();
    deepEqual(watched.warnings, []);
  });
});
