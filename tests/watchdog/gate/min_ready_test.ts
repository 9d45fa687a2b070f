import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { formatTime } from "../../../lib/contract/time.ts";
import type { GateLimits } from "../../../lib/watchdog/gate/health.ts";
import { anyText } from "../../contract/any_text.ts";
import { TimedGate } from "./timed_gate.ts";

const began = Date.parse("2026-01-31T12:00:00Z");
const sec = 1000;

/** A gate whose process began at `began`. */
const gate = (limits: Partial<GateLimits> = {}) => new TimedGate(limits);

/** A gate that asks for a minute without errors. */
const minute = () => gate({ minReady: 60 * sec });

/** Annotations with a status of the watchdog `disk`, at a time after `began`. */
function status(level: string, after: number, message: string = "disk full"): StringMap {
  return { "status.autocrane.io/disk": `${level}/${formatTime(began + after)}/${message}` };
}

/** Annotations that say when the pod started, before or after `began`. */
function startedAt(after: number): StringMap {
  return { "autocrane.io/started": `${formatTime(began + after)}Z` };
}

Deno.test("before anything is known of the pod it is not ready, and that is said", () => {
  deepEqual(gate().healthAt(began), {
    ready: false,
    waitingFor: ["the pod's annotations, which are not known yet"],
  });
});

Deno.test("without a time to wait a pod without errors is ready at once, one with an error is not", () => {
  const one = gate();
  one.observe({}, began);
  deepEqual(one.healthAt(began), { ready: true, waitingFor: [] });
  one.observe(status("error", 0), began);
  deepEqual(one.healthAt(began), { ready: false, waitingFor: ["watchdog disk: disk full"] });
  one.observe(status("info", 0), began + 1);
  equal(one.healthAt(began + 1).ready, true);
});

Deno.test("a warning is no error, nor is a status that cannot be read", () => {
  const one = gate();
  one.observe(status("warning", 0), began);
  equal(one.healthAt(began).ready, true);
  one.observe({ "status.autocrane.io/disk": "error" }, began);
  equal(one.healthAt(began).ready, true);
});

Deno.test("the wait is counted from the process's start where nothing says when the pod started", () => {
  const one = minute();
  one.observe({}, began);
  deepEqual(one.healthAt(began + 1).waitingFor, ["60 s more without watchdog errors"]);
  equal(one.healthAt(began + 60 * sec - 1).ready, false);
  equal(one.healthAt(began + 60 * sec).ready, true);
});

Deno.test("it is counted from the pod's start where that is written: a new sidecar forgets nothing", () => {
  const one = minute();
  one.observe(startedAt(-50 * sec), began);
  equal(one.healthAt(began + 9 * sec).ready, false);
  equal(one.healthAt(began + 10 * sec).ready, true);
});

Deno.test("a start that cannot be read is as none", () => {
  const one = minute();
  one.observe({ "autocrane.io/started": "long ago" }, began);
  equal(one.healthAt(began + 59 * sec).ready, false);
  equal(one.healthAt(began + 60 * sec).ready, true);
});

Deno.test("a start in the future counts as when it was first seen", () => {
  const one = minute();
  one.observe(startedAt(3600 * sec), began);
  equal(one.healthAt(began + 59 * sec).ready, false);
  one.observe(startedAt(3600 * sec), began + 59 * sec);
  equal(one.healthAt(began + 60 * sec).ready, true);
});

Deno.test("an error that this process saw is counted from when it ended", () => {
  const one = minute();
  one.observe(startedAt(-3600 * sec), began);
  equal(one.healthAt(began).ready, true);
  one.observe({ ...startedAt(-3600 * sec), ...status("error", 10 * sec) }, began + 10 * sec);
  equal(one.healthAt(began + 30 * sec).ready, false);
  one.observe(startedAt(-3600 * sec), began + 30 * sec);
  equal(one.healthAt(began + 89 * sec).ready, false);
  equal(one.healthAt(began + 90 * sec).ready, true);
});

Deno.test("how long an error lasted does not depend on anybody asking meanwhile", () => {
  const asked = minute();
  const unasked = minute();
  for (const one of [asked, unasked]) one.observe(status("error", 0), began);
  asked.healthAt(began + 299 * sec);
  for (const one of [asked, unasked]) one.observe(status("info", 300 * sec), began + 300 * sec);
  deepEqual(unasked.healthAt(began + 310 * sec), asked.healthAt(began + 310 * sec));
  equal(unasked.healthAt(began + 359 * sec).ready, false);
  equal(unasked.healthAt(began + 360 * sec).ready, true);
});

Deno.test("an error cleared before this process began is counted from the time of its clearing", () => {
  const one = minute();
  const cleared = { ...startedAt(-3600 * sec), ...status("info", -20 * sec, "error cleared") };
  one.observe(cleared, began);
  deepEqual(one.healthAt(began).waitingFor, ["40 s more without watchdog errors"]);
  equal(one.healthAt(began + 40 * sec).ready, true);
});

Deno.test("the times of other statuses do not count", () => {
  const one = minute();
  one.observe({ ...startedAt(-3600 * sec), ...status("info", -sec, "HTTP 200") }, began);
  equal(one.healthAt(began).ready, true);
  one.observe({ ...startedAt(-3600 * sec), ...status("warning", -sec) }, began);
  equal(one.healthAt(began).ready, true);
});

Deno.test("an error cleared in the future counts as when it was first seen, however often it is seen", () => {
  const one = minute();
  const cleared = { ...startedAt(-3600 * sec), ...status("info", 90 * sec, "error cleared") };
  for (let after = 0; after < 60; after += 10) one.observe(cleared, began + after * sec);
  equal(one.healthAt(began + 59 * sec).ready, false);
  equal(one.healthAt(began + 60 * sec).ready, true);
  one.observe(cleared, began + 100 * sec);
  equal(one.healthAt(began + 100 * sec).ready, true);
});

Deno.test("an error that expires ends then, and the wait is counted from there", () => {
  const expires = { "expires.status.autocrane.io/disk": formatTime(began + 30 * sec) };
  const one = minute();
  one.observe({ ...status("error", 0), ...expires }, began);
  deepEqual(one.healthAt(began + 29 * sec).waitingFor[0], "watchdog disk: disk full");
  deepEqual(one.healthAt(began + 30 * sec).waitingFor, ["60 s more without watchdog errors"]);
  equal(one.healthAt(began + 90 * sec).ready, true);
});

Deno.test("a status that had expired before it was first seen counts as absent", () => {
  const expires = { "expires.status.autocrane.io/disk": formatTime(began - sec) };
  const one = minute();
  one.observe({ ...startedAt(-3600 * sec), ...status("error", -5 * sec), ...expires }, began);
  equal(one.healthAt(began).ready, true);
});

Deno.test("a watchdog that is only reported never holds the gate", () => {
  const report = {
    "probe.autocrane.io/disk": "POD_IP:1/",
    "probe-options.autocrane.io/disk": "action=report",
  };
  const one = minute();
  one.observe({ ...startedAt(-3600 * sec), ...report, ...status("error", 0) }, began);
  equal(one.healthAt(began).ready, true);
});

Deno.test("a watchdog whose annotation cannot be read holds the gate by its error", () => {
  const broken = { "probe.autocrane.io/disk": "localhost", ...status("error", 0, "bad annotation: probe") };
  const one = gate();
  one.observe(broken, began);
  deepEqual(one.healthAt(began).waitingFor, ["watchdog disk: bad annotation: probe"]);
});

Deno.test("a pod that has run for long enough is always healthy, errors or not, known or not", () => {
  const limits = { minReady: 600 * sec, alwaysHealthyAfter: 300 * sec, waitForResults: true };
  const unknown = gate(limits);
  equal(unknown.healthAt(began + 299 * sec).ready, false);
  deepEqual(unknown.healthAt(began + 300 * sec), { ready: true, waitingFor: [] });
  const one = gate(limits);
  one.observe(
    { ...startedAt(-200 * sec), ...status("error", 0), "probe.autocrane.io/x": "POD_IP:1/" },
    began,
  );
  equal(one.healthAt(began + 99 * sec).ready, false);
  for (let after = 100; after < 10_000; after += 97) equal(one.healthAt(began + after * sec).ready, true);
});

Deno.test("everything that is missing is said together", () => {
  const one = gate({ minReady: 60 * sec, waitForResults: true });
  one.observe({ ...status("error", 0), "probe.autocrane.io/net": "POD_IP:1/" }, began);
  deepEqual(one.healthAt(began).waitingFor, [
    "watchdog disk: disk full",
    "the first result of watchdog net",
    "60 s more without watchdog errors",
  ]);
});

const level = fc.constantFrom("error", "warning", "info", "fatal");
const event = fc.record({
  wait: fc.integer({ min: 0, max: 90 }),
  level,
  at: fc.integer({ min: -100, max: 400 }),
  message: fc.oneof(fc.constant("error cleared"), anyText(10)),
});

Deno.test("a pod is never ready within the wait after an error that the gate was shown", () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 12 }), (events) => {
    const one = minute();
    let now = began;
    let lastError = -Infinity;
    let failing = false;
    for (const { wait, level, at, message } of events) {
      now += wait * sec;
      if (failing) lastError = now;
      one.observe(status(level, at * sec, message), now);
      failing = level === "error";
      if (failing) lastError = now;
      const { ready, waitingFor } = one.healthAt(now);
      equal(ready, waitingFor.length === 0);
      if (now - lastError < 60 * sec || now - began < 60 * sec) equal(ready, false);
    }
  }));
});

Deno.test("whatever the statuses were, a pod that stays without errors is ready after the wait", () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 12 }), (events) => {
    const one = minute();
    let now = began;
    for (const { wait, level, at, message } of events) {
      now += wait * sec;
      one.observe(status(level, at * sec, message), now);
    }
    one.observe(status("info", 0, "HTTP 200"), now);
    ok(one.healthAt(now + 60 * sec).ready, one.healthAt(now + 60 * sec).waitingFor.join());
  }));
});
