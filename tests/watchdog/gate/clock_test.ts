import { deepEqual, equal } from "node:assert/strict";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { formatTime } from "../../../lib/contract/time.ts";
import { TimedGate } from "./timed_gate.ts";

const sec = 1000;
const hour = 3_600_000;

/** A gate that asks for a minute without errors. */
const minute = () => new TimedGate({ minReady: 60 * sec });

/** A time by the gate's own wall clock, so many milliseconds from now. */
const fromNow = (gate: TimedGate, ms: number) => formatTime(gate.clock.now() + ms);

for (const jump of [-hour, hour]) {
  const way = jump < 0 ? "back" : "forward";

  Deno.test(`a wall clock set ${way} changes nothing in the wait after an error`, () => {
    const gate = minute();
    gate.observe({ "status.autocrane.io/disk": "error/2026-01-31T12:00:00/full" });
    gate.clock.suspend(100 * sec);
    gate.observe({});
    gate.clock.suspend(20 * sec);
    gate.clock.jump(jump);
    deepEqual(gate.healthAt().waitingFor, ["40 s more without watchdog errors"]);
    gate.observe({});
    gate.clock.suspend(40 * sec - 1);
    equal(gate.healthAt().ready, false);
    gate.clock.suspend(1);
    equal(gate.healthAt().ready, true);
  });

  Deno.test(`a wall clock set ${way} changes nothing in times that were written before`, () => {
    const gate = minute();
    const written = {
      "autocrane.io/started": fromNow(gate, -2 * hour),
      "status.autocrane.io/disk": `info/${fromNow(gate, -20 * sec)}/error cleared`,
    };
    gate.observe(written);
    gate.clock.jump(jump);
    gate.observe(written);
    deepEqual(gate.healthAt().waitingFor, ["40 s more without watchdog errors"]);
    gate.clock.suspend(40 * sec);
    gate.observe(written);
    equal(gate.healthAt().ready, true);
  });

  Deno.test(`a wall clock set ${way} makes no pod older or younger`, () => {
    for (const older of [0, 100 * sec]) {
      const gate = new TimedGate({ minReady: 2 * hour, alwaysHealthyAfter: 300 * sec });
      const written: StringMap = older > 0 ? { "autocrane.io/started": fromNow(gate, -older) } : {};
      gate.observe(written);
      gate.clock.jump(jump);
      gate.clock.suspend(300 * sec - older - 1);
      gate.observe(written);
      equal(gate.healthAt().ready, false);
      gate.clock.suspend(1);
      equal(gate.healthAt().ready, true);
    }
  });

  Deno.test(`a wall clock set ${way} ends no error sooner or later than it was to expire`, () => {
    const gate = new TimedGate();
    const written = {
      "status.autocrane.io/disk": "error/2026-01-31T12:00:00/full",
      "expires.status.autocrane.io/disk": fromNow(gate, 30 * sec),
    };
    gate.observe(written);
    gate.clock.jump(jump);
    gate.clock.suspend(30 * sec - 1);
    gate.observe(written);
    equal(gate.healthAt().ready, false);
    gate.clock.suspend(1);
    equal(gate.healthAt().ready, true);
  });
}

Deno.test("a writer whose clock is ahead holds the gate no longer each time it writes than a minute", () => {
  const gate = minute();
  gate.observe({ "autocrane.io/started": fromNow(gate, -hour) });
  for (let i = 0; i < 1000; i++) {
    gate.observe({ "status.autocrane.io/disk": `info/${fromNow(gate, hour + i * sec)}/error cleared` });
    gate.clock.suspend(60 * sec);
  }
  equal(gate.healthAt().ready, true);
});

Deno.test("a time that is written anew is told anew", () => {
  const gate = minute();
  const cleared = (ms: number) => ({
    "autocrane.io/started": "2026-01-31T01:00:00",
    "status.autocrane.io/disk": `info/${fromNow(gate, ms)}/error cleared`,
  });
  gate.observe(cleared(-50 * sec));
  deepEqual(gate.healthAt().waitingFor, ["10 s more without watchdog errors"]);
  gate.observe(cleared(-10 * sec));
  deepEqual(gate.healthAt().waitingFor, ["50 s more without watchdog errors"]);
});
