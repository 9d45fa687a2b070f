import { deepEqual, equal } from "node:assert/strict";
import { WorkQueue } from "../../../../lib/embedded/controllers/frame/work_queue.ts";
import { KubeError } from "../../../../lib/kube/errors.ts";
import type { Log } from "../../../../lib/runtime/log.ts";
import { FakeClock, settled } from "../../../support/fake_clock.ts";
import { silentLog } from "../../../support/silent_log.ts";

/** A queue whose syncs end when the test says so. */
class Stage {
  readonly clock = new FakeClock();
  readonly begun: string[] = [];
  readonly queue: WorkQueue;
  readonly #ends = new Map<string, PromiseWithResolvers<number | undefined>>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;

  constructor({ workers, log = silentLog }: { workers?: number; log?: Log } = {}) {
    const sync = (key: string) => {
      this.begun.push(key);
      const end = Promise.withResolvers<number | undefined>();
      this.#ends.set(key, end);
      return end.promise;
    };
    this.queue = new WorkQueue({ name: "test", sync, workers, clock: this.clock, log, random: () => 0 });
    this.#work = this.queue.run(this.#stop.signal);
  }

  /** A sync ends well. */
  async end(key: string, again?: number): Promise<void> {
    this.#ends.get(key)!.resolve(again);
    await settled();
  }

  /** A sync fails. */
  async fail(key: string, error: unknown = new Error("no")): Promise<void> {
    this.#ends.get(key)!.reject(error);
    await settled();
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#work;
  }
}

Deno.test("a key is never synced twice at a time, and once more where it was added meanwhile", async () => {
  const stage = new Stage();
  for (let times = 0; times < 3; times++) stage.queue.add("a");
  deepEqual(stage.begun, ["a"]);
  await stage.end("a");
  deepEqual(stage.begun, ["a", "a"]);
  await stage.end("a");
  deepEqual(stage.begun, ["a", "a"]);
  await stage.stop();
});

Deno.test("other keys do not wait for one that takes long, up to the number of workers", async () => {
  const stage = new Stage({ workers: 2 });
  for (const key of ["a", "b", "c"]) stage.queue.add(key);
  deepEqual(stage.begun, ["a", "b"]);
  await stage.end("b");
  deepEqual(stage.begun, ["a", "b", "c"]);
  await stage.end("a");
  await stage.end("c");
  await stage.stop();
});

Deno.test("a key that failed is tried again after waits that grow, until it succeeds", async () => {
  const stage = new Stage();
  stage.queue.add("a");
  await stage.fail("a");
  await stage.clock.advance(9);
  equal(stage.begun.length, 1);
  await stage.clock.advance(1);
  equal(stage.begun.length, 2);
  await stage.fail("a");
  await stage.clock.advance(19);
  equal(stage.begun.length, 2);
  await stage.clock.advance(1);
  await stage.end("a");
  stage.queue.add("a");
  await stage.fail("a");
  await stage.clock.advance(10);
  equal(stage.begun.length, 5);
  await stage.end("a");
  await stage.stop();
});

Deno.test("a sync says when to look again, and the last word counts", async () => {
  const stage = new Stage();
  stage.queue.add("a");
  await stage.end("a", 1000);
  await stage.clock.advance(500);
  stage.queue.add("a");
  await stage.end("a", 5000);
  await stage.clock.advance(4999);
  equal(stage.begun.length, 2);
  await stage.clock.advance(1);
  equal(stage.begun.length, 3);
  await stage.end("a");
  await stage.clock.advance(60_000);
  equal(stage.begun.length, 3);
  await stage.stop();
});

Deno.test("stopping waits for what is under way, starts nothing more, and leaves no timer behind", async () => {
  const stage = new Stage();
  stage.queue.add("a");
  stage.queue.add("b");
  await stage.end("b", 1000);
  stage.queue.add("a");
  const stopped = stage.stop();
  let over = false;
  stopped.then(() => over = true);
  await settled();
  equal(over, false);
  await stage.fail("a");
  await stopped;
  stage.queue.add("c");
  deepEqual(stage.begun, ["a", "b"]);
  equal(stage.clock.waiting, 0);
});

Deno.test("a failure is logged with its key; that somebody else was faster is no warning", async () => {
  const warned: unknown[] = [];
  const stage = new Stage({ log: { ...silentLog, warn: (_, fields) => warned.push(fields) } });
  stage.queue.add("a");
  await stage.fail("a", new KubeError({ method: "PUT", path: "/a" }, 409, { message: "modified" }));
  stage.queue.add("b");
  await stage.fail("b", new Error("no"));
  deepEqual(warned, [{ controller: "test", key: "b", error: "no" }]);
  await stage.stop();
});
