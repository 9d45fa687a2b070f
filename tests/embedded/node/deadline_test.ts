import { equal } from "node:assert/strict";
import { Deadline } from "../../../lib/embedded/node/deadline.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("a deadline passes when its time has come", async () => {
  const clock = new FakeClock();
  using deadline = new Deadline(clock, 5000);
  await clock.advance(4999);
  equal(deadline.signal.aborted, false);
  equal(deadline.left, 1);
  await clock.advance(1);
  equal(deadline.signal.aborted, true);
});

Deno.test("it can be brought forward, and never be put off", async () => {
  const clock = new FakeClock();
  using deadline = new Deadline(clock, 5000);
  deadline.shorten(9000);
  deadline.shorten(1000);
  deadline.shorten(3000);
  await clock.advance(1000);
  equal(deadline.signal.aborted, true);
});

Deno.test("one that is needed no more leaves no timer", () => {
  const clock = new FakeClock();
  new Deadline(clock, 5000)[Symbol.dispose]();
  equal(clock.waiting, 0);
});
