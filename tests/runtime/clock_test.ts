import { equal, ok, rejects } from "node:assert/strict";
import { sleep, stopwatch, systemClock, unlessAborted, within } from "../../lib/runtime/clock.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";

/** Whether a promise has settled, as a value that can be looked at. */
function watched(promise: Promise<unknown>): { done: boolean } {
  const state = { done: false };
  const settle = () => void (state.done = true);
  promise.then(settle, settle);
  return state;
}

Deno.test("a sleep ends when its time has passed, and not before", async () => {
  const clock = new FakeClock();
  const slept = watched(sleep(clock, 1000));
  await clock.advance(999);
  equal(slept.done, false);
  await clock.advance(1);
  equal(slept.done, true);
});

Deno.test("a signal ends a sleep early, without a rejection or a timer left behind", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const slept = sleep(clock, 1000, controller.signal);
  controller.abort(new Error("asked to end"));
  await slept;
  equal(clock.waiting, 0);
});

Deno.test("a signal that has aborted already lets nobody sleep", async () => {
  const clock = new FakeClock();
  await sleep(clock, 1000, AbortSignal.abort());
  equal(clock.waiting, 0);
});

Deno.test("somebody who sets the wall clock wakes nobody", async () => {
  const clock = new FakeClock();
  const slept = watched(sleep(clock, 1000));
  clock.jump(3_600_000);
  await settled();
  equal(slept.done, false);
  await clock.advance(1000);
  equal(slept.done, true);
});

Deno.test("work in time gives its result and leaves no timer behind", async () => {
  const clock = new FakeClock();
  equal(await within(clock, 1000, undefined, () => Promise.resolve("done")), "done");
  equal(clock.waiting, 0);
});

Deno.test("work that fails in time rejects as it does and leaves no timer behind", async () => {
  const clock = new FakeClock();
  await rejects(within(clock, 1000, undefined, () => Promise.reject(new Error("broken"))), /^Error: broken$/);
  equal(clock.waiting, 0);
});

/** Work that goes on until its signal aborts, and then rejects with the signal's reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

Deno.test("work that takes too long is aborted, and the reason says how long that was", async () => {
  const clock = new FakeClock();
  const late = rejects(within(clock, 2500, undefined, untilAborted), /^Error: no answer within 2.5 s$/);
  await clock.advance(2500);
  await late;
});

Deno.test("work is aborted by the caller's signal, with the caller's reason", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const ended = rejects(within(clock, 1000, controller.signal, untilAborted), /^Error: asked to end$/);
  controller.abort(new Error("asked to end"));
  await ended;
  equal(clock.waiting, 0);
});

Deno.test("a caller's signal that aborts after the work is done reaches nobody", async () => {
  const controller = new AbortController();
  let seen: AbortSignal | undefined;
  await within(new FakeClock(), 1000, controller.signal, (signal) => {
    seen = signal;
    return Promise.resolve();
  });
  controller.abort();
  equal(seen?.aborted, false);
});

Deno.test("work whose caller has ended already sees an aborted signal", async () => {
  const aborted = AbortSignal.abort(new Error("asked to end"));
  const seen = await within(new FakeClock(), 1000, aborted, (signal) => Promise.resolve(signal));
  ok(seen.aborted);
  equal((seen.reason as Error).message, "asked to end");
});

Deno.test("the machine's clock calls back once its time has come, unless it is told not to", async () => {
  const called: string[] = [];
  const cancel = systemClock.after(0, () => called.push("cancelled"));
  cancel();
  await new Promise<void>((resolve) => systemClock.after(0, resolve));
  equal(called.length, 0);
});

Deno.test("a wait that is too long for a timer is not over at once", () => {
  const real = globalThis.setTimeout;
  let asked: number | undefined;
  globalThis.setTimeout = ((_: () => void, ms: number) => asked = ms) as unknown as typeof setTimeout;
  try {
    systemClock.after(30 * 24 * 3600 * 1000, () => {});
  } finally {
    globalThis.setTimeout = real;
  }
  equal(asked, 2 ** 31 - 1);
});

Deno.test("who waits is let go when the signal aborts, though what it waits for goes on", async () => {
  const controller = new AbortController();
  const waiting = rejects(unlessAborted(new Promise(() => {}), controller.signal), /^Error: enough$/);
  controller.abort(new Error("enough"));
  await waiting;
  await rejects(unlessAborted(new Promise(() => {}), controller.signal), /^Error: enough$/);
});

Deno.test("what comes before the signal aborts is what was waited for", async () => {
  const { signal } = new AbortController();
  equal(await unlessAborted(Promise.resolve(1), signal), 1);
  equal(await unlessAborted(Promise.resolve(2), undefined), 2);
  await rejects(unlessAborted(Promise.reject(new Error("broken")), signal), /^Error: broken$/);
});

Deno.test("a stopwatch goes by the clock that says more: one may stand still, the other be set", async () => {
  const clock = new FakeClock();
  const passed = stopwatch(clock);
  await clock.advance(1000);
  equal(passed(), 1000);
  clock.jump(-60_000);
  equal(passed(), 1000);
  clock.jump(120_000);
  equal(passed(), 61_000);
});

Deno.test("the machine's clock tells the day and a time that does not go back", () => {
  ok(systemClock.now() > Date.UTC(2026, 0, 1));
  const before = systemClock.monotonic();
  ok(systemClock.monotonic() >= before);
});
