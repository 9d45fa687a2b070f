import { deepEqual, equal, ok } from "node:assert/strict";
import { Registry } from "../../../lib/runtime/metrics.ts";
import type { JudgedPod } from "../../../lib/orchestrator/pod.ts";
import type { Workload } from "../../../lib/orchestrator/workload.ts";
import type { Look } from "../../../lib/orchestrator/rollout/observe.ts";
import { emptyState } from "../../../lib/orchestrator/rollout/state.ts";
import { Teller } from "../../../lib/orchestrator/rollout/telling.ts";
import type { Log } from "../../../lib/runtime/log.ts";
import { silentLog } from "../../support/silent_log.ts";
import { dataPod, rolloutModel, version } from "./build.ts";

const commit = "e205187cd0a9f6c3a0b1c2d3e4f5061728394a5b";
const pushed = { ...version(1), path: `6b06e8be-${commit}.tar` };
const said = {
  source: "maps",
  rule: "promoted",
  words: `6b06e8be-${commit} is known good`,
  version: pushed,
} as const;
const held = {
  namespace: "shop",
  name: "data-shop",
  uid: "map-uid",
  resourceVersion: "1",
  state: emptyState,
  notes: { kept: undefined, catalogue: undefined, settings: undefined },
};

/** A pod of a workload that deploys a source. */
function deploying(source: string, workload: string | undefined): JudgedPod {
  return { workload, data: { deployments: [{ name: source, source }] } } as unknown as JudgedPod;
}

/** A teller, what it recorded, and what it logged. */
function telling(): { teller: Teller; events: [on: string, note: string][]; logged: string[] } {
  const events: [string, string][] = [];
  const logged: string[] = [];
  const log: Log = { ...silentLog, info: (_, fields) => void logged.push(String(fields?.version)) };
  const recorder = {
    record: ({ kind, name }: { kind: string; name: string }, { note }: { note: string }) =>
      void events.push([`${kind}/${name}`, note]),
  };
  return {
    teller: new Teller({ recorder, own: "autocrane", log, registry: new Registry() }),
    events,
    logged,
  };
}

function look(...pods: JudgedPod[]): Look {
  const workloadOf = (pod: JudgedPod) => {
    const name = (pod as unknown as { workload?: string }).workload;
    return name &&
      { apiVersion: "apps/v1", kind: "Deployment", name, uid: `${name}-uid` } as unknown as Workload;
  };
  return { model: rolloutModel([], []), pods, workloadOf } as unknown as Look;
}

Deno.test("what happened to a source is one Event on each workload that deploys it, in short names", () => {
  const { teller, events, logged } = telling();
  const pods = [deploying("maps", "web"), deploying("maps", "web"), deploying("other", "batch")];
  teller.happened(said, look(...pods), held);
  deepEqual(events, [["Deployment/web", "maps: 6b06e8be-e205187 is known good"]]);
  deepEqual(logged, [pushed.path]);
});

Deno.test("where no workload deploys the source its Event is on the state's ConfigMap", () => {
  const { teller, events } = telling();
  teller.happened(said, look(deploying("maps", undefined)), held);
  deepEqual(events.map(([on]) => on), ["ConfigMap/data-shop"]);
});

Deno.test("a request out of turn is an Event on the pod, in short names", () => {
  const { teller, events } = telling();
  const why = { rule: "canary", words: "a canary" } as const;
  const request = { pod: dataPod("web-1"), name: "maps", source: "maps", version: pushed, why };
  teller.asked("shop", [request], { did: "asked" });
  equal(events.length, 1);
  ok(events[0]![1].startsWith("maps: asked for 6b06e8be-e205187: "), events[0]![1]);
});
