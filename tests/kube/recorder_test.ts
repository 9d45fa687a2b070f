import { deepEqual, equal, match } from "node:assert/strict";
import type { KubeRequest } from "../../k8s/client.ts";
import { type Event, EventsV1Api } from "../../k8s/events_v1.ts";
import { type EventNote, Recorder, type Regarding } from "../../lib/kube/recorder.ts";
import { newRegistry } from "../../lib/runtime/metrics.ts";
import { FakeClient } from "../k8s/fake_client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { memoryLog } from "./harness.ts";

const web: Regarding = { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-1", uid: "u1" };

function note(reason: string): EventNote {
  return { type: "Warning", reason, action: "Evict", note: "It failed four scans." };
}

/** A recorder whose calls go through `answer`. */
function recording(answer: (request: KubeRequest) => Promise<unknown> = () => Promise.resolve({})) {
  const client = new FakeClient();
  client.json = <T>(request: KubeRequest) => {
    client.calls.push({ through: "json", request });
    return answer(request) as Promise<T>;
  };
  const clock = new FakeClock();
  const log = memoryLog();
  const registry = newRegistry("test", "1");
  const events = new EventsV1Api(client);
  const controller = "autocrane.io/orchestrate";
  const recorder = new Recorder({ events, controller, instance: "pod-1", clock, log, registry });
  const written = () => client.calls.map(({ request }) => request.body as Event);
  return { client, clock, log, registry, recorder, written };
}

Deno.test("an Event says what happened to which object, by whom and when", async () => {
  const { client, recorder, written } = recording();
  recorder.record(web, note("Evicted"));
  await recorder.flushed();
  equal(client.request?.method, "POST");
  equal(client.request?.path, "/apis/events.k8s.io/v1/namespaces/shop/events");
  const [{ metadata, ...event }] = written() as [Event];
  match(metadata?.name ?? "", /^web-1\.[0-9a-f-]{18}$/);
  deepEqual(event, {
    eventTime: "2026-01-31T12:00:00.000000Z",
    reportingController: "autocrane.io/orchestrate",
    reportingInstance: "pod-1",
    type: "Warning",
    reason: "Evicted",
    action: "Evict",
    note: "It failed four scans.",
    regarding: web,
  });
});

Deno.test("an Event carries the time when it was recorded, however late it is written", async () => {
  const free = Promise.withResolvers<void>();
  const { clock, recorder, written } = recording(() => free.promise);
  recorder.record(web, note("First"));
  recorder.record(web, note("Second"));
  await clock.advance(5000);
  free.resolve();
  await recorder.flushed();
  deepEqual(written().map(({ eventTime }) => eventTime), Array(2).fill("2026-01-31T12:00:00.000000Z"));
});

Deno.test("Events are written one after the other in their order", async () => {
  let under = 0;
  let most = 0;
  const { recorder, written } = recording(async () => {
    most = Math.max(most, ++under);
    await Promise.resolve();
    under--;
  });
  for (const reason of ["A", "B", "C"]) recorder.record(web, note(reason));
  await recorder.flushed();
  deepEqual(written().map(({ reason }) => reason), ["A", "B", "C"]);
  equal(most, 1);
});

Deno.test("an Event that cannot be written is counted and told, and the next one is written", async () => {
  const { log, registry, recorder, written } = recording(({ body }) =>
    (body as Event).reason === "A" ? Promise.reject(new Error("forbidden")) : Promise.resolve({})
  );
  recorder.record(web, note("A"));
  recorder.record(web, note("B"));
  await recorder.flushed();
  equal(written().length, 2);
  deepEqual(log.lines, [{ line: "warn cannot write an event", fields: { reason: "A", error: "forbidden" } }]);
  const metrics = await registry.metrics();
  match(metrics, /autocrane_events_total\{outcome="failed"\} 1/);
  match(metrics, /autocrane_events_total\{outcome="written"\} 1/);
});

Deno.test("while the server is away Events pile up to a limit; those over it are dropped and counted", async () => {
  const free = Promise.withResolvers<void>();
  const { registry, recorder, written } = recording(() => free.promise);
  for (let i = 0; i < 1100; i++) recorder.record(web, note(`R${i}`));
  match(await registry.metrics(), /outcome="dropped"\} 99\n/);
  free.resolve();
  await recorder.flushed();
  equal(written().length, 1001);
});

Deno.test("an Event is written whenever it was recorded, also just as the one before is done", async () => {
  for (let ticks = 0; ticks < 16; ticks++) {
    const free = Promise.withResolvers<void>();
    const { recorder, written } = recording(() => free.promise);
    recorder.record(web, note("First"));
    free.resolve();
    for (let i = 0; i < ticks; i++) await Promise.resolve();
    recorder.record(web, note("Second"));
    await recorder.flushed();
    equal(written().length, 2, `recorded ${ticks} ticks later`);
  }
});

Deno.test("an Event of a pod with a very long name still has a valid name", async () => {
  const { recorder, written } = recording();
  for (const tail of ["-web", ".web", "web", "-.-web"]) {
    recorder.record({ ...web, name: "a".repeat(199) + tail }, note("Evicted"));
    recorder.record({ ...web, name: "a".repeat(198) + tail }, note("Evicted"));
  }
  await recorder.flushed();
  for (const { metadata } of written()) {
    match(
      metadata?.name ?? "",
      /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    );
  }
});
