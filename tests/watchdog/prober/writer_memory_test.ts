import { equal } from "node:assert/strict";
import { makePod } from "./build.ts";
import { failed, passed, stage } from "./writer_stage.ts";

const probe = { "probe.autocrane.io/disk": "POD_IP:80/" };

/** Uses up what a pod may be written at once. */
async function exhaust({ writer, verdict, idle }: ReturnType<typeof stage>): Promise<void> {
  for (let i = 0; i < 11; i++) {
    verdict("disk", i % 2 ? passed : failed);
    writer.look("shop/web-1");
    await idle();
  }
}

Deno.test("a pod that is gone is forgotten, also by who does not lead or waits to write it", async () => {
  const pod = makePod({ annotations: probe });
  for (const leads of [true, false]) {
    const staged = stage(pod);
    const { writer, calls, idle, store, lead, clock } = staged;
    await exhaust(staged);
    equal(calls.length, 10);
    lead(leads);
    store.remove(pod);
    // The eleventh write waited for its time, and finds nobody.
    await clock.advance(5000);
    lead(true);
    staged.server.replace(pod);
    store.upsert(pod);
    await exhaust(staged);
    equal(calls.length, 20, "the limit begins anew");
    await writer.stop();
    await idle();
  }
});

Deno.test("a fault is told, and the pod is written when it is looked at again", async () => {
  const { writer, calls, verdict, idle, fault, faults } = stage(makePod({ annotations: probe }));
  verdict("disk", failed);
  fault(true);
  writer.look("shop/web-1");
  await idle();
  equal(String(faults), "Error: a bug");
  equal(calls.length, 0);
  fault(false);
  writer.look("shop/web-1");
  await idle();
  equal(calls.length, 1);
});
