/**
 * Arbitrary pods: probes good and bad, statuses of everybody, and annotations up to the limit.
 *
 * @module
 */
import fc from "fast-check";
import type { Pod } from "../../../k8s/core_v1.ts";
import { maxAnnotationBytes } from "../../../lib/contract/keys.ts";
import type { Verdict } from "../../../lib/watchdog/prober/thresholds.ts";
import { anyText } from "../../contract/any_text.ts";
import { annotationBytes, makePod } from "./build.ts";

/** The moment at which the properties' pods are looked at. */
export const now = Date.UTC(2026, 0, 31, 12, 0, 0);

/** A pod and what its probes came to. */
export interface Case {
  readonly pod: Pod;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

const message = fc.oneof(anyText(20), anyText(600), fc.constant("x".repeat(511)));
const time = fc.constantFrom("2026-01-31T11:00:00", "2026-01-31T12:00:00", "2026-01-31T13:00:00", "never");

const verdict = fc.record({
  level: fc.constantFrom("error" as const, "info" as const),
  message,
});

const status = fc.oneof(
  fc.tuple(fc.constantFrom("error", "warning", "info", "Info", "fatal"), time, message)
    .map((parts) => parts.join("/")),
  fc.constantFrom("", "x", "error/2026-01-31T11:00:00/bad annotation: probe"),
);

const watchdog = fc.record({
  probe: fc.option(fc.constantFrom("POD_IP:80/", "POD_IP:80/b?c=d", "localhost:80/", "")),
  options: fc.option(fc.constantFrom("failures=2", "action=report", "interval=1ms", "what")),
  status: fc.option(status),
  expires: fc.option(time, { freq: 3 }),
  ours: fc.boolean(),
  verdict: fc.option(verdict),
});

const name = fc.oneof(
  fc.constantFrom("a", "b", "disk", "health"),
  fc.integer({ min: 1, max: 63 }).map((length) => "n".repeat(length)),
  fc.integer({ min: 0, max: 999 }).map((number) => `w${number}`),
);

interface Sketched {
  readonly watchdogs: Readonly<Record<string, typeof watchdog extends fc.Arbitrary<infer W> ? W : never>>;
  readonly label: string | null;
  readonly started: string | null;
  /** Bytes that all annotations leave free; none says that nothing fills them up. */
  readonly free: number | null;
}

const sketched = {
  watchdogs: fc.dictionary(name, watchdog, { maxKeys: 12, noNullPrototype: true }),
  label: fc.option(fc.constantFrom("error", "warning", "info", "unknown", "nonsense")),
  started: fc.option(fc.constantFrom("2026-01-31T11:00:00Z", "2026-01-31T10:00:00Z", "x")),
};
const free = fc.integer({ min: 0, max: 1500 });

/** Pods with room in their annotations. */
export const anyCase: fc.Arbitrary<Case> = fc.record({ ...sketched, free: fc.constant(null) }).map(caseOf);

/** Pods with hardly any: rare, large, and slow to look at. */
export const fullCase: fc.Arbitrary<Case> = fc.record({ ...sketched, free }).map(caseOf);

function caseOf({ watchdogs, label, started, free }: Sketched): Case {
  const annotations: Record<string, string> = {};
  const ours: string[] = [];
  const verdicts = new Map<string, Verdict>();
  for (const [name, one] of Object.entries(watchdogs)) {
    if (one.probe !== null) annotations[`probe.autocrane.io/${name}`] = one.probe;
    if (one.options !== null) annotations[`probe-options.autocrane.io/${name}`] = one.options;
    if (one.status !== null) annotations[`status.autocrane.io/${name}`] = one.status;
    if (one.expires !== null) annotations[`expires.status.autocrane.io/${name}`] = one.expires;
    if (one.ours) ours.push(name);
    if (one.verdict !== null) verdicts.set(name, one.verdict);
  }
  if (started !== null) annotations["autocrane.io/started"] = started;
  if (free !== null) fill(annotations, free);
  const labels: Record<string, string> = label === null ? {} : { "status.autocrane.io/health": label };
  // The prober keeps nothing of a pod without any watchdog.
  annotations["probe.autocrane.io/always"] ??= "POD_IP:1/";
  return { pod: makePod({ annotations, labels, ours }), verdicts };
}

/** Somebody's long annotation that leaves `free` bytes. */
function fill(annotations: Record<string, string>, free: number): void {
  annotations.note = "";
  const taken = annotationBytes(makePod({ annotations })) + "probe.autocrane.io/alwaysPOD_IP:1/".length;
  annotations.note = "x".repeat(Math.max(0, maxAnnotationBytes - taken - free));
}
