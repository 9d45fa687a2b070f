import { deepEqual, equal } from "node:assert/strict";
import {
  afterRestart,
  type CrashMemory,
  delayAfter,
  kubeletTimes,
} from "../../../lib/embedded/node/crash_backoff.ts";

/** The waits of a container whose runs each last so long, milliseconds. */
function waits(runs: number, lasting: number): number[] {
  let memory: CrashMemory | undefined;
  let now = 0;
  return Array.from({ length: runs }, () => {
    const ended = now += lasting;
    const delay = delayAfter(memory, ended, kubeletTimes);
    now += delay;
    memory = afterRestart(memory, ended, now, kubeletTimes);
    return delay;
  });
}

Deno.test("the first restart comes at once, then waits double up to five minutes", () => {
  deepEqual(waits(8, 100).map((ms) => ms / 1000), [0, 10, 20, 40, 80, 160, 300, 300]);
});

Deno.test("after a run of more than ten minutes all is forgotten", () => {
  const memory = { delay: 300_000, restartedAt: 0 };
  equal(delayAfter(memory, 600_000, kubeletTimes), 300_000);
  equal(delayAfter(memory, 600_001, kubeletTimes), 0);
  equal(afterRestart(memory, 600_001, 600_001, kubeletTimes).delay, 10_000);
});
