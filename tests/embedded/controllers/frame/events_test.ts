import { deepEqual, equal, match } from "node:assert/strict";
import type { KubeClient, KubeRequest } from "../../../../k8s/client.ts";
import type { Event } from "../../../../k8s/core_v1.ts";
import { EventWriter, type Happening } from "../../../../lib/embedded/controllers/frame/events.ts";
import { kinds } from "../../../../lib/embedded/controllers/objects/kinds.ts";
import { KubeError, type StatusLike } from "../../../../lib/kube/errors.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { silentLog } from "../../../support/silent_log.ts";
import { metadataOf } from "../build.ts";

const happening: Happening = { type: "Normal", reason: "ScalingReplicaSet", message: "Scaled up" };
const web = metadataOf("web", { resourceVersion: "7" });

/** A writer whose calls are kept, or refused. */
function stage({ refusal }: { refusal?: (request: KubeRequest) => StatusLike | undefined } = {}) {
  const calls: KubeRequest[] = [];
  const warnings: unknown[] = [];
  const json = (request: KubeRequest) => {
    calls.push(request);
    const status = refusal?.(request);
    return status
      ? Promise.reject(new KubeError(request, status.code!, status))
      : Promise.resolve(request.body);
  };
  const clock = new FakeClock();
  const stop = new AbortController();
  const writer = new EventWriter({
    client: { json } as unknown as KubeClient,
    component: "deployment-controller",
    clock,
    log: { ...silentLog, warn: (_, fields) => warnings.push(fields) },
    signal: stop.signal,
  });
  const write = (what: Happening = happening, metadata = web) =>
    writer.write(kinds.deployment, metadata, what);
  return { calls, warnings, clock, stop, write };
}

Deno.test("an Event says what happened to which object, by whom and when", async () => {
  const { calls, write } = stage();
  await write();
  const { metadata, ...event } = calls[0]!.body as Event;
  match(metadata.name!, /^web\.[0-9a-f]{16}$/);
  equal(metadata.namespace, "shop");
  deepEqual(event, {
    involvedObject: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      namespace: "shop",
      name: "web",
      uid: "web-uid",
      resourceVersion: "7",
    },
    ...happening,
    source: { component: "deployment-controller" },
    reportingComponent: "deployment-controller",
    reportingInstance: "",
    firstTimestamp: "2026-01-31T12:00:00Z",
    lastTimestamp: "2026-01-31T12:00:00Z",
    count: 1,
  });
});

Deno.test("an Event that repeats is counted, with the time of the last", async () => {
  const { calls, clock, write } = stage();
  await write();
  await clock.advance(5000);
  await write();
  await write();
  deepEqual(calls.map(({ method }) => method), ["POST", "PATCH", "PATCH"]);
  deepEqual(calls[2]!.body, { count: 3, lastTimestamp: "2026-01-31T12:00:05Z" });
  equal(calls[1]!.path.split("/").at(-1), (calls[0]!.body as Event).metadata.name);
});

Deno.test("Events with other words, or on another object of the name, are their own, also in one millisecond", async () => {
  const { calls, write } = stage();
  await write();
  await write({ ...happening, message: "Scaled down" });
  await write(happening, { ...web, uid: "another" });
  deepEqual(calls.map(({ method }) => method), ["POST", "POST", "POST"]);
  equal(new Set(calls.map(({ body }) => (body as Event).metadata.name)).size, 3);
});

Deno.test("an Event that repeats after it was forgotten is written anew", async () => {
  const gone = ({ method }: KubeRequest) => method === "PATCH" ? { code: 404 } : undefined;
  const { calls, write } = stage({ refusal: gone });
  await write();
  await write();
  deepEqual(calls.map(({ method }) => method), ["POST", "PATCH", "POST"]);
  equal((calls[2]!.body as Event).count, 1);
});

Deno.test("an Event that cannot be written is logged, and disturbs nothing else", async () => {
  const { warnings, write } = stage({ refusal: () => ({ code: 500, message: "no" }) });
  await write();
  deepEqual(warnings.map((one) => Object.keys(one as object)), [["reason", "about", "error"]]);
});

Deno.test("that a namespace goes, or the controllers end, is no warning", async () => {
  const causes = [{ reason: "NamespaceTerminating" }];
  const going = stage({ refusal: () => ({ code: 403, details: { causes } }) });
  await going.write();
  const ending = stage({ refusal: () => ({ code: 500 }) });
  ending.stop.abort();
  await ending.write();
  deepEqual([...going.warnings, ...ending.warnings], []);
});

Deno.test("words that are too long are cut", async () => {
  const { calls, write } = stage();
  await write({ ...happening, message: "x".repeat(5000) });
  equal((calls[0]!.body as Event).message!.length, 1024);
});
