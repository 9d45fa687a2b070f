import { deepEqual, equal, ok } from "node:assert/strict";
import type { EventNote, Regarding } from "../../../lib/kube/recorder.ts";
import { Explainer, type Explanation, reasons } from "../../../lib/orchestrator/evict/explain.ts";
import type { Fields } from "../../../lib/runtime/log.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { failingPod, metric, podUid } from "../build.ts";
import { silentLog } from "../../support/silent_log.ts";

/** An explainer, and what it said where. */
function listening() {
  const events: { regarding: Regarding; note: EventNote }[] = [];
  const lines: { message: string; fields: Fields | undefined }[] = [];
  const registry = new Registry();
  const explainer = new Explainer({
    recorder: { record: (regarding, note) => void events.push({ regarding, note }) },
    log: { ...silentLog, info: (message, fields) => void lines.push({ message, fields }) },
    registry,
  });
  return { explainer, events, lines, registry };
}

const busy: Explanation = { pod: failingPod(), did: "hold", rule: "workload-busy", words: "1 of 1 pods" };

function decisions(registry: Registry, did: string, rule: string): Promise<number> {
  return metric(registry, "autocrane_orchestrate_decisions_total", { did, rule });
}

Deno.test("a decision is an event on its pod, a metric and a log line, in the same words", async () => {
  const { explainer, events, lines, registry } = listening();
  explainer.say(busy, true);
  deepEqual(events, [{
    regarding: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-1", uid: "web-1-uid" },
    note: {
      type: "Warning",
      reason: "WorkloadBusy",
      action: "Hold",
      note: "Not evicted for now: 1 of 1 pods",
    },
  }]);
  deepEqual(lines, [{
    message: "decision",
    fields: { pod: "shop/web-1", did: "hold", rule: "workload-busy", why: "1 of 1 pods" },
  }]);
  equal(await decisions(registry, "hold", "workload-busy"), 1);
});

Deno.test("the same decision scan after scan is said once", async () => {
  const { explainer, events, lines, registry } = listening();
  for (let scan = 0; scan < 100; scan++) explainer.say(busy, true);
  equal(events.length, 1);
  equal(lines.length, 1);
  equal(await decisions(registry, "hold", "workload-busy"), 1);
});

Deno.test("numbers that grow in the words are no change", () => {
  const { explainer, events } = listening();
  for (let scans = 1; scans < 4; scans++) {
    explainer.say({ ...busy, rule: "too-few-scans", words: `it failed in ${scans} of 4 scans` }, true);
  }
  equal(events.length, 1);
});

Deno.test("another rule is said, and the first one again when it comes back", () => {
  const { explainer, events } = listening();
  for (const rule of ["storm", "workload-busy", "storm"] as const) explainer.say({ ...busy, rule }, true);
  deepEqual(events.map(({ note }) => note.reason), ["Storm", "WorkloadBusy", "Storm"]);
});

Deno.test("each pod is told its own", () => {
  const { explainer, events } = listening();
  explainer.say(busy, true);
  explainer.say({ ...busy, pod: failingPod({ name: "web-2" }) }, true);
  deepEqual(events.map(({ regarding }) => regarding.name), ["web-1", "web-2"]);
});

Deno.test("a successor of the same name is told anew", () => {
  const { explainer, events } = listening();
  explainer.say(busy, true);
  explainer.say({ ...busy, pod: failingPod({ uid: "another" }) }, true);
  equal(events.length, 2);
});

Deno.test("a process that does not lead says nothing", async () => {
  const { explainer, events, lines, registry } = listening();
  explainer.say(busy, false);
  deepEqual([events.length, lines.length], [0, 0]);
  equal(await decisions(registry, "hold", "workload-busy"), 0);
});

Deno.test("a new leader says once what stands: its predecessor may have ended before it could", () => {
  const { explainer, events } = listening();
  for (const aloud of [false, true, true]) explainer.say(busy, aloud);
  equal(events.length, 1);
});

Deno.test("what a process said itself it does not say again, though it stood by in between", () => {
  const { explainer, events } = listening();
  for (const aloud of [true, false, true]) explainer.say(busy, aloud);
  equal(events.length, 1);
});

Deno.test("what happens to a pod on its way out is logged, and no event is left on it", () => {
  const { explainer, events, lines } = listening();
  for (const rule of ["terminating", "finished", "gone"] as const) {
    explainer.say({ ...busy, did: "exclude", rule }, true);
  }
  deepEqual([events.length, lines.length], [0, 3]);
});

Deno.test("good news is a normal event, all else a warning", () => {
  const { explainer, events } = listening();
  const types = (["evict", "hold", "exclude", "refuse", "clear"] as const).map((did) => {
    explainer.say({ ...busy, did }, true);
    return `${did} ${events.at(-1)?.note.type}`;
  });
  deepEqual(types, ["evict Warning", "hold Warning", "exclude Warning", "refuse Warning", "clear Normal"]);
});

Deno.test("a forgotten pod is told anew", () => {
  const { explainer, events } = listening();
  explainer.say(busy, true);
  equal(explainer.hasSpokenOf(podUid("web-1-uid")), true);
  explainer.forget(podUid("web-1-uid"));
  equal(explainer.hasSpokenOf(podUid("web-1-uid")), false);
  deepEqual(explainer.spokenOf(), []);
  explainer.say(busy, true);
  equal(events.length, 2);
});

Deno.test("a note is clean and fits into an event, whatever the words hold", () => {
  const { explainer, events } = listening();
  explainer.say({ ...busy, words: `\u001b[31m\n${"disk ü ".repeat(1000)}` }, true);
  const note = events[0]!.note.note;
  ok(new TextEncoder().encode(note).length <= 1024);
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  equal(/[\u0000-\u001f]/.test(note), false);
});

Deno.test("every reason that may be said is explained to operators", async () => {
  const operations = await Deno.readTextFile(new URL("../../../docs/operations.md", import.meta.url));
  deepEqual(reasons.filter((reason) => !operations.includes(`\`${reason}\``)), []);
});
