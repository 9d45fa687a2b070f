import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { type Circumstances, decide, type Step } from "../../../lib/embedded/node/decide.ts";
import { planOf, restarts } from "../../../lib/embedded/node/plan.ts";
import type { ContainerState } from "../../../lib/embedded/node/view.ts";
import { container, fullPlan, is, podWith, type Shown, sidecar, viewOf } from "./build.ts";

/** What is to be done, in short: `start app`, `stop app: deleted`. */
function told(steps: readonly Step[]): string[] {
  return steps.map((step) => {
    if (step.do === "finish") return "finish";
    return step.do === "start" ? `start ${step.container}` : `stop ${step.container}: ${step.why}`;
  });
}

function steps(
  shown: Record<string, Shown>,
  { policy = "Always", ...circumstances }: Partial<Circumstances> & {
    policy?: string;
  } = {},
): string[] {
  const plan = fullPlan(policy);
  return told(decide(plan, viewOf(plan, shown), { deleted: false, now: 0, ...circumstances }).steps);
}

const initialized = { init: is.ended(0), proxy: is.running };
const allRun = { ...initialized, app: is.running, helper: is.running };

Deno.test("containers start in their order: init, sidecar, then the main ones together", () => {
  deepEqual(steps({}), ["start init"]);
  deepEqual(steps({ init: is.running }), []);
  deepEqual(steps({ init: is.ended(0) }), ["start proxy"]);
  deepEqual(steps({ init: is.ended(0), proxy: is.starting }), []);
  deepEqual(steps(initialized), ["start app", "start helper"]);
  deepEqual(steps(allRun), []);
});

Deno.test("what is being started is not started twice", () => {
  deepEqual(steps({ init: { state: is.fresh, busy: true } }), []);
  deepEqual(steps({ ...initialized, app: { state: is.fresh, busy: true } }), ["start helper"]);
});

Deno.test("an init container that failed is tried again, and nothing else is", () => {
  deepEqual(steps({ init: is.ended(1) }), ["start init"]);
  deepEqual(steps({ init: is.ended(1) }, { policy: "OnFailure" }), ["start init"]);
});

Deno.test("where nothing is restarted, a failed init container ends the pod", () => {
  deepEqual(steps({ init: is.ended(1) }, { policy: "Never" }), ["finish"]);
});

Deno.test("a container that ended is restarted as its policy says", () => {
  const ended = (code: number) => ({ ...allRun, app: is.ended(code) });
  deepEqual(steps(ended(0)), ["start app"]);
  deepEqual(steps(ended(0), { policy: "OnFailure" }), []);
  deepEqual(steps(ended(1), { policy: "OnFailure" }), ["start app"]);
  deepEqual(steps(ended(1), { policy: "Never" }), []);
});

Deno.test("a container's own policy wins over the pod's", () => {
  const plan = planOf(
    podWith({ containers: [container("app", { restartPolicy: "Never" }), container("b")] }),
  );
  const view = viewOf(plan, { app: is.ended(1), b: is.running });
  deepEqual(decide(plan, view, { deleted: false, now: 0 }).steps, []);
});

Deno.test("a sidecar that ended is restarted while the main containers stay", () => {
  deepEqual(steps({ ...allRun, proxy: is.ended(0) }, { policy: "Never" }), ["start proxy"]);
});

Deno.test("a main container is restarted though a sidecar is down", () => {
  deepEqual(steps({ ...allRun, proxy: is.ended(1, 100), app: is.ended(1) }), ["start app"]);
});

Deno.test("a restart waits for its time", () => {
  const plan = fullPlan();
  const view = viewOf(plan, { ...allRun, app: is.ended(1, 5000), helper: is.refused });
  deepEqual(decide(plan, view, { deleted: false, now: 0 }), { steps: [], over: false, lookAgainAt: 100 });
  deepEqual(told(decide(plan, view, { deleted: false, now: 100 }).steps), ["start helper"]);
  equal(decide(plan, view, { deleted: false, now: 100 }).lookAgainAt, 5000);
});

Deno.test("a container that fails its probe is ended, once", () => {
  const failing: ContainerState = { ...is.running, failing: "liveness" };
  deepEqual(steps({ ...allRun, app: failing }), ["stop app: liveness"]);
  deepEqual(steps({ ...allRun, app: { state: failing, busy: true } }), []);
  deepEqual(steps({ init: is.ended(0), proxy: { ...is.starting, failing: "startup" } }), [
    "stop proxy: startup",
  ]);
});

Deno.test("when the main containers are through, sidecars end, and the pod is done", () => {
  const through = { ...initialized, app: is.ended(0), helper: is.ended(1) };
  deepEqual(steps(through, { policy: "Never" }), ["stop proxy: done"]);
  deepEqual(steps({ ...through, proxy: { state: is.running, busy: true } }, { policy: "Never" }), []);
  deepEqual(steps({ ...through, proxy: is.ended(143) }, { policy: "Never" }), ["finish"]);
});

Deno.test("a deleted pod's main containers end together, then its sidecars, the last one first", () => {
  const plan = planOf(
    podWith({ initContainers: [sidecar("a"), sidecar("b")], containers: [container("app")] }),
  );
  const after = (shown: Record<string, Shown>) =>
    told(decide(plan, viewOf(plan, shown), { deleted: true, now: 0 }).steps);
  const sidecars = { a: is.running, b: is.running };
  deepEqual(after({ ...sidecars, app: is.running }), ["stop app: deleted"]);
  deepEqual(after({ ...sidecars, app: { state: is.running, busy: true } }), []);
  deepEqual(after({ ...sidecars, app: is.ended(143) }), ["stop b: deleted"]);
  deepEqual(after({ ...sidecars, app: is.ended(143), b: is.ended(143) }), ["stop a: deleted"]);
  deepEqual(after({ app: is.ended(143), a: is.ended(143), b: is.ended(143) }), ["finish"]);
});

Deno.test("of a deleted pod nothing is started", () => {
  deepEqual(steps({}, { deleted: true }), ["finish"]);
  deepEqual(steps({ ...initialized, proxy: is.ended(0), app: is.ended(1) }, { deleted: true }), ["finish"]);
});

const anyState = fc.constantFrom<ContainerState>(
  is.fresh,
  is.running,
  is.starting,
  { ...is.running, failing: "liveness" },
  is.refused,
  is.ended(0),
  is.ended(1),
  is.ended(1, 5000),
);
const anyView = fc.record({ state: anyState, busy: fc.boolean() });
const anyPod = fc.record({ init: anyView, proxy: anyView, app: anyView, helper: anyView });
const anyPolicy = fc.constantFrom("Always", "OnFailure", "Never");

Deno.test("whatever a pod is like: only idle containers start, only running ones end, none twice", () => {
  fc.assert(fc.property(anyPod, anyPolicy, fc.boolean(), (shown, policy, deleted) => {
    const plan = fullPlan(policy);
    const view = viewOf(plan, shown);
    const decision = decide(plan, view, { deleted, now: 200 });
    const named = decision.steps.flatMap((step) => "container" in step ? [step.container] : []);
    equal(new Set(named).size, named.length);
    for (const step of decision.steps) {
      if (step.do === "finish") continue;
      const { state, busy } = view.get(step.container)!;
      ok(!busy);
      equal(state.is === "running", step.do === "stop");
      const one = plan.find(({ name }) => name === step.container)!;
      if (step.do === "start" && state.is === "ended") ok(restarts(one, state.end.code));
    }
    if (deleted) ok(decision.steps.every((step) => step.do !== "start"));
  }));
});

Deno.test("whatever a pod is like: something is done, under way, awaited, or stays as it should be", () => {
  fc.assert(fc.property(anyPod, anyPolicy, fc.boolean(), (shown, policy, deleted) => {
    const plan = fullPlan(policy);
    const view = viewOf(plan, shown);
    const { steps, lookAgainAt } = decide(plan, view, { deleted, now: 200 });
    const moves = [...view.values()].some(({ state, busy }) => busy || state.is === "running");
    ok(steps.length > 0 || lookAgainAt !== undefined || moves);
  }));
});
