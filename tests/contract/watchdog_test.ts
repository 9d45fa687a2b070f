import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { statusesOf } from "../../lib/contract/status.ts";
import { standingOf, watchdogNameProblem, watchdogsOf } from "../../lib/contract/watchdog.ts";
import { anyText } from "./any_text.ts";

const failing = { "status.autocrane.io/w": "error/2026-01-31T12:34:56/no answer" };

/** What the watchdog `w`, which is in error, counts for beside the given annotations. */
function judged(beside: Record<string, string> = {}) {
  const [only] = watchdogsOf({ ...failing, ...beside });
  ok(only);
  return { probed: only.probed, evicts: only.evicts, gates: only.gates };
}

Deno.test("a posted status counts against its pod and holds the gate", () => {
  deepEqual(judged(), { probed: false, evicts: true, gates: true });
});

Deno.test("a probed watchdog counts against its pod and holds the gate", () => {
  deepEqual(judged({ "probe.autocrane.io/w": "POD_IP/" }), { probed: true, evicts: true, gates: true });
  deepEqual(
    judged({ "probe.autocrane.io/w": "POD_IP/", "probe-options.autocrane.io/w": "interval=1h,timeout=60s" }),
    { probed: true, evicts: true, gates: true },
  );
});

Deno.test("action=report is only shown: it neither counts nor gates, probed or posted", () => {
  const report = { "probe-options.autocrane.io/w": "action=report" };
  deepEqual(judged(report), { probed: false, evicts: false, gates: false });
  deepEqual(judged({ ...report, "probe.autocrane.io/w": "POD_IP/" }), {
    probed: true,
    evicts: false,
    gates: false,
  });
});

Deno.test("a probe that cannot be read holds the gate but never counts against its pod", () => {
  deepEqual(judged({ "probe.autocrane.io/w": "nowhere" }), { probed: true, evicts: false, gates: true });
});

Deno.test("options that cannot be read hold the gate but never count against the pod", () => {
  const beside = { "probe.autocrane.io/w": "POD_IP/", "probe-options.autocrane.io/w": "action=delete" };
  deepEqual(judged(beside), { probed: true, evicts: false, gates: true });
});

Deno.test("what only the prober can tell is wrong, by its settings, holds the gate but never counts", () => {
  const beside = {
    "probe.autocrane.io/w": "POD_IP/",
    // Longer than the prober's default interval: not to be seen without its settings.
    "probe-options.autocrane.io/w": "timeout=40s",
  };
  const says = (message: string) => ({ "status.autocrane.io/w": `error/2026-01-31T12:34:56/${message}` });
  const told = says("bad annotation: option timeout is longer than the interval (30s)");
  deepEqual(judged({ ...beside, ...told }), { probed: true, evicts: false, gates: true });
  deepEqual(judged({ ...beside, ...says("bad annotation:…") }), { probed: true, evicts: false, gates: true });
  deepEqual(judged({ ...beside, ...says("no bad annotation: 500") }), {
    probed: true,
    evicts: true,
    gates: true,
  });
});

Deno.test("a probe that cannot be read but is only reported does not hold the gate", () => {
  const beside = { "probe.autocrane.io/w": "nowhere", "probe-options.autocrane.io/w": "action=report" };
  deepEqual(judged(beside), { probed: true, evicts: false, gates: false });
});

Deno.test("another watchdog's options do not matter", () => {
  const beside = { "probe-options.autocrane.io/v": "action=report", "probe.autocrane.io/v": "nowhere" };
  deepEqual(judged(beside), { probed: false, evicts: true, gates: true });
});

Deno.test("a probe without a status is no watchdog that could be judged yet", () => {
  deepEqual(watchdogsOf({ "probe.autocrane.io/w": "POD_IP/" }), []);
});

Deno.test("statuses that do not parse are watchdogs too, without a status", () => {
  const [only] = watchdogsOf({ "status.autocrane.io/w": "hello" });
  equal(only?.status, undefined);
  equal(only?.evicts, true);
});

Deno.test("expired statuses are there with their time of expiry, for the judge to leave out", () => {
  const [only] = watchdogsOf({ ...failing, "expires.status.autocrane.io/w": "2026-01-31T12:34:57" });
  equal(only?.expires, Date.UTC(2026, 0, 31, 12, 34, 57));
});

const annotations = fc.array(fc.tuple(
  fc.constantFrom("status.", "probe.", "probe-options.", "expires.status."),
  fc.constantFrom("a", "b", "c"),
  fc.oneof(
    fc.constantFrom(
      "error/2026-01-31T12:34:56/",
      "POD_IP:80/",
      "action=report",
      "failures=2",
      "action=x",
      "",
    ),
    anyText(),
  ),
)).map((all) => Object.fromEntries(all.map(([kind, name, value]) => [`${kind}autocrane.io/${name}`, value])));

Deno.test("what a pod says of a watchdog is the same before it has a status", () => {
  fc.assert(fc.property(annotations, (annotations) => {
    for (const { name, status, probed, evicts, gates } of watchdogsOf(annotations)) {
      if (status?.message.startsWith("bad annotation:")) continue;
      deepEqual(standingOf(annotations, name), { probed, evicts, gates });
    }
  }));
  deepEqual(standingOf({ "probe.autocrane.io/w": "POD_IP/" }, "w"), {
    probed: true,
    evicts: true,
    gates: true,
  });
  equal(standingOf({ "probe.autocrane.io/w": "nowhere" }, "w").evicts, false);
});

Deno.test("a watchdog's name is what an annotation's key may end in", () => {
  for (const name of ["a", "disk", "Disk_2.free-space", "x".repeat(63)]) {
    equal(watchdogNameProblem(name), undefined);
  }
  for (const name of ["", "disk/full", "-a", "a.", "x".repeat(64), "a b", "größe", "a\n"]) {
    ok(watchdogNameProblem(name)?.startsWith(`is ${JSON.stringify(name)}: expected at most 63`), name);
  }
});

Deno.test("a watchdog that counts against its pod holds the gate, whatever the annotations", () => {
  fc.assert(fc.property(annotations, (annotations) => {
    for (const watchdog of watchdogsOf(annotations)) ok(watchdog.gates || !watchdog.evicts);
  }));
});

Deno.test("every status is one watchdog, whatever the other annotations", () => {
  fc.assert(fc.property(annotations, (annotations) => {
    const names = watchdogsOf(annotations).map(({ name }) => name);
    deepEqual(names, statusesOf(annotations).map(({ name }) => name));
  }));
});
