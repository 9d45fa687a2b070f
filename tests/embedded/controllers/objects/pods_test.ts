import { deepEqual, equal } from "node:assert/strict";
import {
  availableIn,
  isActive,
  isReady,
  isTerminating,
} from "../../../../lib/embedded/controllers/objects/pods.ts";
import { before, minute, noon, pod, second } from "../build.ts";

Deno.test("a pod is active while it has not finished and is not told to go", () => {
  const going = { deletionTimestamp: before(0) };
  deepEqual(
    [pod("a"), pod("a", { phase: "Pending" }), pod("a", { phase: "Failed" }), pod("a", going)].map(isActive),
    [true, true, false, false],
  );
  deepEqual(
    [pod("a"), pod("a", going), pod("a", { ...going, phase: "Succeeded" })].map(isTerminating),
    [false, true, false],
  );
});

Deno.test("a pod without a condition is not ready", () => equal(isReady({ status: {} }), false));

Deno.test("a pod is available once it has been ready for minReadySeconds", () => {
  equal(availableIn(pod("a", { readyFor: minute }), 60, noon), 0);
  equal(availableIn(pod("a", { readyFor: 50 * second }), 60, noon), 10 * second);
  equal(availableIn(pod("a", { readyFor: undefined }), 0, noon), undefined);
  equal(availableIn(pod("a", { readyFor: 0 }), 0, noon), 0);
});

Deno.test("a pod that does not say since when it is ready is available only where none must wait", () => {
  const silent = { ...pod("a"), status: { conditions: [{ type: "Ready", status: "True" }] } };
  equal(availableIn(silent, 0, noon), 0);
  equal(availableIn(silent, 1, noon), undefined);
});
