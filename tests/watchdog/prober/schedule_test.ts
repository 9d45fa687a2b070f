import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Schedule, type Scheduled } from "../../../lib/watchdog/prober/schedule.ts";
import { FakeClock } from "../../support/fake_clock.ts";

interface Item extends Scheduled {
  readonly name: string;
}

/** A schedule that notes when each item had its turns. */
function bench() {
  const clock = new FakeClock();
  const turns: { readonly name: string; readonly at: number }[] = [];
  const schedule = new Schedule<Item>(clock, ({ name }) => turns.push({ name, at: clock.monotonic() }));
  const add = (name: string, interval: number, soon?: number) => {
    const item = { name, interval };
    schedule.add(item, soon);
    return item;
  };
  const times = (name: string) => turns.filter((turn) => turn.name === name).map(({ at }) => at);
  return { clock, schedule, turns, add, times };
}

/** How late a turn may be: those that are due within this time share a timer. */
const slack = 20;

Deno.test("an item has one turn in each interval", async () => {
  const { clock, add, times } = bench();
  add("a", 10_000);
  await clock.advance(100_000);
  equal(times("a").length, 10);
  for (const [i, at] of times("a").entries()) {
    ok(at > i * 10_000 && at <= (i + 1) * 10_000 + slack, `${at}`);
  }
});

Deno.test("turns come an interval apart", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1000, max: 3_600_000 }), fc.nat(10), async (interval, others) => {
      const { clock, add, times } = bench();
      for (let i = 0; i < others; i++) add(`other ${i}`, interval);
      add("a", interval);
      await clock.advance(interval * 4);
      const at = times("a");
      for (let i = 1; i < at.length; i++) ok(Math.abs(at[i]! - at[i - 1]! - interval) <= slack + 1);
      ok(at.length >= 3);
    }),
    { numRuns: 8 },
  );
});

Deno.test("a thousand watchdogs of a pod are spread evenly over their interval", async () => {
  const { clock, turns, add } = bench();
  for (let i = 0; i < 1000; i++) add(`w${i}`, 30_000);
  // In steps, as a thousand turns one by one would take long.
  for (let passed = 0; passed <= 30_000; passed += 100) {
    clock.suspend(100);
    await clock.advance(0);
  }
  const tenths = Array<number>(10).fill(0);
  for (const { at } of turns) tenths[Math.min(9, Math.floor(at / 3000))]!++;
  for (const count of tenths) ok(count >= 90 && count <= 112, `${tenths}`);
});

Deno.test("however many items there are, no gap is longer than three of the even ones", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 120 }), async (count) => {
      const { clock, turns, add } = bench();
      for (let i = 0; i < count; i++) add(`w${i}`, 60_000);
      await clock.advance(60_000 + slack);
      const moments = turns.map(({ at }) => at).sort((a, b) => a - b);
      const gaps = moments.slice(1).map((at, i) => at - moments[i]!);
      ok(Math.max(...gaps) <= 3 * 60_000 / count + slack, `${count} items, ${Math.max(...gaps)} ms`);
    }),
    { numRuns: 10 },
  );
});

Deno.test("who is to begin soon has a first turn within that time and keeps its own moment after", async () => {
  const soon = bench();
  const later = bench();
  for (let i = 0; i < 5; i++) soon.add(`w${i}`, 30_000, 1000);
  for (let i = 0; i < 5; i++) later.add(`w${i}`, 30_000);
  await soon.clock.advance(1000 + slack);
  equal(soon.turns.length, 5);
  await soon.clock.advance(60_000);
  await later.clock.advance(61_000 + slack);
  for (let i = 0; i < 5; i++) {
    const own = later.times(`w${i}`);
    const kept = soon.times(`w${i}`).slice(-2);
    for (const at of kept) ok(own.some((one) => Math.abs(one - at) <= slack), `${kept} beside ${own}`);
  }
});

Deno.test("an interval of a second is no reason to have two first turns", async () => {
  const { clock, add, times } = bench();
  add("a", 1000, 1000);
  await clock.advance(10_000);
  ok(times("a").length >= 9 && times("a").length <= 11, `${times("a").length} turns`);
});

Deno.test("an item that was removed has no further turn, and the others keep theirs", async () => {
  const { clock, schedule, turns, add, times } = bench();
  const a = add("a", 1000);
  add("b", 1000);
  await clock.advance(5000);
  schedule.remove(a);
  equal(schedule.size, 1);
  const before = times("a").length;
  await clock.advance(5000);
  equal(times("a").length, before);
  equal(times("b").length, 10);
  ok(turns.length > 0);
});

Deno.test("a cleared schedule waits for nothing and can be used again", async () => {
  const { clock, schedule, turns, add } = bench();
  add("a", 1000);
  schedule.clear();
  deepEqual({ size: schedule.size, waiting: clock.waiting }, { size: 0, waiting: 0 });
  await clock.advance(5000);
  equal(turns.length, 0);
  add("b", 1000);
  await clock.advance(1000 + slack);
  equal(turns.length, 1);
});

Deno.test("a schedule that is cleared from within a turn ends there", async () => {
  const clock = new FakeClock();
  let turns = 0;
  const schedule: Schedule<Scheduled> = new Schedule(clock, () => {
    turns++;
    schedule.clear();
  });
  for (let i = 0; i < 10; i++) schedule.add({ interval: 1000 });
  await clock.advance(10_000);
  deepEqual({ turns, waiting: clock.waiting }, { turns: 1, waiting: 0 });
});

Deno.test("after a stop of the process each item has one turn, not all it missed", async () => {
  const { clock, add, times } = bench();
  for (let i = 0; i < 10; i++) add(`w${i}`, 10_000);
  await clock.advance(10_000 + slack);
  clock.suspend(600_000);
  await clock.advance(slack);
  for (let i = 0; i < 10; i++) ok(times(`w${i}`).length <= 2);
  await clock.advance(10_000);
  for (let i = 0; i < 10; i++) ok(times(`w${i}`).length <= 3);
});

Deno.test("ten thousand items wait on one timer", () => {
  const { clock, add } = bench();
  for (let i = 0; i < 10_000; i++) add(`w${i}`, 30_000);
  equal(clock.waiting, 1);
});

Deno.test("a long interval does not keep a short one waiting that was added later", async () => {
  const { clock, add, times } = bench();
  add("hourly", 3_600_000);
  add("second", 1000);
  await clock.advance(10_000);
  equal(times("second").length, 10);
});

for (const [interval, others] of [[1019, 1], [1009, 9]] as const) {
  Deno.test(`a moment that rounding moves is one turn all the same: item ${others + 1} each ${interval} ms`, async () => {
    const { clock, add, times } = bench();
    for (let i = 0; i < others; i++) add(`other ${i}`, interval);
    add("a", interval);
    await clock.advance(interval * 20);
    equal(times("a").length, 20);
  });
}

Deno.test("what is added and removed all day is not kept until it would be due", async () => {
  const { clock, schedule, add, times } = bench();
  for (let i = 0; i < 500; i++) add(`stays ${i}`, 3_600_000);
  for (let i = 0; i < 20_000; i++) schedule.remove(add("goes", 3_600_000));
  ok(schedule.held <= 2 * 500 + 1024 + 1, `${schedule.held}`);
  await clock.advance(3_600_000 + slack);
  equal(times("goes").length, 0);
  for (let i = 0; i < 500; i++) equal(times(`stays ${i}`).length, 1);
});
