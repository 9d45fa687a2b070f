import { equal } from "node:assert/strict";
import { failFor, testWorkload } from "../../lib/watchdog/test_workload.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A workload and what its watchdog answers. */
function workload() {
  const clock = new FakeClock();
  const app = testWorkload(clock);
  const watchdog = async () => {
    const answer = await app.request("/watchdog");
    return { status: answer.status, text: await answer.text() };
  };
  const fail = async () => (await app.request("/fail", { method: "POST" })).status;
  return { clock, app, watchdog, fail };
}

Deno.test("a workload that was told nothing is healthy", async () => {
  const { watchdog } = workload();
  equal((await watchdog()).status, 200);
});

Deno.test("after a POST to /fail it fails for ten minutes and says how long still", async () => {
  const { clock, watchdog, fail } = workload();
  equal(failFor, 10 * 60 * 1000);
  equal(await fail(), 200);
  equal((await watchdog()).text, "failing on request for 600 s more\n");
  await clock.advance(failFor - 1);
  equal((await watchdog()).status, 500);
  await clock.advance(1);
  equal((await watchdog()).status, 200);
});

Deno.test("a second POST begins the ten minutes anew", async () => {
  const { clock, watchdog, fail } = workload();
  await fail();
  await clock.advance(failFor - 1);
  await fail();
  await clock.advance(failFor - 1);
  equal((await watchdog()).status, 500);
});

Deno.test("somebody who sets the clock neither ends nor prolongs the failure", async () => {
  const { clock, watchdog, fail } = workload();
  await fail();
  clock.jump(24 * 3600 * 1000);
  equal((await watchdog()).status, 500);
  clock.jump(-48 * 3600 * 1000);
  await clock.advance(failFor);
  equal((await watchdog()).status, 200);
});

Deno.test("a GET does not make it fail", async () => {
  const { app, watchdog } = workload();
  equal((await app.request("/fail")).status, 404);
  equal((await watchdog()).status, 200);
});
