import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Container, Pod } from "../../../k8s/core_v1.ts";
import { probesOf } from "../../../lib/contract/probe.ts";
import { isGate, podReader } from "../../../lib/watchdog/prober/pod.ts";
import { container, makePod, read, readiness, reading } from "./build.ts";

const probe = { "probe.autocrane.io/disk": "POD_IP:8080/disk" };

Deno.test("of a pod that no watchdog concerns nothing is kept", () => {
  equal(podReader(reading)(makePod({ annotations: { note: "x" } })), undefined);
});

Deno.test("a pod with a probe, a status or the label alone is kept", () => {
  const keep = podReader(reading);
  ok(keep(makePod({ annotations: probe })));
  ok(keep(makePod({ annotations: { "status.autocrane.io/disk": "whatever" } })));
  ok(keep(makePod({ labels: { "status.autocrane.io/health": "error" } })));
});

Deno.test("an object without any field is no reason to fail", () => {
  equal(podReader(reading)({}), undefined);
  equal(read({ metadata: { annotations: probe } }).address, undefined);
});

for (const phase of ["Pending", "Succeeded", "Failed", "Unknown"]) {
  Deno.test(`a pod in phase ${phase} has no address to probe`, () => {
    equal(read(makePod({ annotations: probe, status: { phase } })).address, undefined);
  });
}

Deno.test("a pod that terminates has no address to probe", () => {
  const pod = makePod({ annotations: probe });
  pod.metadata!.deletionTimestamp = "2026-01-31T12:00:00Z";
  equal(read(pod).address, undefined);
});

Deno.test("a running pod without an address yet has none", () => {
  const { podIP: _, ...status } = makePod().status!;
  equal(read({ ...makePod({ annotations: probe }), status }).address, undefined);
});

Deno.test("a pod on the host's network is probed only where a setting allows it", () => {
  const pod = makePod({ annotations: probe, spec: { hostNetwork: true } });
  equal(read(pod).address, undefined);
  equal(read(pod, { probeHostNetwork: true }).address, "10.0.0.1");
});

/** A ready pod's spec and status, and one thing more. */
function podWith({ spec = {}, status = {} }: Pick<Pod, "status"> & { spec?: Partial<Pod["spec"]> }): Pod {
  return makePod({ annotations: probe, spec: spec as NonNullable<Pod["spec"]>, status });
}

Deno.test("every container of the pod must be ready", () => {
  const spec = { containers: [container("app"), container("helper")] };
  const both = (helper: boolean) => [readiness("app", true), readiness("helper", helper)];
  equal(read(podWith({ spec, status: { containerStatuses: both(true) } })).ready, true);
  equal(read(podWith({ spec, status: { containerStatuses: both(false) } })).ready, false);
});

Deno.test("a container whose status is not reported yet is not ready", () => {
  equal(read(podWith({ status: { containerStatuses: [] } })).ready, false);
  const { containerStatuses: _, ...status } = makePod().status!;
  equal(read({ ...makePod({ annotations: probe }), status }).ready, false);
});

Deno.test("the gate's container need not be ready: it waits for the probes", () => {
  const spec = { containers: [container("app"), container("watchdoghealthz")] };
  const containerStatuses = [readiness("app", true), readiness("watchdoghealthz", false)];
  equal(read(podWith({ spec, status: { containerStatuses } })).ready, true);
});

Deno.test("a gate that runs as a native sidecar need not be ready either", () => {
  const gate = container("gate", { restartPolicy: "Always", args: ["watchdoghealthz"] });
  const status = { initContainerStatuses: [readiness("gate", false)] };
  equal(read(podWith({ spec: { initContainers: [gate] }, status })).ready, true);
});

Deno.test("ephemeral and finished init containers do not count, native sidecars do", () => {
  const status = {
    initContainerStatuses: [readiness("setup", false), readiness("proxy", true)],
    ephemeralContainerStatuses: [readiness("debug", false)],
  };
  const proxy = container("proxy", { restartPolicy: "Always" });
  const spec = { initContainers: [container("setup"), proxy], ephemeralContainers: [{ name: "debug" }] };
  equal(read(podWith({ spec, status })).ready, true);
  const late = { initContainerStatuses: [readiness("setup", true), readiness("proxy", false)] };
  equal(read(podWith({ spec, status: late })).ready, false);
});

const gates: readonly Container[] = [
  { name: "watchdoghealthz" },
  { name: "gate", args: ["watchdoghealthz"] },
  { name: "gate", args: ["WatchdogHealthz", "--Watchdogs:MinReadySeconds=60"] },
  { name: "gate", command: ["/autocrane", "watchdoghealthz"] },
  { name: "gate", command: ["/autocrane"], args: ["watchdoghealthz"] },
  { name: "gate", env: [{ name: "AUTOCRANE_ARGS", value: " watchdoghealthz --x=1" }] },
];
for (const gate of gates) {
  Deno.test(`${JSON.stringify(gate)} is the gate`, () => equal(isGate(gate), true));
}

const others: readonly Container[] = [
  { name: "app" },
  { name: "app", args: ["serve", "watchdoghealthz"] },
  { name: "app", env: [{ name: "OTHER", value: "watchdoghealthz" }] },
  { name: "app", args: ["watchdoghealthz"], env: [{ name: "AUTOCRANE_ARGS", value: "datadeploy" }] },
  { name: "app", env: [{ name: "AUTOCRANE_ARGS", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
];
for (const other of others) {
  Deno.test(`${JSON.stringify(other)} is not the gate`, () => equal(isGate(other), false));
}

Deno.test("a start time is kept as Kubernetes writes it, and one that is none is not kept", () => {
  equal(read(makePod({ annotations: probe })).started, "2026-01-31T11:00:00Z");
  equal(read(makePod({ annotations: probe, status: { startTime: "soon" } })).started, undefined);
});

Deno.test("the statuses that the prober wrote are known by their field manager", () => {
  const annotations = {
    "status.autocrane.io/mine": "info/2026-01-31T12:00:00/x",
    "status.autocrane.io/theirs": "info/2026-01-31T12:00:00/x",
  };
  deepEqual(read(makePod({ annotations, ours: ["mine"] })).ours, ["mine"]);
  deepEqual(read(makePod({ annotations, ours: ["mine"] }), { fieldManager: "someone" }).ours, []);
});

Deno.test("what the annotations of others take is counted in bytes, keys and values", () => {
  const annotations = { ...probe, "status.autocrane.io/disk": "info/2026-01-31T12:00:00/x", note: "é" };
  const expected = "probe.autocrane.io/disk".length + "POD_IP:8080/disk".length + "note".length + 2;
  equal(read(makePod({ annotations })).foreignBytes, expected);
});

Deno.test("pods with the same probes share one reading of them, others do not", () => {
  const keep = podReader(reading);
  const first = keep(makePod({ annotations: probe, uid: "a" }))!;
  const second = keep(makePod({ annotations: { ...probe, note: "x" }, uid: "b" }))!;
  equal(first.probes, second.probes);
  const options = { "probe-options.autocrane.io/disk": "failures=2" };
  const third = keep(makePod({ annotations: { ...probe, ...options }, uid: "c" }))!;
  ok("options" in third.probes[0]! && third.probes[0].options.failures === 2);
});

Deno.test("a probe that cannot be read is kept with what is wrong about it", () => {
  const [bad] = read(makePod({ annotations: { "probe.autocrane.io/disk": "localhost:80/" } })).probes;
  ok(bad && "problem" in bad && bad.problem.includes("POD_IP"));
});

Deno.test("a thousand watchdogs on one pod are all kept", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `w${i}`);
  const annotations = Object.fromEntries(names.map((name) => [`probe.autocrane.io/${name}`, "POD_IP:1/"]));
  deepEqual(read(makePod({ annotations })).probes.map(({ name }) => name), names);
});

Deno.test("pods that share a reading have the same probes, whatever their annotations hold", () => {
  const part = fc.constantFrom(
    "",
    "a",
    "b",
    "\n",
    "\nundefined",
    "undefined",
    '"',
    '","',
    "null",
    "POD_IP:1/",
  );
  const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
  const map = fc.dictionary(text, fc.record({ probe: text, options: fc.option(text, { nil: undefined }) }), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  const annotationsOf = (watchdogs: Record<string, { probe: string; options: string | undefined }>) =>
    Object.fromEntries(
      Object.entries(watchdogs).flatMap(([name, { probe, options }]) => [
        [`probe.autocrane.io/${name}`, probe],
        ...(options === undefined ? [] : [[`probe-options.autocrane.io/${name}`, options]]),
      ]),
    );
  const keep = podReader(reading);
  fc.assert(
    fc.property(map, map, (a, b) => {
      for (const watchdogs of [a, b]) {
        const annotations = annotationsOf(watchdogs);
        deepEqual(keep(makePod({ annotations }))?.probes ?? [], probesOf(annotations, reading.defaults));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a line break in one pod's annotation does not change what another pod asks for", () => {
  const keep = podReader(reading);
  const probes = (annotations: Record<string, string>) => keep(makePod({ annotations }))!.probes;
  probes({
    "probe.autocrane.io/a": "POD_IP:1/\nundefined\nb\nPOD_IP:2/",
    "probe-options.autocrane.io/a": "failures=2",
  });
  const two = probes({
    "probe.autocrane.io/a": "POD_IP:1/",
    "probe.autocrane.io/b": "POD_IP:2/",
    "probe-options.autocrane.io/b": "failures=2",
  });
  deepEqual(two.map(({ name }) => name), ["a", "b"]);
  probes({ "probe.autocrane.io/c": "POD_IP:1/", "probe-options.autocrane.io/c": "undefined" });
  ok("target" in probes({ "probe.autocrane.io/c": "POD_IP:1/" })[0]!);
});
