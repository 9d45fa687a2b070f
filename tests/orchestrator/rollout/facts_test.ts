import { deepEqual, equal } from "node:assert/strict";
import type { Pod } from "../../../k8s/core_v1.ts";
import { formatDataRequest, formatDataStatus } from "../../../lib/contract/data_version.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { podReader } from "../../../lib/orchestrator/pod.ts";
import { dataFacts } from "../../../lib/orchestrator/rollout/facts.ts";
import { version } from "../../support/data_version.ts";

const deploys = { "data.autocrane.io/config": "config" };

function facts(annotations: Record<string, string>, more: Partial<Pod> & { manager?: string } = {}) {
  const { manager = fieldManager.watchdogprober, ...pod } = more;
  const fields = Object.fromEntries(Object.keys(annotations).map((name) => [`f:${name}`, {}]));
  const managedFields = [{ manager, fieldsV1: { "f:metadata": { "f:annotations": fields } } }];
  return dataFacts({ metadata: { annotations, managedFields }, ...pod }, fieldManager.watchdogprober);
}

Deno.test("a pod that says nothing of data has no facts, and is no pod at all without watchdogs", () => {
  equal(facts({ "probe.autocrane.io/x": "POD_IP:1/" }), undefined);
  const read = podReader(fieldManager.watchdogprober);
  equal(read({ metadata: { name: "a" } }), undefined);
  const both = read({ metadata: { name: "a", annotations: deploys } })!;
  deepEqual([both.watched, both.data!.deployments], [false, [{ name: "config", source: "config" }]]);
  equal(read({ metadata: { annotations: { "status.autocrane.io/x": "info/x/y" } } })!.watched, true);
});

Deno.test("a status counts only where the prober wrote it", () => {
  const status = formatDataStatus({ ...version(1), state: "applied", message: "", probed: 5 });
  const annotations = { ...deploys, "status.data.autocrane.io/config": status };
  equal(facts(annotations)!.statuses.get("config")!.probed, 5);
  equal(facts(annotations, { manager: "kubectl" })!.statuses.size, 0);
});

Deno.test("requests are read whoever wrote them, also those that cannot be", () => {
  const annotations = {
    ...deploys,
    "request.data.autocrane.io/config": formatDataRequest(version(1)),
    "request.data.autocrane.io/other": "nonsense",
  };
  const { requests } = facts(annotations)!;
  deepEqual(requests.get("config"), version(1));
  deepEqual(requests.get("other"), { problem: "is not base64 of JSON" });
});

Deno.test("restarts, crashes and when they were are those of all containers", () => {
  const container = { name: "a", image: "", imageID: "", ready: false };
  const ended = { terminated: { exitCode: 137, finishedAt: "2026-01-31T12:00:00Z" } };
  const { restarts, restartedAt, crashing } = facts(deploys, {
    status: {
      containerStatuses: [{ ...container, restartCount: 2, lastState: ended }],
      initContainerStatuses: [{ ...container, restartCount: 1, state: { terminated: { exitCode: 0 } } }],
    },
  })!;
  deepEqual([restarts, restartedAt, crashing], [3, Date.parse("2026-01-31T12:00:00Z"), false]);
  const crashes = [{ waiting: { reason: "CrashLoopBackOff" } }, { terminated: { exitCode: 1 } }];
  for (const state of crashes) {
    const status = { containerStatuses: [{ ...container, restartCount: 0, state }] };
    equal(facts(deploys, { status })!.crashing, true);
  }
});
