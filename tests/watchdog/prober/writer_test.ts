import { deepEqual, equal, ok } from "node:assert/strict";
import { key, maxAnnotationBytes } from "../../../lib/contract/keys.ts";
import { KubeError } from "../../../lib/kube/errors.ts";
import { WriteRefused } from "../../../lib/kube/transport.ts";
import { failed, passed, stage } from "./writer_stage.ts";
import { annotationBytes, makePod } from "./build.ts";

const probe = { "probe.autocrane.io/disk": "POD_IP:80/" };
const refusal = (status: number) =>
  new KubeError({ method: "PATCH", path: "/api/v1/x" }, status, { message: "no" });

Deno.test("status and label go in one merge patch with uid, resourceVersion and the field manager", async () => {
  const { writer, calls, verdict, idle } = stage(makePod({ annotations: probe, resourceVersion: "7" }));
  verdict("disk", failed);
  writer.look("shop/web-1");
  await idle();
  equal(calls.length, 1);
  const { method, path, contentType, query, body } = calls[0]!;
  equal(`${method} ${path}`, "PATCH /api/v1/namespaces/shop/pods/web-1");
  equal(contentType, "application/merge-patch+json");
  equal(query?.fieldManager, "autocrane-watchdogprober");
  deepEqual(body, {
    metadata: {
      uid: "uid-1",
      resourceVersion: "7",
      annotations: {
        "status.autocrane.io/disk": "error/2026-01-31T12:00:00/HTTP 500",
        "autocrane.io/started": "2026-01-31T11:00:00Z",
      },
      labels: { [key.health]: "error" },
    },
  });
});

Deno.test("in steady state nothing is asked of the API server", async () => {
  const { writer, calls, verdict, idle } = stage(makePod({ annotations: probe }));
  verdict("disk", passed);
  writer.look("shop/web-1");
  await idle();
  for (let i = 0; i < 10; i++) {
    writer.look("shop/web-1");
    await idle();
  }
  equal(calls.length, 1);
});

Deno.test("who does not lead writes nothing", async () => {
  const { writer, calls, verdict, idle, lead } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  lead(false);
  writer.look("shop/web-1");
  await idle();
  equal(calls.length, 0);
});

Deno.test("on a conflict it looks again and decides again from what it sees", async () => {
  const { writer, calls, verdict, server, refuse, idle, pod } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  // Somebody else wrote a status meanwhile, and the watch has not told it yet.
  server.set({ ...probe, "status.autocrane.io/app": "warning/2026-01-31T11:00:00/x" }, "2");
  refuse(refusal(409));
  writer.look("shop/web-1");
  await idle();
  deepEqual(calls.map(({ method }) => method), ["PATCH", "GET", "PATCH"]);
  equal((calls[2]!.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion, "2");
  equal(pod().metadata?.annotations?.["status.autocrane.io/app"], "warning/2026-01-31T11:00:00/x");
  ok(pod().metadata?.annotations?.["status.autocrane.io/disk"]?.startsWith("error/"));
});

Deno.test("what is in order after a conflict is not written again", async () => {
  const { writer, calls, verdict, server, refuse, idle } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  const done = { ...probe, "status.autocrane.io/disk": "error/2026-01-31T11:59:00/x" };
  server.set(done, "2", { [key.health]: "error" });
  refuse(refusal(409));
  writer.look("shop/web-1");
  await idle();
  deepEqual(calls.map(({ method }) => method), ["PATCH", "GET"]);
});

Deno.test("a pod that others change all the time is tried on, a second apart at most, and not given up", async () => {
  const { writer, calls, verdict, refuse, idle, clock } = stage(makePod({ annotations: probe }));
  const patches = () => calls.filter(({ method }) => method === "PATCH").length;
  verdict("disk", failed);
  refuse(...Array.from({ length: 20 }, () => refusal(409)));
  writer.look("shop/web-1");
  await idle();
  equal(patches(), 3);
  await clock.advance(20_000);
  equal(patches(), 21);
});

Deno.test("a pod that is gone is not written again, and the store learns it", async () => {
  const { writer, calls, verdict, refuse, idle, clock, store } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  refuse(refusal(404));
  writer.look("shop/web-1");
  await idle();
  equal(store.get("shop/web-1"), undefined);
  await clock.advance(600_000);
  equal(calls.length, 1);
});

for (const [what, by] of [["gone", undefined], ["another by now", makePod({ uid: "uid-2" })]] as const) {
  Deno.test(`a pod that is ${what} when it is looked at again is not written, and the store learns it`, async () => {
    const pod = makePod({ annotations: probe });
    const { writer, calls, verdict, server, refuse, idle, store, outcomes } = stage(pod);
    verdict("disk", failed);
    refuse(refusal(409));
    server.meanwhile(() => server.replace(by));
    writer.look("shop/web-1");
    await idle();
    equal(store.get("shop/web-1"), undefined);
    deepEqual(calls.map(({ method }) => method), ["PATCH", "GET"]);
    deepEqual(await outcomes(), { gone: 1 });
  });
}

Deno.test("a pod whose deletion was seen while it was looked at again is not brought back", async () => {
  const pod = makePod({ annotations: probe });
  const { writer, verdict, server, refuse, idle, store, calls } = stage(pod);
  verdict("disk", failed);
  refuse(refusal(409));
  server.meanwhile(() => store.remove(pod));
  writer.look("shop/web-1");
  await idle();
  equal(store.get("shop/web-1"), undefined);
  deepEqual(calls.map(({ method }) => method), ["PATCH", "GET"]);
});

Deno.test("a refusal is said, waited out, and the newest state is written then", async () => {
  const { writer, calls, verdict, refuse, idle, clock, lines, pod } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  refuse(refusal(500));
  writer.look("shop/web-1");
  await idle();
  equal(calls.length, 1);
  ok(lines.some((line) => line.startsWith("warn: cannot write a pod's statuses")), lines.join("\n"));
  verdict("disk", passed);
  await clock.advance(2000);
  equal(calls.length, 2);
  ok(pod().metadata?.annotations?.["status.autocrane.io/disk"]?.startsWith("info/"));
});

Deno.test("a write that was refused as this process no longer leads is not repeated", async () => {
  const { writer, calls, verdict, refuse, idle, clock } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  refuse(new WriteRefused("too late"));
  writer.look("shop/web-1");
  await idle();
  await clock.advance(600_000);
  equal(calls.length, 1);
});

Deno.test("a pod that flaps causes ten writes at once and then one each two seconds", async () => {
  const { writer, calls, verdict, idle, clock } = stage(makePod({ annotations: probe }));
  for (let i = 0; i < 20; i++) {
    verdict("disk", i % 2 ? passed : failed);
    writer.look("shop/web-1");
    await idle();
  }
  equal(calls.length, 10);
  for (let i = 0; i < 90; i++) {
    await clock.advance(700);
    verdict("disk", i % 2 ? failed : passed);
    writer.look("shop/web-1");
    await idle();
  }
  ok(calls.length >= 20 && calls.length <= 42, `${calls.length} writes`);
});

Deno.test("a level that had to wait is not lost", async () => {
  const { writer, verdict, idle, clock, pod } = stage(makePod({ annotations: probe }));
  for (let i = 0; i < 19; i++) {
    verdict("disk", i % 2 ? passed : failed);
    writer.look("shop/web-1");
    await idle();
  }
  verdict("disk", failed);
  await clock.advance(10_000);
  ok(pod().metadata?.annotations?.["status.autocrane.io/disk"]?.startsWith("error/"));
});

Deno.test("one pod's limit keeps no other waiting", async () => {
  const other = makePod({ name: "web-2", uid: "uid-2", annotations: probe });
  const { writer, calls, verdict, idle } = stage(makePod({ annotations: probe }), other);
  for (let i = 0; i < 20; i++) {
    verdict("disk", i % 2 ? passed : failed);
    writer.look("shop/web-1");
    await idle();
  }
  writer.look("shop/web-2");
  await idle();
  equal(calls.at(-1)?.path, "/api/v1/namespaces/shop/pods/web-2");
});

Deno.test("after stop nothing is written, what waited included", async () => {
  const { writer, calls, verdict, idle, clock } = stage(makePod({ annotations: probe }));
  for (let i = 0; i < 11; i++) {
    verdict("disk", i % 2 ? passed : failed);
    writer.look("shop/web-1");
    await idle();
  }
  const before = calls.length;
  await writer.stop();
  await clock.advance(600_000);
  writer.look("shop/web-1");
  await idle();
  equal(calls.length, before);
});

Deno.test("each change is a log line and every outcome is counted", async () => {
  const { writer, verdict, refuse, idle, clock, lines, outcomes } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  refuse(refusal(409), refusal(500));
  writer.look("shop/web-1");
  await idle();
  await clock.advance(60_000);
  deepEqual(await outcomes(), { conflict: 1, failed: 1, written: 1 });
  equal(lines.filter((line) => line === "info: watchdog status shop/web-1 disk error HTTP 500").length, 1);
});

Deno.test("statuses without room are said and counted once, and nothing is said when there is room again", async () => {
  const full: Record<string, string> = { ...probe, note: "" };
  full.note = "x".repeat(maxAnnotationBytes - annotationBytes(makePod({ annotations: full })));
  const { writer, verdict, idle, lines, leftOut, store } = stage(makePod({ annotations: full }));
  verdict("disk", failed);
  for (let i = 0; i < 3; i++) {
    writer.look("shop/web-1");
    await idle();
  }
  const said = () => lines.filter((line) => line.includes("annotations are full"));
  deepEqual(said().length, 1);
  equal(await leftOut(), 1);
  store.upsert(makePod({ annotations: probe, resourceVersion: "9" }));
  writer.look("shop/web-1");
  await idle();
  deepEqual(said().length, 1);
});

Deno.test("of the statuses without room only those count that had some before", async () => {
  const two = { ...probe, "probe.autocrane.io/net": "POD_IP:81/", note: "" };
  const full = {
    ...two,
    note: "x".repeat(maxAnnotationBytes - annotationBytes(makePod({ annotations: two }))),
  };
  const { writer, verdict, idle, lines, leftOut } = stage(makePod({ annotations: full }));
  for (const name of ["disk", "net"]) {
    verdict(name, failed);
    writer.look("shop/web-1");
    await idle();
  }
  equal(await leftOut(), 2);
  equal(lines.filter((line) => line.includes("annotations are full")).length, 2);
});

Deno.test("a look that finds nothing to write is no outcome", async () => {
  const { writer, idle, outcomes } = stage(makePod({ annotations: probe }));
  writer.look("shop/web-1");
  await idle();
  deepEqual(await outcomes(), {});
});
