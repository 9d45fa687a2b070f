import { deepEqual, equal } from "node:assert/strict";
import type { ProbeOutcome } from "../../../lib/embedded/node/probe_action.ts";
import type { ProbeKind, ProbePlan } from "../../../lib/embedded/node/probe_plan.ts";
import { type Found, Prober } from "../../../lib/embedded/node/prober.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** A run's probes with answers that a test decides. */
class Probed {
  readonly clock = new FakeClock();
  readonly asked: ProbeKind[] = [];
  readonly failures: string[] = [];
  readonly changes: Found[] = [];
  /** What is answered from now on. */
  answer: Partial<Record<ProbeKind, ProbeOutcome>> = {};
  readonly prober: Prober;

  constructor(probes: readonly ProbePlan[]) {
    this.prober = new Prober({
      probes,
      ask: (action) => {
        const kind = action.do === "exec" ? action.command[0] as ProbeKind : "readiness";
        this.asked.push(kind);
        return Promise.resolve(this.answer[kind] ?? { ok: true });
      },
      changed: () => this.changes.push(this.prober.found),
      failed: (kind, why) => this.failures.push(`${kind}: ${why}`),
      clock: this.clock,
    });
  }
}

function plan(kind: ProbeKind, more: Partial<ProbePlan> = {}): ProbePlan {
  return {
    kind,
    action: { do: "exec", command: [kind] },
    initialDelay: 0,
    period: 10_000,
    timeout: 1000,
    thresholds: { successes: 1, failures: 3 },
    grace: undefined,
    ...more,
  };
}

async function probing(probes: readonly ProbePlan[], body: (probed: Probed) => Promise<void>): Promise<void> {
  const probed = new Probed(probes);
  try {
    await body(probed);
  } finally {
    probed.prober.stop();
    await probed.clock.advance(0);
    equal(probed.clock.waiting, 0);
  }
}

const bad: ProbeOutcome = { ok: false, why: "no" };
const refused: ProbeOutcome = { ok: false, why: "connection refused", refused: true };

Deno.test("without probes a container is started and ready", () =>
  probing([], (probed) => {
    deepEqual(probed.prober.found, { started: true, ready: true, failing: undefined });
    return Promise.resolve();
  }));

Deno.test("a container is ready once its probe says so, and unready after three failures", () =>
  probing([plan("readiness")], async (probed) => {
    equal(probed.prober.found.ready, false);
    await probed.clock.advance(0);
    equal(probed.prober.found.ready, true);
    probed.answer = { readiness: bad };
    await probed.clock.advance(29_999);
    equal(probed.prober.found.ready, true);
    await probed.clock.advance(1);
    equal(probed.prober.found.ready, false);
    deepEqual(probed.failures, ["readiness: no", "readiness: no", "readiness: no"]);
    equal(probed.changes.length, 2);
  }));

Deno.test("as many successes in a row as wanted make it ready again", () =>
  probing([plan("readiness", { thresholds: { successes: 2, failures: 1 } })], async (probed) => {
    await probed.clock.advance(9_999);
    equal(probed.prober.found.ready, false);
    await probed.clock.advance(1);
    equal(probed.prober.found.ready, true);
  }));

Deno.test("a probe begins after its initial delay, counted from the container's start", () =>
  probing([plan("startup"), plan("readiness", { initialDelay: 5000 })], async (probed) => {
    await probed.clock.advance(4999);
    deepEqual(probed.asked, ["startup"]);
    await probed.clock.advance(1);
    deepEqual(probed.asked, ["startup", "readiness"]);
  }));

Deno.test("until a container has started, nothing but that is asked", () =>
  probing([plan("startup"), plan("readiness"), plan("liveness")], async (probed) => {
    probed.answer = { startup: bad };
    await probed.clock.advance(10_000);
    deepEqual(probed.asked, ["startup", "startup"]);
    equal(probed.prober.found.started, false);
    probed.answer = {};
    await probed.clock.advance(10_000);
    deepEqual(probed.prober.found, { started: true, ready: true, failing: undefined });
    await probed.clock.advance(10_000);
    deepEqual(probed.asked.slice(3).sort(), ["liveness", "liveness", "readiness", "readiness"]);
  }));

Deno.test("a container that does not start, or does not live, is failing, and is asked no more", async () => {
  for (const kind of ["startup", "liveness"] as const) {
    await probing([plan(kind)], async (probed) => {
      probed.answer = { [kind]: bad };
      await probed.clock.advance(20_000);
      equal(probed.prober.found.failing, kind);
      await probed.clock.advance(60_000);
      equal(probed.asked.length, 3);
    });
  }
});

Deno.test("a server that does not listen yet is asked again soon, and becomes ready when it does", () =>
  probing([plan("readiness")], async (probed) => {
    probed.answer = { readiness: refused };
    await probed.clock.advance(1000);
    deepEqual(probed.failures, []);
    probed.answer = {};
    await probed.clock.advance(400);
    equal(probed.prober.found.ready, true);
  }));

Deno.test("a server that never listens fails once a period, not more often", () =>
  probing([plan("startup")], async (probed) => {
    probed.answer = { startup: refused };
    await probed.clock.advance(30_000);
    equal(probed.failures.length, 3);
    equal(probed.prober.found.failing, "startup");
  }));

Deno.test("a server that listened once and then refuses is down at once", () =>
  probing([plan("readiness", { thresholds: { successes: 1, failures: 1 } })], async (probed) => {
    await probed.clock.advance(0);
    probed.answer = { readiness: refused };
    await probed.clock.advance(10_000);
    equal(probed.prober.found.ready, false);
    equal(probed.asked.length, 2);
  }));

Deno.test("while a container is ended only its readiness is asked for", () =>
  probing([plan("readiness"), plan("liveness")], async (probed) => {
    await probed.clock.advance(0);
    probed.prober.calm();
    probed.asked.length = 0;
    await probed.clock.advance(20_000);
    deepEqual(probed.asked, ["readiness", "readiness"]);
  }));
