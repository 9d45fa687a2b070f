import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { sleep } from "../../lib/runtime/clock.ts";
import { Heartbeat, loop, type LoopOptions } from "../../lib/runtime/loop.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A loop that is under way on a fake clock, and the times at which its turns began. */
function started(
  turn: (clock: FakeClock, index: number) => Promise<void> | void,
  more: Partial<LoopOptions> = {},
) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const began: number[] = [];
  const failures: unknown[] = [];
  const ended = loop({
    every: 10,
    clock,
    signal: controller.signal,
    failed: (error) => void failures.push(error),
    turn: () => turn(clock, began.push(clock.monotonic()) - 1),
    ...more,
  });
  const end = async () => {
    controller.abort();
    await ended;
  };
  return { clock, began, failures, end };
}

Deno.test("the first turn comes at once, the others each interval", async () => {
  const { clock, began, end } = started(() => {});
  await clock.advance(35);
  deepEqual(began, [0, 10, 20, 30]);
  await end();
});

Deno.test("the interval is from start to start, however long a turn takes within it", async () => {
  const { clock, began, end } = started((clock) => sleep(clock, 7));
  await clock.advance(28);
  deepEqual(began, [0, 10, 20]);
  await end();
});

Deno.test("a spread puts the first turn somewhere in the first interval", async () => {
  const { clock, began, end } = started(() => {}, { spread: () => 0.4 });
  await clock.advance(25);
  deepEqual(began, [4, 14, 24]);
  await end();
});

Deno.test("turns never overlap: one that overran is followed at once", async () => {
  const { clock, began, end } = started((clock, index) => sleep(clock, index === 0 ? 12 : 0));
  await clock.advance(45);
  deepEqual(began.slice(0, 2), [0, 12]);
  await end();
});

Deno.test("a turn that overran by intervals is followed by one turn, not by all that were missed", async () => {
  const { clock, began, end } = started((clock, index) => sleep(clock, index === 0 ? 35 : 0));
  await clock.advance(56);
  deepEqual(began, [0, 35, 45, 55]);
  await end();
});

Deno.test("after the machine was suspended there is one turn at once, then one each interval", async () => {
  const { clock, began, end } = started(() => {});
  await clock.advance(5);
  clock.suspend(1000);
  await clock.advance(20);
  deepEqual(began, [0, 1005, 1015, 1025]);
  await end();
});

Deno.test("a turn that throws is reported, and the next comes as if nothing had happened", async () => {
  const { clock, began, failures, end } = started((_, index) => {
    if (index === 1) throw new Error("broken");
    return index === 2 ? Promise.reject(new Error("broken later")) : undefined;
  });
  await clock.advance(35);
  deepEqual(began, [0, 10, 20, 30]);
  deepEqual(failures.map((error) => (error as Error).message), ["broken", "broken later"]);
  await end();
});

Deno.test("a loop that is asked to end while it waits ends without another turn or a timer left", async () => {
  const { clock, began, end } = started(() => {});
  await clock.advance(5);
  await end();
  equal(clock.waiting, 0);
  deepEqual(began, [0]);
});

Deno.test("a loop that is asked to end during a turn lets the turn finish and reports nothing", async () => {
  const { clock, failures, end } = started(async (clock) => {
    await sleep(clock, 5);
    throw new Error("cut off");
  });
  await clock.advance(1);
  const ended = end();
  await clock.advance(5);
  await ended;
  deepEqual(failures, []);
});

Deno.test("a loop whose signal has aborted already takes no turn", async () => {
  const { began, end } = started(() => {}, { signal: AbortSignal.abort() });
  await end();
  deepEqual(began, []);
});

Deno.test("a turn is given the signal that ends the loop", async () => {
  const controller = new AbortController();
  const seen: AbortSignal[] = [];
  const { end } = started(() => {}, { signal: controller.signal, turn: (signal) => void seen.push(signal) });
  await Promise.resolve();
  controller.abort();
  await end();
  ok(seen.every((signal) => signal === controller.signal));
});

Deno.test("however long its turns take, they begin in order, never two within one's duration", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }), async (durations) => {
      const { clock, began, end } = started((clock, index) => sleep(clock, durations[index] ?? 0));
      await clock.advance(60);
      for (let i = 1; i < began.length; i++) ok(began[i]! - began[i - 1]! >= (durations[i - 1] ?? 0));
      for (let i = 2; i < began.length; i++) ok(began[i]! - began[i - 2]! >= 10, `three turns at ${began}`);
      await Promise.all([end(), clock.advance(40)]);
    }),
    { numRuns: 25 },
  );
});

Deno.test("a heart that beats in time is no trouble", async () => {
  const clock = new FakeClock();
  const heart = new Heartbeat(clock, 60_000);
  await clock.advance(60_000);
  equal(heart.trouble("scan"), undefined);
  heart.beat();
  await clock.advance(60_000);
  equal(heart.trouble("scan"), undefined);
});

Deno.test("a heart that has not beaten for too long says so, from the start on, until it beats", async () => {
  const clock = new FakeClock();
  const heart = new Heartbeat(clock, 60_000);
  await clock.advance(61_400);
  equal(heart.trouble("scan"), "no scan for 61 s");
  heart.beat();
  equal(heart.trouble("scan"), undefined);
});

Deno.test("somebody who sets the wall clock stops no heart", () => {
  const clock = new FakeClock();
  const heart = new Heartbeat(clock, 60_000);
  clock.jump(3_600_000);
  equal(heart.trouble("scan"), undefined);
});
