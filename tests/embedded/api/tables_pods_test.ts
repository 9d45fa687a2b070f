import { deepEqual, equal } from "node:assert/strict";
import { humanDuration } from "../../../lib/embedded/api/tables/duration.ts";
import { podOf, podVectors, rowOf } from "./pod_vectors.ts";
import { ago, shown, table } from "./shown.ts";

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
const durations: [number, string][] = [
  [-5 * second, "<invalid>"],
  [-second, "0s"],
  [0, "0s"],
  [119 * second, "119s"],
  [120 * second, "2m"],
  [605 * second, "10m"],
  [599 * second, "9m59s"],
  [179 * 60 * second, "179m"],
  [3 * hour, "3h"],
  [4.5 * hour, "4h30m"],
  [8 * hour + 60 * second, "8h"],
  [47 * hour, "47h"],
  [3 * day + 4 * hour, "3d4h"],
  [7 * day, "7d"],
  [8 * day + 5 * hour, "8d"],
  [729 * day, "729d"],
  [3 * 365 * day + 2 * day, "3y2d"],
  [9 * 365 * day, "9y"],
];
for (const [ms, said] of durations) {
  Deno.test(`${ms / 1000} seconds are ${said}`, () => equal(humanDuration(ms), said));
}

for (const vector of podVectors) {
  Deno.test(`a pod that ${vector.what} is shown as ${vector.row}`, () => {
    equal(rowOf(table("pods", podOf(vector)).rows[0]!.cells), vector.row);
  });
}

Deno.test("a pod's row says how long ago it was restarted, where it is and which gates are open", () => {
  const readinessGates = [{ conditionType: "a.io/x" }, { conditionType: "a.io/y" }];
  const lastState = { terminated: { exitCode: 1, finishedAt: ago(5) } };
  const pod = {
    kind: "Pod",
    metadata: { name: "web", creationTimestamp: ago(90) },
    spec: { containers: [{ name: "app" }], nodeName: "node-1", readinessGates },
    status: {
      phase: "Running",
      podIPs: [{ ip: "127.1.2.3" }],
      conditions: [{ type: "a.io/x", status: "True" }],
      containerStatuses: [{ name: "app", ready: true, restartCount: 1, state: { running: {} }, lastState }],
    },
  };
  deepEqual(shown("pods", pod), {
    Name: "web",
    Ready: "1/1",
    Status: "Running",
    Restarts: "1 (5s ago)",
    Age: "90s",
    IP: "127.1.2.3",
    Node: "node-1",
    "Nominated Node": "<none>",
    "Readiness Gates": "1/2",
  });
});

Deno.test("pods that have ended are marked, so that a client may leave them out", () => {
  const conditions = (phase: string) =>
    table("pods", { kind: "Pod", metadata: {}, spec: { containers: [] }, status: { phase } }).rows[0]!
      .conditions;
  deepEqual(conditions("Failed"), [
    { type: "Completed", status: "True", reason: "Failed", message: "The pod has failed." },
  ]);
  equal(conditions("Running"), undefined);
});
