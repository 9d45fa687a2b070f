import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { maxAnnotationBytes } from "../../../lib/contract/keys.ts";
import { badAnnotation, healthOf, isCurrent, parseStatus, statusesOf } from "../../../lib/contract/status.ts";
import { byteLength } from "../../../lib/contract/text.ts";
import { decide, isEmpty } from "../../../lib/watchdog/prober/decide.ts";
import { anyCase, type Case, fullCase, now } from "./any_pod.ts";
import { annotationBytes, labelOf, makePod, patched, read } from "./build.ts";

/** What is decided, and the pod once that is written. */
function carriedOut({ pod, verdicts }: Case) {
  const patch = decide(read(pod), verdicts, true, now);
  return { patch, after: patched(pod, patch) };
}

function leavesNothingToDo(one: Case): void {
  const { after } = carriedOut(one);
  const { annotations, labels } = decide(read(after), one.verdicts, true, now);
  deepEqual({ annotations, labels }, { annotations: {}, labels: {} });
}

Deno.test("a patch that was carried out leaves nothing to do", () => {
  fc.assert(fc.property(anyCase, leavesNothingToDo), { numRuns: 500 });
});

Deno.test("a patch that was carried out on a full pod leaves nothing to do", () => {
  fc.assert(fc.property(fullCase, leavesNothingToDo));
});

Deno.test("the same pod and verdicts give the same patch, and neither is changed", () => {
  fc.assert(fc.property(anyCase, ({ pod, verdicts }) => {
    const kept = read(pod);
    const copy = structuredClone(kept);
    deepEqual(decide(kept, verdicts, true, now), decide(kept, verdicts, true, now));
    deepEqual(kept, copy);
  }));
});

Deno.test("only statuses of probes, the prober's own statuses, the start and the label are touched", () => {
  fc.assert(fc.property(anyCase, fc.boolean(), ({ pod, verdicts }, labelled) => {
    const kept = read(pod);
    const { annotations, labels } = decide(kept, verdicts, labelled, now);
    const mine = new Set([...kept.probes.map(({ name }) => name), ...kept.ours]);
    for (const name in annotations) {
      if (name === "autocrane.io/started") continue;
      const [, watchdog] = /^(?:expires\.)?status\.autocrane\.io\/(.*)$/.exec(name) ?? [];
      ok(watchdog !== undefined && mine.has(watchdog), name);
    }
    deepEqual(Object.keys(labels).filter((name) => name !== "status.autocrane.io/health"), []);
    if (!labelled) deepEqual(labels, {});
  }));
});

Deno.test("annotations never grow over what a pod may hold", () => {
  fc.assert(
    fc.property(fullCase, (one) => {
      fc.pre(annotationBytes(one.pod) <= maxAnnotationBytes);
      const { patch, after } = carriedOut(one);
      ok(isEmpty(patch) || annotationBytes(after) <= maxAnnotationBytes, `${annotationBytes(after)} bytes`);
    }),
    { numRuns: 150 },
  );
});

Deno.test("every watchdog that is decided has its level on the pod, or is said to have no room", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 4, arbitrary: anyCase }, { weight: 1, arbitrary: fullCase }), (one) => {
      const { patch, after } = carriedOut(one);
      for (const probe of read(one.pod).probes) {
        const level = "problem" in probe ? "error" : one.verdicts.get(probe.name)?.level;
        if (level === undefined || patch.leftOut.includes(probe.name)) continue;
        equal(parseStatus(after.metadata!.annotations![`status.autocrane.io/${probe.name}`]!)?.level, level);
      }
    }),
  );
});

/** Bytes kept free for the pod's start, and the bare error that a watchdog would need. */
const reserve = byteLength("autocrane.io/started") + 32;
const bareError = "error/2026-01-31T12:00:00/";

Deno.test("an error is left out only where not even its bare level has room", () => {
  fc.assert(
    fc.property(fullCase, (one) => {
      const { patch, after } = carriedOut(one);
      const kept = read(one.pod);
      for (const name of patch.leftOut) {
        const probe = kept.probes.find((probe) => probe.name === name)!;
        if (!("problem" in probe) && one.verdicts.get(name)?.level !== "error") continue;
        const status = `status.autocrane.io/${name}`;
        const held = after.metadata!.annotations![status];
        const least = "problem" in probe ? byteLength(`${badAnnotation}…`) : 0;
        const needed = byteLength(bareError) + least -
          (held === undefined ? -byteLength(status) : byteLength(held));
        ok(annotationBytes(after) + needed + reserve > maxAnnotationBytes, `${name} would have fitted`);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("the label is the most severe of the statuses that count, applications' included", () => {
  fc.assert(fc.property(anyCase, (one) => {
    const { patch, after } = carriedOut(one);
    fc.pre(patch.leftOut.length === 0);
    const current = statusesOf(after.metadata!.annotations!).filter((status) => isCurrent(status, now));
    equal(labelOf(after), healthOf(current));
  }));
});

Deno.test("a status that is left out gives its old value's room to nobody", () => {
  const annotations: Record<string, string> = {
    "probe.autocrane.io/a": "POD_IP:80/",
    "status.autocrane.io/a": "info/2026-01-31T11:00:00/",
    "probe.autocrane.io/b": "POD_IP:80/",
    "autocrane.io/started": "2026-01-31T11:00:00Z",
    note: "",
  };
  annotations.note = "x".repeat(maxAnnotationBytes - annotationBytes(makePod({ annotations })));
  const verdicts = new Map([
    ["a", { level: "error" as const, message: "" }],
    ["b", { level: "info" as const, message: "" }],
  ]);
  const { patch, after } = carriedOut({ pod: makePod({ annotations }), verdicts });
  deepEqual(patch.leftOut, ["a", "b"]);
  equal(annotationBytes(after), maxAnnotationBytes);
});

Deno.test("a label is repaired on a pod whose annotations are full, without the start", () => {
  const status = "error/2026-01-31T11:00:00/x";
  const annotations = { "probe.autocrane.io/a": "POD_IP:80/", "status.autocrane.io/a": status, note: "" };
  annotations.note = "x".repeat(maxAnnotationBytes - annotationBytes(makePod({ annotations })));
  const { patch } = carriedOut({ pod: makePod({ annotations }), verdicts: new Map() });
  deepEqual(patch.annotations, {});
  deepEqual(patch.labels, { "status.autocrane.io/health": "error" });
});

Deno.test("a thousand failing watchdogs share the room: every level fits, the messages are cut alike", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `watchdog-${String(i).padStart(4, "0")}`);
  const pod = makePod({
    annotations: Object.fromEntries(names.map((name) => [`probe.autocrane.io/${name}`, "POD_IP:80/"])),
  });
  const verdicts = new Map(
    names.map((name) => [name, { level: "error" as const, message: "x".repeat(500) }]),
  );
  const { patch, after } = carriedOut({ pod, verdicts });
  deepEqual(patch.leftOut, []);
  ok(annotationBytes(after) <= maxAnnotationBytes);
  const lengths = statusesOf(after.metadata!.annotations!).map(({ status }) => status!.message.length);
  equal(lengths.length, 1000);
  equal(new Set(lengths).size, 1);
  ok(lengths[0]! > 100, `${lengths[0]} characters`);
});

Deno.test("where not all levels fit, the errors are written first and the rest is named", () => {
  const names = Array.from({ length: 20 }, (_, i) => `w${String(i).padStart(2, "0")}`);
  const probes = Object.fromEntries(names.map((name) => [`probe.autocrane.io/${name}`, "POD_IP:80/"]));
  const taken = annotationBytes(makePod({ annotations: probes })) + "note".length;
  const room = 500;
  const note = "x".repeat(maxAnnotationBytes - taken - room);
  const verdicts = new Map(names.map((name, i) => {
    return [
      name,
      i % 2 ? { level: "error" as const, message: "m" } : { level: "info" as const, message: "m" },
    ];
  }));
  const { patch } = carriedOut({ pod: makePod({ annotations: { ...probes, note } }), verdicts });
  ok(patch.changes.length > 0 && patch.leftOut.length > 0);
  deepEqual(patch.changes.map(({ to }) => to), patch.changes.map(() => "error"));
  equal(patch.changes.length + patch.leftOut.length, 20);
});
