import { equal } from "node:assert/strict";
import { phaseOf } from "../../../lib/embedded/node/phase.ts";
import { end, fullPlan, is, type Shown, viewOf } from "./build.ts";

const initialized = { init: is.ended(0), proxy: is.running };
const gone = { state: is.refused, last: end(1) };

interface Example {
  readonly when: string;
  readonly shown: Record<string, Shown>;
  readonly policy?: string;
  readonly over?: boolean;
  readonly phase: string;
}

const examples: Example[] = [
  { when: "nothing has started", shown: {}, phase: "Pending" },
  { when: "an init container runs", shown: { init: is.running }, phase: "Pending" },
  { when: "an init container failed and is tried again", shown: { init: is.ended(1, 10) }, phase: "Pending" },
  {
    when: "an init container failed for good",
    shown: { init: is.ended(1) },
    policy: "Never",
    phase: "Failed",
  },
  {
    when: "a sidecar has not started yet",
    shown: { init: is.ended(0), proxy: is.starting },
    phase: "Pending",
  },
  {
    when: "a main container cannot be started",
    shown: { ...initialized, app: is.running, helper: is.refused },
    phase: "Pending",
  },
  { when: "all run", shown: { ...initialized, app: is.running, helper: is.running }, phase: "Running" },
  {
    when: "one runs and one has ended",
    shown: { ...initialized, app: is.running, helper: is.ended(0) },
    phase: "Running",
  },
  {
    when: "a sidecar is restarted",
    shown: { init: is.ended(0), proxy: is.ended(1), app: is.running, helper: is.running },
    phase: "Running",
  },
  {
    when: "all wait to be restarted",
    shown: { ...initialized, proxy: is.ended(1), app: is.ended(0), helper: is.ended(1) },
    phase: "Running",
  },
  {
    when: "one that ran cannot be started again",
    shown: { ...initialized, app: is.running, helper: gone },
    phase: "Running",
  },
  {
    when: "all are through and a sidecar still runs",
    shown: { ...initialized, app: is.ended(0), helper: is.ended(0) },
    policy: "Never",
    phase: "Running",
  },
  {
    when: "all have succeeded",
    shown: { ...initialized, proxy: is.ended(143), app: is.ended(0), helper: is.ended(0) },
    policy: "Never",
    phase: "Succeeded",
  },
  {
    when: "one has failed for good",
    shown: { ...initialized, proxy: is.ended(0), app: is.ended(0), helper: is.ended(1) },
    policy: "Never",
    phase: "Failed",
  },
  {
    when: "a deleted pod's containers have ended by SIGTERM",
    shown: { ...initialized, proxy: is.ended(0), app: is.ended(143), helper: is.ended(0) },
    over: true,
    phase: "Failed",
  },
  {
    when: "a deleted pod's containers have all ended well",
    shown: { ...initialized, proxy: is.ended(0), app: is.ended(0), helper: is.ended(0) },
    over: true,
    phase: "Succeeded",
  },
];

for (const { when, shown, policy, over = false, phase } of examples) {
  Deno.test(`a pod is ${phase} when ${when}`, () => {
    const plan = fullPlan(policy);
    equal(phaseOf(plan, viewOf(plan, shown), over), phase);
  });
}
