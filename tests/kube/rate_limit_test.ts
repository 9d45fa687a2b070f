import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { RateLimit } from "../../lib/kube/rate_limit.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";

/** A limit on a fake clock, and the times at which takers got their tokens. */
function limited(perSecond: number, burst: number) {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond, burst, clock });
  const times: number[] = [];
  const take = (signal?: AbortSignal) => limit.take(signal).then(() => void times.push(clock.monotonic()));
  return { clock, limit, times, take };
}

Deno.test("a burst passes at once, what is over it at the rate", async () => {
  const { clock, times, take } = limited(10, 3);
  const taken = Promise.all(Array.from({ length: 6 }, () => take()));
  await clock.advance(0);
  deepEqual(times, [0, 0, 0]);
  await clock.advance(1000);
  await taken;
  deepEqual(times.map(Math.round), [0, 0, 0, 100, 200, 300]);
});

Deno.test("a quiet time gives back the burst, and no more", async () => {
  const { clock, times, take } = limited(10, 2);
  await Promise.all([take(), take()]);
  await clock.advance(60_000);
  const taken = Promise.all([take(), take(), take()]);
  await clock.advance(1000);
  await taken;
  deepEqual(times.slice(2).map((time) => Math.round(time - 60_000)), [0, 0, 100]);
});

Deno.test("no span of time passes more than the burst and the rate allow", async () => {
  const arrivals = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      arrivals,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (gaps, rate, burst) => {
        const { clock, times, take } = limited(rate, burst);
        const taken: Promise<void>[] = [];
        for (const gap of gaps) {
          await clock.advance(gap);
          taken.push(take());
        }
        await clock.advance(60_000);
        await Promise.all(taken);
        times.forEach((from, i) =>
          times.slice(i).forEach((to, passed) => {
            const allowed = burst + ((to - from) / 1000) * rate + 1e-6;
            equal(passed + 1 <= allowed, true, `${passed + 1} in ${to - from} ms`);
          })
        );
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("first come, first served", async () => {
  const { clock, limit } = limited(1, 1);
  const order: number[] = [];
  const taken = Promise.all([1, 2, 3].map((n) => limit.take().then(() => void order.push(n))));
  await clock.advance(3000);
  await taken;
  deepEqual(order, [1, 2, 3]);
});

Deno.test("a pause holds everybody, those that already wait as well", async () => {
  const { clock, limit, times, take } = limited(10, 1);
  const taken = Promise.all([take(), take()]);
  await clock.advance(50);
  limit.pause(5000);
  await clock.advance(4900);
  equal(times.length, 1);
  await clock.advance(200);
  await taken;
  equal(Math.round(times[1]!), 5050);
});

Deno.test("a shorter pause does not cut a longer one", async () => {
  const { clock, limit, times, take } = limited(10, 5);
  limit.pause(5000);
  limit.pause(1000);
  const taken = take();
  await clock.advance(4999);
  equal(times.length, 0);
  await clock.advance(1);
  await taken;
});

Deno.test("who gives up waiting is let go with the signal's reason, and takes no token", async () => {
  const { clock, limit, times, take } = limited(1, 1);
  await take();
  const controller = new AbortController();
  const given = rejects(limit.take(controller.signal), /enough/);
  const next = take();
  await settled();
  controller.abort(new Error("enough"));
  await given;
  await clock.advance(1000);
  await next;
  deepEqual(times, [0, 1000]);
  equal(clock.waiting, 0);
});

Deno.test("who gives up while others wait before it is let go at once", async () => {
  const { clock, limit, times, take } = limited(1, 1);
  limit.pause(60_000);
  const first = take();
  const controller = new AbortController();
  let error: unknown;
  const second = limit.take(controller.signal).catch((reason) => error = reason);
  const third = take();
  await settled();
  controller.abort(new Error("enough"));
  await settled();
  equal((error as Error | undefined)?.message, "enough");
  await clock.advance(61_000);
  await Promise.all([first, second, third]);
  deepEqual(times, [60_000, 61_000], "the one that left took no token");
});

Deno.test("a signal that aborted before is refused without waiting", async () => {
  const { limit } = limited(1, 1);
  await rejects(limit.take(AbortSignal.abort(new Error("over"))), /over/);
});
