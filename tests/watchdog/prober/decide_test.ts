import { deepEqual, equal, ok } from "node:assert/strict";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { decide, isEmpty, nextExpiry, type PodPatch } from "../../../lib/watchdog/prober/decide.ts";
import type { Verdict } from "../../../lib/watchdog/prober/thresholds.ts";
import { makePod, patched, type PodSketch, read } from "./build.ts";

const now = Date.UTC(2026, 0, 31, 12, 0, 0);
const stamp = "2026-01-31T12:00:00";
const probe: StringMap = { "probe.autocrane.io/disk": "POD_IP:8080/disk" };
const started = { "autocrane.io/started": "2026-01-31T11:00:00Z" };
const good: Verdict = { level: "info", message: "HTTP 200" };
const bad: Verdict = { level: "error", message: "HTTP 500: disk full" };

/** What is decided for a pod whose watchdog `disk` came to this verdict. */
function decided(sketch: PodSketch, verdict?: Verdict, labelled: boolean = true): PodPatch {
  const verdicts = new Map(verdict ? [["disk", verdict]] : []);
  return decide(read(makePod(sketch)), verdicts, labelled, now);
}

/** A pod with the probe and a status that it already has. */
function having(status: string, health: string, more: StringMap = {}): PodSketch {
  const annotations = { ...probe, ...started, "status.autocrane.io/disk": status, ...more };
  return { annotations, labels: { "status.autocrane.io/health": health }, ours: ["disk"] };
}

Deno.test("the first result is written, good or bad, with the label and the pod's start", () => {
  deepEqual(decided({ annotations: probe }, good), {
    annotations: { "status.autocrane.io/disk": `info/${stamp}/HTTP 200`, ...started },
    labels: { "status.autocrane.io/health": "info" },
    changes: [{ name: "disk", to: "info", message: "HTTP 200" }],
    data: [],
    leftOut: [],
  });
  const { annotations, labels } = decided({ annotations: probe }, bad);
  equal(annotations["status.autocrane.io/disk"], `error/${stamp}/HTTP 500: disk full`);
  equal(labels["status.autocrane.io/health"], "error");
});

Deno.test("nothing is written before the probes have decided", () => {
  ok(isEmpty(decided({ annotations: probe })));
});

Deno.test("the steady state is not written again, whatever the words of the probe", () => {
  ok(isEmpty(decided(having("error/2026-01-31T08:00:00/HTTP 503", "error"), bad)));
  ok(isEmpty(decided(having("info/2026-01-31T08:00:00/error cleared", "info"), good)));
});

Deno.test("an error that ends goes back to info with the message error cleared", () => {
  const { annotations, labels } = decided(having("error/2026-01-31T08:00:00/HTTP 503", "error"), good);
  equal(annotations["status.autocrane.io/disk"], `info/${stamp}/error cleared`);
  equal(labels["status.autocrane.io/health"], "info");
});

Deno.test("a status of another level is replaced by what the probe found", () => {
  const { annotations } = decided(having("warning/2026-01-31T08:00:00/slow", "warning"), good);
  equal(annotations["status.autocrane.io/disk"], `info/${stamp}/HTTP 200`);
});

Deno.test("a value that is no status is replaced", () => {
  equal(
    decided(having("broken", "unknown"), good).annotations["status.autocrane.io/disk"],
    `info/${stamp}/HTTP 200`,
  );
});

Deno.test("statuses of applications count in the label and are not touched", () => {
  const app = { "status.autocrane.io/app": "warning/2026-01-31T11:00:00/queue is long" };
  const { annotations, labels } = decided({ annotations: { ...probe, ...app } }, good);
  equal(labels["status.autocrane.io/health"], "warning");
  equal("status.autocrane.io/app" in annotations, false);
});

Deno.test("an expired status does not count in the label", () => {
  const app = {
    "status.autocrane.io/app": "error/2026-01-31T11:00:00/queue is long",
    "expires.status.autocrane.io/app": stamp,
  };
  const patch = decided({ annotations: { ...probe, ...app } }, good);
  equal(patch.labels["status.autocrane.io/health"], "info");
});

Deno.test("an expiry that somebody left behind does not make a new status expire", () => {
  const expiry = { "expires.status.autocrane.io/disk": "2026-01-31T11:00:00" };
  const { annotations, labels } = decided({ annotations: { ...probe, ...expiry } }, bad);
  equal(annotations["expires.status.autocrane.io/disk"], null);
  equal(labels["status.autocrane.io/health"], "error");
});

Deno.test("a level that expired is told anew", () => {
  const expiry = { "expires.status.autocrane.io/disk": stamp };
  const { annotations } = decided(having("error/2026-01-31T11:00:00/posted", "info", expiry), bad);
  equal(annotations["status.autocrane.io/disk"], `error/${stamp}/HTTP 500: disk full`);
});

Deno.test("a label that does not fit the statuses is repaired", () => {
  deepEqual(decided(having("error/2026-01-31T08:00:00/x", "info"), bad).labels, {
    "status.autocrane.io/health": "error",
  });
  deepEqual(decided(having("error/2026-01-31T08:00:00/x", "info")).labels, {
    "status.autocrane.io/health": "error",
  });
});

Deno.test("a label on a pod without statuses is removed", () => {
  deepEqual(decided({ labels: { "status.autocrane.io/health": "error" } }).labels, {
    "status.autocrane.io/health": null,
  });
});

Deno.test("where a selector uses the label it is left alone, and the status is written all the same", () => {
  const { annotations, labels } = decided({ annotations: probe }, bad, false);
  deepEqual(labels, {});
  ok("status.autocrane.io/disk" in annotations);
});

Deno.test("the status of a probe that was removed goes, if the prober wrote it", () => {
  const annotations = { "status.autocrane.io/disk": "error/2026-01-31T08:00:00/x" };
  const labels = { "status.autocrane.io/health": "error" };
  const patch = decided({ annotations, labels, ours: ["disk"] });
  deepEqual(patch.annotations, { "status.autocrane.io/disk": null });
  deepEqual(patch.labels, { "status.autocrane.io/health": null });
  deepEqual(patch.changes, [{ name: "disk", to: "removed", message: "its probe was removed" }]);
  ok(isEmpty(decided({ annotations, labels })));
});

Deno.test("a field that the prober once wrote and somebody removed is not removed again", () => {
  ok(isEmpty(decided({ annotations: probe, ours: ["gone"] })));
});

Deno.test("a probe that cannot be read is an error that says why, without any verdict", () => {
  const { annotations } = decided({ annotations: { "probe.autocrane.io/disk": "localhost:80/" } });
  const status = annotations["status.autocrane.io/disk"]!;
  ok(status.startsWith(`error/${stamp}/bad annotation: `), status);
  ok(status.includes("localhost:80/") && status.includes("POD_IP:1234/url"), status);
});

Deno.test("an error whose cause moves from the pod to the annotation, or back, is told anew", () => {
  const broken = { "probe-options.autocrane.io/disk": "interval=1ms" };
  const patch = decided(having("error/2026-01-31T08:00:00/HTTP 503", "error", broken), bad);
  ok(patch.annotations["status.autocrane.io/disk"]!.includes("/bad annotation: option interval"));
  const back = decided(having("error/2026-01-31T08:00:00/bad annotation: option x", "error"), bad);
  equal(back.annotations["status.autocrane.io/disk"], `error/${stamp}/HTTP 500: disk full`);
});

Deno.test("another mistake in the annotation is told anew, the same one is not", () => {
  const broken = { "probe-options.autocrane.io/disk": "interval=1ms" };
  const first = makePod({ annotations: { ...probe, ...broken } });
  const after = patched(first, decide(read(first), new Map(), true, now));
  ok(isEmpty(decide(read(after), new Map(), true, now + 1000)));
  after.metadata!.annotations!["probe-options.autocrane.io/disk"] = "failures=0";
  const again = decide(read(after), new Map(), true, now + 1000);
  ok(again.annotations["status.autocrane.io/disk"]!.includes("option failures"));
});

Deno.test("a start that was written for another start is corrected with the next patch, not by itself", () => {
  const other = { "autocrane.io/started": "2026-01-31T10:00:00Z" };
  const held = having("info/2026-01-31T08:00:00/HTTP 200", "info", other);
  ok(isEmpty(decided(held, good)));
  deepEqual(decided(held, bad).annotations["autocrane.io/started"], "2026-01-31T11:00:00Z");
});

Deno.test("the start is not written on a pod that is not probed", () => {
  const app = { "status.autocrane.io/app": "info/2026-01-31T11:00:00/x" };
  deepEqual(decided({ annotations: app }).annotations, {});
});

Deno.test("a long or dirty message is cut and cleaned, not refused", () => {
  const message = `\u001b[31m${"x".repeat(5000)}\n`;
  const { annotations } = decided({ annotations: probe }, { level: "error", message });
  const status = annotations["status.autocrane.io/disk"]!;
  ok(status.length < 600 && status.endsWith("…") && !status.includes("\u001b"), status);
});

Deno.test("however little room there is, an annotation's fault is told from the pod's", () => {
  const annotations = { "probe.autocrane.io/disk": "localhost:80/" };
  const room = (bytes: number) => ({ ...annotations, note: "x".repeat(262_144 - 36 - 4 - bytes) });
  for (let bytes = 60; bytes < 200; bytes++) {
    const status = decided({ annotations: room(bytes) }).annotations["status.autocrane.io/disk"];
    ok(!status || status.startsWith(`error/${stamp}/bad annotation:`), status ?? "");
    if (bytes > 130) ok(status);
  }
});

Deno.test("a pod is looked at again when its next status expires", () => {
  const at = (name: string, time: string) => ({
    [`status.autocrane.io/${name}`]: "error/2026-01-31T11:00:00/x",
    [`expires.status.autocrane.io/${name}`]: time,
  });
  const past = at("past", "2026-01-31T11:59:59");
  equal(nextExpiry(read(makePod({ annotations: past })), now), undefined);
  const all = { ...past, ...at("late", "2026-01-31T13:00:00"), ...at("next", "2026-01-31T12:00:05") };
  equal(nextExpiry(read(makePod({ annotations: all })), now), now + 5000);
});
