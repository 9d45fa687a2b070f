import { deepEqual, equal } from "node:assert/strict";
import { WorkQueue } from "../../../lib/orchestrator/rollout/work_queue.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";

/** A queue whose work a test decides. */
function stage(turn: (what: string) => Promise<number> | number = () => 60_000) {
  const clock = new FakeClock();
  const times: number[] = [];
  const failures: unknown[] = [];
  const queue = new WorkQueue({
    turn: async (what) => {
      times.push(clock.monotonic());
      return await turn(what);
    },
    failed: (_, error) => void failures.push(error),
    clock,
    random: () => 0,
  });
  return { clock, times, failures, queue };
}

Deno.test("many changes at once are one turn", async () => {
  const { queue, clock, times } = stage();
  for (let n = 0; n < 100; n++) queue.ask("shop");
  await clock.advance(1_000);
  deepEqual(times, [50]);
});

Deno.test("what a turn says is due is looked at then, though nothing happens", async () => {
  const { queue, clock, times } = stage(() => 2_000);
  queue.ask("shop");
  await clock.advance(5_000);
  deepEqual(times, [50, 2_050, 4_050]);
});

Deno.test("a change during a turn is looked at after it, and never two turns at once", async () => {
  const work = Promise.withResolvers<number>();
  let running = 0;
  let most = 0;
  const { queue, clock, times } = stage(async () => {
    most = Math.max(most, ++running);
    const wait = await work.promise;
    running--;
    return wait;
  });
  queue.ask("shop");
  await clock.advance(100);
  queue.ask("shop");
  await clock.advance(500);
  equal(times.length, 1);
  work.resolve(60_000);
  // It took 550 ms, and rests four times as long.
  await clock.advance(3_000);
  equal(times.length, 2);
  equal(most, 1);
});

Deno.test("a turn that fails is tried again, ever later, and others go on", async () => {
  const { queue, clock, times, failures } = stage((what) => {
    if (what === "shop") throw new Error("no");
    return 60_000;
  });
  queue.ask("shop");
  queue.ask("depot");
  await clock.advance(4_000);
  deepEqual(times, [50, 50, 550, 1_550, 3_550]);
  equal(failures.length, 4);
  // A change does not hurry what has just failed.
  queue.ask("shop");
  await clock.advance(200);
  equal(failures.length, 4);
});

Deno.test("now is at once, after what is under way, and never after the end", async () => {
  const { queue, clock, times } = stage();
  queue.ask("shop");
  await queue.now("shop");
  deepEqual(times, [0]);
  await queue.stop();
  await queue.now("shop");
  queue.ask("shop");
  await clock.advance(1_000);
  deepEqual(times, [0]);
  equal(clock.waiting, 0);
  queue.start();
  queue.ask("shop");
  await clock.advance(1_000);
  equal(times.length, 2);
});

Deno.test("stop waits for the turn that is under way", async () => {
  const work = Promise.withResolvers<number>();
  const { queue, clock } = stage(() => work.promise);
  queue.ask("shop");
  await clock.advance(100);
  let stopped = false;
  const stopping = queue.stop().then(() => stopped = true);
  await settled();
  equal(stopped, false);
  work.resolve(1);
  await stopping;
});

Deno.test("who begins again before the end is complete misses no change", async () => {
  const work = Promise.withResolvers<number>();
  const { queue, clock, times } = stage((what) => what === "slow" ? work.promise : 60_000);
  queue.ask("slow");
  await clock.advance(100);
  queue.ask("shop");
  const stopping = queue.stop();
  queue.start();
  queue.ask("shop");
  await clock.advance(100);
  deepEqual(times, [50, 150]);
  work.resolve(60_000);
  await stopping;
});
