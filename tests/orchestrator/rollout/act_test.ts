import { deepEqual, equal, ok } from "node:assert/strict";
import type { KubeRequest } from "../../../k8s/client.ts";
import { KubeError } from "../../../lib/kube/errors.ts";
import { WriteRefused } from "../../../lib/kube/transport.ts";
import { Requester } from "../../../lib/orchestrator/rollout/act.ts";
import type { DataRequest } from "../../../lib/orchestrator/rollout/decide.ts";
import type { DataPod } from "../../../lib/orchestrator/rollout/model.ts";
import { FakeClient } from "../../k8s/fake_client.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { pod } from "../build.ts";
import { version } from "../../support/data_version.ts";

/** An API server that refuses what a test says. */
class Server extends FakeClient {
  refusal: ((request: KubeRequest) => Error | undefined) | undefined;

  override async json<T>(request: KubeRequest): Promise<T> {
    await super.json(request);
    const refusal = this.refusal?.(request);
    if (refusal) throw refusal;
    return { metadata: { name: "web-1" } } as T;
  }
}

function stage() {
  const writer = new Server();
  const clock = new FakeClock();
  const outcomes: string[] = [];
  let wrote = 0;
  const requester = new Requester({
    writer,
    fieldManager: "autocrane-orchestrate",
    podAt: (_, name) => pod({ name, resourceVersion: "12" }),
    wrote: () => void wrote++,
    told: (_, requests, outcome) => void outcomes.push(`${requests[0]!.pod.name} ${outcome.did}`),
    clock,
    random: () => 0,
  });
  return { writer, clock, requester, outcomes, wrote: () => wrote };
}

function request(name: string, more: Partial<DataRequest> = {}): DataRequest {
  const { uid } = pod({ name });
  return {
    pod: { name, uid } as DataPod,
    name: "config",
    source: "config",
    version: version(1),
    why: { rule: "known-good", words: "" },
    ...more,
  };
}

const refusal = (status: number) => new KubeError({ method: "PATCH", path: "/x" }, status, {});

Deno.test("a pod is asked for all its data by one patch that holds for the pod as it is seen", async () => {
  const { writer, requester, outcomes, wrote } = stage();
  await requester.ask("shop", [request("web-1"), request("web-1", { name: "prices" })]);
  equal(writer.calls.length, 1);
  const { method, path, contentType, query, body } = writer.request!;
  equal(`${method} ${path}`, "PATCH /api/v1/namespaces/shop/pods/web-1");
  equal(contentType, "application/merge-patch+json");
  equal(query?.fieldManager, "autocrane-orchestrate");
  const { metadata } = body as { metadata: Record<string, unknown> };
  deepEqual([metadata.uid, metadata.resourceVersion], ["web-1-uid", "12"]);
  deepEqual(Object.keys(metadata.annotations as object), [
    "request.data.autocrane.io/config",
    "request.data.autocrane.io/prices",
  ]);
  deepEqual([outcomes, wrote()], [["web-1 asked"], 1]);
});

Deno.test("a successor of the same name is not asked for what was decided about another", async () => {
  const { writer, requester, outcomes } = stage();
  await requester.ask("shop", [
    request("web-1", { pod: { name: "web-1", uid: "before" } as unknown as DataPod }),
  ]);
  equal(writer.calls.length, 0);
  deepEqual(outcomes, ["web-1 gone"]);
});

Deno.test("what a refusal means: gone, changed, not leading, or failed", async () => {
  const refusals: [Error, string][] = [
    [refusal(404), "gone"],
    [refusal(409), "changed"],
    [new WriteRefused("no time left"), "not-leading"],
    [refusal(403), "failed"],
    [new Error("reset"), "failed"],
  ];
  for (const [error, did] of refusals) {
    const { writer, requester, outcomes } = stage();
    writer.refusal = () => error;
    await requester.ask("shop", [request("web-1")]);
    deepEqual(outcomes, [`web-1 ${did}`]);
  }
});

Deno.test("a pod that refuses waits ever longer, one that changed hardly at all, and no other waits for them", async () => {
  const { writer, requester, clock, outcomes } = stage();
  writer.refusal = ({ path }) =>
    path.endsWith("web-1") ? refusal(500) : path.endsWith("web-2") ? refusal(409) : undefined;
  const all = [request("web-1"), request("web-2"), request("web-3")];
  equal(await requester.ask("shop", all), 100);
  deepEqual(outcomes.splice(0).sort(), ["web-1 failed", "web-2 changed", "web-3 asked"]);
  await clock.advance(100);
  await requester.ask("shop", all);
  deepEqual(outcomes.splice(0).sort(), ["web-2 changed", "web-3 asked"]);
  writer.refusal = undefined;
  await clock.advance(1_000);
  equal(await requester.ask("shop", all.slice(0, 2)), undefined);
  deepEqual(outcomes, ["web-1 asked", "web-2 asked"]);
});

Deno.test("while the watch is behind, a pod that had changed is asked ever later", async () => {
  const { writer, requester, clock } = stage();
  writer.refusal = () => refusal(409);
  for (let n = 0; n < 600; n++) {
    await requester.ask("shop", [request("web-1")]);
    await clock.advance(100);
  }
  ok(writer.calls.length >= 10 && writer.calls.length <= 20, `${writer.calls.length} writes`);
});

Deno.test("who undoes a request all the time does not keep us writing", async () => {
  const { writer, requester, clock } = stage();
  for (let n = 0; n < 1_200; n++) {
    await requester.ask("shop", [request("web-1")]);
    await clock.advance(50);
  }
  // Five at once, and one each five seconds of this minute.
  ok(writer.calls.length <= 18, `${writer.calls.length} writes`);
  requester.forget(pod().uid);
});
