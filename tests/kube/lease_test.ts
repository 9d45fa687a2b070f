import { deepEqual, equal } from "node:assert/strict";
import { CoordinationV1Api } from "../../k8s/coordination_v1.ts";
import { LeaseObserver, type LeaseRecord, leaseSource, recordOf } from "../../lib/kube/lease.ts";
import { FakeClient } from "../k8s/fake_client.ts";
import { FakeClock } from "../support/fake_clock.ts";

function record(resourceVersion: string, holder = "a", uid = "u1"): LeaseRecord {
  return { uid, holder, durationMs: 15_000, resourceVersion, transitions: 0 };
}

function observed() {
  const clock = new FakeClock();
  return { clock, observer: new LeaseObserver(clock) };
}

Deno.test("a Lease that was just found counts as held for one duration", async () => {
  const { clock, observer } = observed();
  observer.observe(record("1"));
  equal(observer.freeIn(), 15_000);
  await clock.advance(14_999);
  equal(observer.freeIn(), 1);
  await clock.advance(1);
  equal(observer.freeIn(), 0);
});

Deno.test("each change seen counts anew, seeing the same again does not", async () => {
  const { clock, observer } = observed();
  observer.observe(record("1"));
  await clock.advance(10_000);
  observer.observe(record("1"));
  equal(observer.freeIn(), 5_000);
  observer.observe(record("2"));
  equal(observer.freeIn(), 15_000);
});

Deno.test("a Lease that does not exist, or that nobody holds, is free", () => {
  const { observer } = observed();
  equal(observer.freeIn(), 0);
  observer.observe(record("1", ""));
  equal(observer.freeIn(), 0);
});

Deno.test("a Lease that was let go is free at once, whoever held it before", () => {
  const { observer } = observed();
  observer.observe(record("1"));
  observer.observe(record("2", ""));
  equal(observer.freeIn(), 0);
});

Deno.test("a Lease that was deleted while held stays held for its duration, as its holder may not know", async () => {
  const { clock, observer } = observed();
  observer.observe(record("1"));
  await clock.advance(5_000);
  observer.observe(undefined);
  equal(observer.freeIn() >= 10_000, true, `free in ${observer.freeIn()} ms`);
  await clock.advance(15_000);
  equal(observer.freeIn(), 0);
});

Deno.test("the wall clock of nobody counts", () => {
  const { clock, observer } = observed();
  observer.observe(record("1"));
  clock.jump(3_600_000);
  equal(observer.freeIn(), 15_000);
});

Deno.test("time that passed while the process was stopped counts", () => {
  const { clock, observer } = observed();
  observer.observe(record("1"));
  clock.suspend(20_000);
  equal(observer.freeIn(), 0);
});

Deno.test("a holder is alive only once it was seen to renew", async () => {
  const { clock, observer } = observed();
  equal(observer.alive, false);
  observer.observe(record("1"));
  equal(observer.alive, false);
  observer.observe(record("2"));
  equal(observer.alive, true);
  await clock.advance(15_000);
  equal(observer.alive, false);
});

Deno.test("a Lease that is gone, or let go, is nobody's sign of life", () => {
  const { observer } = observed();
  observer.observe(record("1"));
  observer.observe(record("2"));
  observer.observe(record("3", ""));
  equal(observer.alive, false);
  observer.observe(record("4"));
  observer.observe(undefined);
  equal(observer.alive, false);
});

Deno.test("a watch that comes later than our own call brings back no old news", async () => {
  const { clock, observer } = observed();
  observer.observe(record("9"));
  observer.observe(record("10"));
  await clock.advance(10_000);
  observer.hear({ before: undefined, after: record("9") });
  deepEqual([observer.record?.resourceVersion, observer.freeIn()], ["10", 5000]);
  observer.hear({ before: record("9"), after: record("11", "b") });
  deepEqual([observer.record?.holder, observer.freeIn()], ["b", 15_000]);
});

Deno.test("the end of a Lease that was made anew since is old news, the end of the one that is held is not", () => {
  const { observer } = observed();
  observer.observe(record("12", "a", "u2"));
  observer.hear({ before: record("10", "b", "u1"), after: undefined });
  equal(observer.record?.uid, "u2");
  observer.hear({ before: record("11", "a", "u2"), after: undefined });
  equal(observer.alive, false);
  deepEqual([observer.record], [undefined]);
  observer.hear({ before: undefined, after: record("3", "c", "u3") });
  equal(observer.record?.holder, "c", "after an end any version is news");
});

Deno.test("a lower version that our own call showed is how the Lease is: the server comes from a backup", () => {
  const { observer } = observed();
  observer.observe(record("100"));
  observer.observe(record("40", "b"));
  equal(observer.record?.holder, "b");
});

Deno.test("a Lease's empty fields read as: nobody, 15 seconds, never changed hands", () => {
  deepEqual(recordOf({}), { uid: "", holder: "", durationMs: 15_000, resourceVersion: "", transitions: 0 });
  const spec = { holderIdentity: "a", leaseDurationSeconds: 30, leaseTransitions: 4 };
  deepEqual(recordOf({ metadata: { uid: "u1", resourceVersion: "7" }, spec }), {
    uid: "u1",
    holder: "a",
    durationMs: 30_000,
    resourceVersion: "7",
    transitions: 4,
  });
});

Deno.test("the source of one Lease lists and watches that name only", async () => {
  const client = new FakeClient();
  const source = leaseSource(new CoordinationV1Api(client).namespace("autocrane"), "prober");
  await source.list({ limit: 1 });
  source.watch({ resourceVersion: "7" });
  for (const { request } of client.calls) {
    equal(request.path, "/apis/coordination.k8s.io/v1/namespaces/autocrane/leases");
    equal(request.query?.fieldSelector, "metadata.name=prober");
  }
  deepEqual(client.calls.map(({ through }) => through), ["json", "watch"]);
});
