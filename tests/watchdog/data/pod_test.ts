import { deepEqual, equal, ok } from "node:assert/strict";
import type { Pod } from "../../../k8s/core_v1.ts";
import { deployedData } from "../../../lib/watchdog/data/pod.ts";
import { makePod, reading } from "../prober/build.ts";
import { applied, dataPod } from "./build.ts";
import { version } from "../../support/data_version.ts";

function read(pod: Pod) {
  return deployedData(pod, reading);
}

Deno.test("a pod that only deploys data is seen, one that does not is not", () => {
  deepEqual(read(dataPod({ requests: { config: 3 } }))!.requests, new Map([["config", version(3)]]));
  equal(read(makePod({ annotations: { "probe.autocrane.io/x": "POD_IP:1/" } })), undefined);
  equal(read(makePod({ annotations: { "store.autocrane.io/deps": "source" } })), undefined);
});

Deno.test("what the prober left on a pod is seen as long as it is there", () => {
  const held = { old: applied(1) };
  ok(read(dataPod({ names: [], held })));
  equal(read(dataPod({ names: [], held, manager: "kubectl" })), undefined);
});

Deno.test("a deployer is reached while its pod still waits for it, never when the pod ends", () => {
  const address = (status: Pod["status"]) =>
    read(dataPod({ status: { podIP: "10.0.0.1", ...status } }))!.address;
  equal(address({ phase: "Pending" }), "10.0.0.1");
  equal(address({ phase: "Running" }), "10.0.0.1");
  equal(address({ phase: "Succeeded" }), undefined);
  const ending = dataPod();
  ending.metadata!.deletionTimestamp = "2026-01-31T12:00:00Z";
  equal(read(ending)!.address, undefined);
  equal(read(dataPod({ spec: { hostNetwork: true } }))!.address, undefined);
});

Deno.test("requests that cannot be read, or ask for nothing that is deployed, ask for nothing", () => {
  const annotations = { "request.data.autocrane.io/config": "x", "request.data.autocrane.io/y": "x" };
  equal(read(dataPod({ annotations }))!.requests.size, 0);
  equal(read(dataPod({ requests: { elsewhere: 1 } }))!.requests.size, 0);
});
