import { deepEqual, equal } from "node:assert/strict";
import type { GateLimits } from "../../../lib/watchdog/gate/health.ts";
import { TimedGate } from "./timed_gate.ts";

const started = Date.parse("2026-01-31T12:00:00Z");
/** So many seconds after the process began. */
const at = (seconds: number) => started + seconds * 1000;

const gate = (limits: Partial<GateLimits> = {}) => new TimedGate(limits);

const probes = { "probe.autocrane.io/http": "POD_IP:8080/", "probe.autocrane.io/disk": "POD_IP:8081/" };
const fine = "info/2026-01-31T12:00:00/HTTP 200";
const full = "error/2026-01-31T12:00:00/disk full";

Deno.test("without waiting for results a pod is ready before its probes have reported", () => {
  const one = gate();
  one.observe(probes, at(0));
  equal(one.healthAt(at(0)).ready, true);
});

Deno.test("with waiting for results every probe must have reported, and the missing ones are named", () => {
  const one = gate({ waitForResults: true });
  one.observe({ ...probes, "status.autocrane.io/http": fine }, at(0));
  deepEqual(one.healthAt(at(0)), { ready: false, waitingFor: ["the first result of watchdog disk"] });
  one.observe({ ...probes, "status.autocrane.io/http": fine, "status.autocrane.io/disk": fine }, at(1));
  deepEqual(one.healthAt(at(1)), { ready: true, waitingFor: [] });
});

Deno.test("a probe that is only reported has reported, whatever it says", () => {
  const report = { ...probes, "probe-options.autocrane.io/disk": "action=report" };
  const one = gate({ waitForResults: true });
  one.observe({ ...report, "status.autocrane.io/http": fine }, at(0));
  deepEqual(one.healthAt(at(0)).waitingFor, ["the first result of watchdog disk"]);
  for (const said of [full, fine]) {
    one.observe({ ...report, "status.autocrane.io/http": fine, "status.autocrane.io/disk": said }, at(1));
    deepEqual(one.healthAt(at(1)), { ready: true, waitingFor: [] });
  }
});

Deno.test("a status that cannot be read is no result", () => {
  const one = gate({ waitForResults: true });
  one.observe({ "probe.autocrane.io/http": "POD_IP:8080/", "status.autocrane.io/http": "hello" }, at(0));
  deepEqual(one.healthAt(at(0)).waitingFor, ["the first result of watchdog http"]);
});

Deno.test("statuses without a probe are not waited for, but hold the gate while they are errors", () => {
  const one = gate({ waitForResults: true });
  one.observe({ "status.autocrane.io/app": full }, at(0));
  deepEqual(one.healthAt(at(0)).waitingFor, ["watchdog app: disk full"]);
  one.observe({}, at(1));
  equal(one.healthAt(at(1)).ready, true);
});
