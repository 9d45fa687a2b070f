import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Crawler } from "../../../lib/data/repository/crawler.ts";
import { BadVersion } from "../../../lib/data/version/bad_version.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";

/** A crawler on a clock of its own, whose looks a test answers. */
function stage({ every = 60_000, look = () => Promise.resolve() }: {
  every?: number;
  look?: (signal: AbortSignal) => Promise<void>;
} = {}) {
  const clock = new FakeClock();
  const looks: number[] = [];
  const told: unknown[] = [];
  const end = new AbortController();
  const crawler = new Crawler({
    name: "s",
    every,
    clock,
    random: () => 0.5,
    look: (signal) => {
      looks.push(clock.monotonic());
      return look(signal);
    },
    told: (error) => told.push(error),
  });
  return { clock, looks, told, crawler, end, run: () => crawler.run(end.signal) };
}

async function ended(
  { end, run, clock }: ReturnType<typeof stage>,
  body: () => Promise<void>,
): Promise<void> {
  const running = run();
  await settled();
  await body();
  end.abort();
  await clock.advance(0);
  await running;
}

Deno.test("the first look comes at once, the next ones every so often", async () => {
  const one = stage();
  await ended(one, async () => {
    await one.clock.advance(180_000);
    deepEqual(one.looks, [0, 60_000, 120_000, 180_000]);
  });
});

Deno.test("looks that fail come later and later, never further apart than looks may be, and are told", async () => {
  let down = true;
  const one = stage({
    every: 60_000,
    look: () => down ? Promise.reject(new Error("down")) : Promise.resolve(),
  });
  await ended(one, async () => {
    await one.clock.advance(3_600_000);
    const gaps = one.looks.slice(1).map((at, i) => at - one.looks[i]!);
    deepEqual(gaps.slice(0, 4), [1500, 3000, 6000, 12_000]);
    ok(Math.max(...gaps) <= 60_000);
    down = false;
    await one.clock.advance(300_000);
    equal(one.told.at(-1), undefined);
    match(String(one.told[0]), /down/);
  });
});

Deno.test("an upstream whose content is refused is looked at as ever", async () => {
  const one = stage({ look: () => Promise.reject(new BadVersion("a link leaves the tree")) });
  await ended(one, async () => {
    await one.clock.advance(120_000);
    deepEqual(one.looks, [0, 60_000, 120_000]);
  });
});

Deno.test("a poke is a look at once; pokes during a look are one more look after it", async () => {
  let finish = () => {};
  const one = stage({ look: () => new Promise((resolve) => finish = resolve) });
  await ended(one, async () => {
    finish();
    await settled();
    equal(one.crawler.poke(), "now");
    await settled();
    equal(one.looks.length, 2);
    deepEqual([one.crawler.poke(), one.crawler.poke(), one.crawler.poke()], ["after", "already", "already"]);
    finish();
    await one.clock.advance(0);
    equal(one.looks.length, 3);
    finish();
    await one.clock.advance(1000);
    equal(one.looks.length, 3);
    finish();
  });
});

Deno.test("a crawler whose looks do not come any more says so", async () => {
  const one = stage({ look: () => new Promise(() => {}) });
  equal(one.crawler.trouble(), undefined);
  one.run();
  await one.clock.advance(3 * 3_600_000);
  equal(one.crawler.trouble(), undefined);
  await one.clock.advance(1000);
  match(one.crawler.trouble()!, /the source s is not looked at any more/);
});

Deno.test("a crawler that never ran says so after a minute", async () => {
  const one = stage();
  await one.clock.advance(61_000);
  match(one.crawler.trouble()!, /not looked at/);
});
