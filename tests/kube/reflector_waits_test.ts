import { deepEqual, equal } from "node:assert/strict";
import { KubeError } from "../../lib/kube/errors.ts";
import { Reflector } from "../../lib/kube/reflector.ts";
import { Store } from "../../lib/kube/store.ts";
import type { Random } from "../../lib/runtime/backoff.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";
import { FakeSource, page, type TestPod } from "./fake_source.ts";
import { away, longest, reflecting } from "./reflecting.ts";

/** When a list that always fails was asked for. */
async function attempts(random: Random, failure: () => Error, ms: number): Promise<number[]> {
  const times: number[] = [];
  const source = new FakeSource(() => {
    times.push(it.clock.monotonic());
    throw failure();
  });
  await using it = reflecting(source, { random });
  await it.clock.advance(ms);
  equal(it.log.lines.length, 1, "the same trouble is told once");
  return times;
}

Deno.test("while the server is away the waits grow, to half a minute and no more", async () => {
  const times = await attempts(longest, away, 200_000);
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  deepEqual(waits, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000, 30_000]);
});

Deno.test("the waits are spread, so that many clients do not come back together", async () => {
  const times = await attempts(() => 0.5, away, 10_000);
  deepEqual(times.slice(0, 4), [0, 600, 1800, 4200]);
});

Deno.test("a server that asks to be left alone for longer is", async () => {
  const times = await attempts(
    longest,
    () => new KubeError({ method: "GET", path: "/" }, 429, {}, 20),
    41_000,
  );
  deepEqual(times, [0, 20_000, 40_000]);
});

Deno.test("a connection that is cut every minute does not lengthen the waits", async () => {
  const source = new FakeSource(() => page([], "5"));
  await using it = reflecting(source);
  for (let i = 0; i < 8; i++) {
    await it.clock.advance(60_000);
    source.open.fail(new Error("connection reset"));
    await it.clock.advance(0);
    const before = source.watches.length;
    await it.clock.advance(800);
    equal(source.watches.length, before + 1, `watching again soon after cut ${i + 1}`);
  }
});

Deno.test("a server that ends watches as soon as they begin is not asked in a tight loop", async () => {
  const source = new FakeSource(() => page([], "5"));
  source.began = (watch) => watch.end();
  await using it = reflecting(source);
  await it.clock.advance(120_000);
  equal(source.watches.length < 12, true, `${source.watches.length} watches in two minutes`);
});

Deno.test("an end that is asked for between the list and the watch is not missed", async () => {
  const stop = new AbortController();
  const source = new FakeSource(() => {
    stop.abort();
    return page([], "1");
  });
  const store = new Store((pod: TestPod) => pod.phase);
  const parts = { what: "pods", source, store, clock: new FakeClock(), log: silentLog };
  await new Reflector(parts).run(stop.signal);
  equal(source.watches.length, 0);
});
