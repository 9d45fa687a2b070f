import { deepEqual } from "node:assert/strict";
import { KubeError } from "../../lib/kube/errors.ts";
import { settled } from "../support/fake_clock.ts";
import { Watched } from "./watched_view.ts";

const byEviction = { type: "DisruptionTarget", reason: "EvictionByEvictionAPI" };

Deno.test("an eviction through the API is told once, when it is seen to happen", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.pod("web", { annotations: { "probe.autocrane.io/disk": "POD_IP:1/" } });
    await settled();
    deepEqual(watched.evicted, []);
    watched.pod("web", {}, byEviction);
    watched.pod("web", { deletionTimestamp: "2026-01-31T12:00:00Z" }, byEviction);
    await settled();
    deepEqual(watched.evicted, ["web"]);
  });
});

Deno.test("a pod that is found evicted, or replaces one of its name, was not seen to be evicted", async () => {
  const watched = new Watched("shop");
  watched.pod("old", {}, byEviction);
  watched.pod("web");
  await watched.during(async () => {
    watched.pod("web", { uid: "another" }, byEviction);
    await settled();
    deepEqual(watched.evicted, []);
  });
});

Deno.test("an eviction that a new list shows is told as one that may be late", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.api.fail(new KubeError({ method: "watch", path: "pods" }, 410, { message: "too old" }));
    await settled();
    watched.pod("web", {}, byEviction);
    watched.api.fail(undefined);
    await watched.clock.advance(60_000);
    deepEqual(watched.evicted, ["web, late"]);
  });
});

Deno.test("each pod is told once when it comes into sight, a successor of the same name too", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.pod("web", { annotations: { "probe.autocrane.io/disk": "POD_IP:1/" } });
    watched.pod("api");
    watched.pod("web", { uid: "another" });
    await settled();
    deepEqual(watched.appeared, ["web", "api", "web"]);
  });
});

Deno.test("a preemption is no eviction through the API", async () => {
  const watched = new Watched("shop");
  watched.pod("web");
  await watched.during(async () => {
    watched.pod("web", {}, { type: "DisruptionTarget", reason: "PreemptionByScheduler" });
    await settled();
    deepEqual(watched.evicted, []);
  });
});
