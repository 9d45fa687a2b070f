import { deepEqual, equal, ok } from "node:assert/strict";
import { formatDataStatus } from "../../../lib/contract/data_version.ts";
import { maxAnnotationBytes, prefix } from "../../../lib/contract/keys.ts";
import { decide as decidePod } from "../../../lib/watchdog/prober/decide.ts";
import { decideData } from "../../../lib/watchdog/data/decide.ts";
import { annotationBytes, patched, read } from "../prober/build.ts";
import { applied, dataPod, type DataSketch } from "./build.ts";
import { version } from "../../support/data_version.ts";

const config = prefix.dataStatus + "config";

function decided(
  sketch: DataSketch,
  told: Record<string, ReturnType<typeof applied>> | undefined,
  free = 1e6,
) {
  return decideData(read(dataPod(sketch)).data!, told && new Map(Object.entries(told)), free);
}

Deno.test("what a deployer says is written, and not written again while it says the same", () => {
  const { annotations, changes } = decided({}, { config: applied(1) });
  deepEqual(annotations, { [config]: formatDataStatus(applied(1)) });
  deepEqual(changes, [{ name: "config", to: applied(1) }]);
  deepEqual(decided({ held: { config: applied(1) } }, { config: applied(1) }).annotations, {});
});

Deno.test("words that change by the second are no news, a state, fault, version or probe is", () => {
  const held = { config: applied(1, { state: "downloading", message: "3 of 9 MB" }) };
  const same = applied(1, { state: "downloading", message: "4 of 9 MB" });
  deepEqual(decided({ held }, { config: same }).annotations, {});
  const news = [
    applied(1),
    applied(2, { state: "downloading" }),
    applied(1, { state: "downloading", live: version(3) }),
    applied(1, { state: "failed", fault: "disk" }),
    applied(1, { state: "downloading", probed: 5 }),
  ];
  for (const one of news) equal(Object.keys(decided({ held }, { config: one }).annotations).length, 1);
});

Deno.test("a status that others wrote, as in a copied template, is replaced by the deployer's", () => {
  const sketch = { held: { config: applied(1, { probed: 5 }) }, manager: "kubectl" };
  deepEqual(decided(sketch, { config: applied(1) }).annotations, { [config]: formatDataStatus(applied(1)) });
});

Deno.test("a status goes with its deployment, and where its deployer has nothing any more", () => {
  const held = { config: applied(1), old: applied(2) };
  deepEqual(decided({ held }, undefined).annotations, { [prefix.dataStatus + "old"]: null });
  deepEqual(decided({ held: { config: applied(1) } }, {}).annotations, { [config]: null });
});

Deno.test("until a deployer has answered, what another prober wrote stays", () => {
  deepEqual(decided({ held: { config: applied(1) } }, undefined).annotations, {});
});

Deno.test("names that a pod does not deploy are not written, whatever its deployer says", () => {
  deepEqual(decided({}, { config: applied(1), forged: applied(2) }).changes.length, 1);
});

Deno.test("annotations are never filled beyond Kubernetes' limit, and what has no room is said", () => {
  const names = Array.from({ length: 40 }, (_, n) => `d${n}`);
  const told = new Map(names.map((name) => [name, applied(1, { message: "x".repeat(200) })]));
  const note = "x".repeat(maxAnnotationBytes - 8_000);
  const pod = dataPod({ names, annotations: { note, "probe.autocrane.io/app": "POD_IP:1/" } });
  const verdicts = new Map([["app", { level: "error" as const, message: "y".repeat(900) }]]);
  const patch = decidePod(read(pod), verdicts, true, 0, told);
  const after = patched(pod, patch);
  ok(annotationBytes(after) <= maxAnnotationBytes);
  // The watchdog's status goes first, as evictions hang on it.
  ok(after.metadata!.annotations!["status.autocrane.io/app"]!.startsWith("error/"));
  ok(patch.data.length > 0 && patch.leftOut.length > 0);
  equal(patch.data.length + patch.leftOut.length, names.length);
  ok(patch.leftOut.every((name) => name.startsWith("data d")));
});
