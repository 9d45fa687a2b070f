import { deepEqual, equal, rejects } from "node:assert/strict";
import { Semaphore } from "../../../lib/data/repository/semaphore.ts";
import { settled } from "../../support/fake_clock.ts";

Deno.test("at most so many run at once, in the order in which they came, and a failure is a turn as well", async () => {
  const semaphore = new Semaphore(2);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((n) =>
    semaphore.run(async () => {
      began.push(n);
      await new Promise<void>((resolve, reject) =>
        ends.push(n === 0 ? () => reject(new Error("no")) : resolve)
      );
      return n;
    })
  );
  const failed = rejects(runs[0]!, /no/);
  await settled();
  deepEqual(began, [0, 1]);
  ends[0]!();
  await failed;
  await settled();
  deepEqual(began, [0, 1, 2]);
  ends[1]!();
  await settled();
  deepEqual(began, [0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  equal(await runs[3], 3);
});

Deno.test("who aborts while waiting leaves at once, and those after him move up", async () => {
  const semaphore = new Semaphore(1);
  let end = () => {};
  const first = semaphore.run(() => new Promise<void>((resolve) => end = resolve));
  const controller = new AbortController();
  const leaver = semaphore.run(() => Promise.resolve("never"), controller.signal);
  const last = semaphore.run(() => Promise.resolve("last"));
  controller.abort(new Error("enough"));
  await rejects(leaver, /enough/);
  end();
  await first;
  equal(await last, "last");
  await rejects(semaphore.run(() => Promise.resolve(), controller.signal), /enough/);
  equal(await semaphore.run(() => Promise.resolve("free")), "free");
});
