import { equal, ok } from "node:assert/strict";
import { maxAnnotationBytes } from "../../../lib/contract/keys.ts";
import { decide } from "../../../lib/watchdog/prober/decide.ts";
import type { Verdict } from "../../../lib/watchdog/prober/thresholds.ts";
import { annotationBytes, makePod, patched, read } from "./build.ts";

const now = Date.UTC(2026, 0, 31, 12, 0, 0);
const names = Array.from({ length: 1000 }, (_, i) => `watchdog-${i}`);
const loud: Verdict = { level: "error", message: "x".repeat(500) };

Deno.test("watchdogs that report first leave room for those that report later", () => {
  let pod = makePod({
    annotations: Object.fromEntries(names.map((name) => [`probe.autocrane.io/${name}`, "POD_IP:80/"])),
  });
  for (let told = 100; told <= names.length; told += 100) {
    const verdicts = new Map(names.slice(0, told).map((name) => [name, loud]));
    const patch = decide(read(pod), verdicts, true, now);
    equal(patch.leftOut.length, 0);
    equal(patch.changes.length, 100);
    pod = patched(pod, patch);
    ok(annotationBytes(pod) <= maxAnnotationBytes);
  }
  const lengths = names.map((name) => pod.metadata!.annotations![`status.autocrane.io/${name}`]!.length);
  ok(Math.min(...lengths) > 100, "and room for words as well");
});
