import { deepEqual, equal, ok } from "node:assert/strict";
import type { DataStatus } from "../../../lib/contract/data_version.ts";
import type { PodUid } from "../../../lib/contract/ids.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { Deployers } from "../../../lib/watchdog/data/deployers.ts";
import type { Report, ReportRequest } from "../../../lib/watchdog/data/report.ts";
import { proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { FairSlots } from "../../../lib/watchdog/prober/slots.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";
import { read } from "../prober/build.ts";
import { applied, dataPod, type DataSketch } from "./build.ts";

const uid = "uid-1" as PodUid;
const watchdog = { "probe.autocrane.io/app": "POD_IP:80/", "probe-options.autocrane.io/app": "failures=2" };

/** Deployers that answer what a test says, without jitter. */
function stage() {
  const clock = new FakeClock();
  const requests: ReportRequest[] = [];
  const times: number[] = [];
  const looks: string[] = [];
  let answer: Report = { ok: false, kind: "refused", why: "connection refused" };
  let hung: ((report: Report) => void) | undefined;
  let hangs = false;
  const deployers = new Deployers({
    read: (request) => {
      requests.push(request);
      times.push(clock.monotonic());
      return hangs ? new Promise((resolve) => hung = resolve) : Promise.resolve(answer);
    },
    sockets: new FairSlots({ total: 64, perPod: 8 }),
    look: (key) => looks.push(key),
    interval: 30_000,
    timeout: 5_000,
    failed: (error) => {
      throw error;
    },
    reads: proberMetrics(new Registry()).reads,
    clock,
    random: () => 0,
  });
  return {
    deployers,
    clock,
    requests,
    times,
    looks,
    says: (statuses: Record<string, DataStatus>) =>
      void (answer = { ok: true, statuses: new Map(Object.entries(statuses)) }),
    fails: () => void (answer = { ok: false, kind: "refused", why: "connection refused" }),
    hang: () => void (hangs = true),
    finish: async () => {
      hangs = false;
      hung!(answer);
      await settled();
    },
    take: (sketch: DataSketch) => deployers.take(read(dataPod(sketch))),
    told: (name = "config") => deployers.told({ uid })?.get(name),
  };
}

Deno.test("a deployer that nothing is asked of is read once an interval", async () => {
  const { take, says, clock, times, looks } = stage();
  says({ config: applied(1) });
  take({ requests: { config: 1 }, held: { config: applied(1) } });
  await clock.advance(90_000);
  equal(times.length, 3);
  deepEqual(times.slice(1).map((at, i) => at - times[i]!), [30_000, 30_000]);
  equal(looks.length, 3);
});

Deno.test("what is asked for is read at once and then ever later, until it is applied", async () => {
  const { take, says, clock, times } = stage();
  take({ held: { config: applied(1) } });
  says({ config: applied(1) });
  take({ requests: { config: 2 }, held: { config: applied(1) } });
  await clock.advance(13_000);
  deepEqual(times, [0, 100, 300, 700, 1500, 3100, 6300, 11_300]);
  says({ config: applied(2) });
  await clock.advance(5_000);
  const count = times.length;
  await clock.advance(10_000);
  ok(times.length <= count + 1);
});

Deno.test("a new request is looked at quickly again", async () => {
  const { take, says, clock, times } = stage();
  says({ config: applied(1) });
  take({ requests: { config: 2 } });
  await clock.advance(6_400);
  const before = times.length;
  take({ requests: { config: 3 } });
  await clock.advance(100);
  deepEqual(times.slice(before), [6_400, 6_500]);
});

Deno.test("once a deployer has begun, or its pod is ready, it is looked at quickly again", async () => {
  const { take, says, clock, times } = stage();
  says({ config: applied(1) });
  take({ requests: { config: 2 } });
  await clock.advance(6_350);
  says({ config: applied(2, { state: "downloading" }) });
  await clock.advance(5_000);
  const before = times.length;
  await clock.advance(350);
  deepEqual(times.slice(before), [11_400, 11_600]);
  await clock.advance(2_500);
  take({ requests: { config: 2 }, status: { containerStatuses: [] } });
  await clock.advance(100);
  ok(times.includes(14_200));
});

Deno.test("who changes a request all the time has the deployer read ten times a second at most", async () => {
  const { take, says, clock, times } = stage();
  says({ config: applied(1) });
  for (let n = 2; n < 102; n++) {
    take({ requests: { config: n } });
    await clock.advance(10);
  }
  ok(times.length <= 11, `${times.length} reads`);
});

Deno.test("a download that is over within a second is not told, a longer one is", async () => {
  const { take, says, clock, looks, told } = stage();
  says({ config: applied(2, { state: "downloading" }) });
  take({ requests: { config: 2 } });
  await clock.advance(600);
  deepEqual([looks.length, told()!.state], [0, "downloading"]);
  says({ config: applied(2) });
  await clock.advance(1_000);
  deepEqual([looks.length, told()!.state], [1, "applied"]);
  says({ config: applied(3, { state: "downloading" }) });
  take({ requests: { config: 3 } });
  await clock.advance(999);
  equal(looks.length, 1);
  await clock.advance(1_000);
  ok(looks.length > 1);
});

Deno.test("a deployer is never asked twice at once", async () => {
  const { take, clock, requests, hang, finish, says } = stage();
  hang();
  says({ config: applied(1) });
  take({ requests: { config: 2 } });
  await clock.advance(90_000);
  equal(requests.length, 1);
  await finish();
  await clock.advance(200);
  ok(requests.length > 1);
});

Deno.test("an answer that comes after its pod has gone is forgotten", async () => {
  const { take, clock, deployers, hang, finish, says, told, looks, requests } = stage();
  hang();
  says({ config: applied(1) });
  take({ requests: { config: 1 } });
  await clock.advance(10);
  deployers.drop(uid);
  ok(requests[0]!.signal.aborted);
  await finish();
  equal(told(), undefined);
  equal(looks.length, 0);
  equal(deployers.size, 0);
});

Deno.test("a pod without evicting watchdogs counts as probed as soon as it has applied", async () => {
  const { take, clock, says, told } = stage();
  says({ config: applied(1, { probed: 77 }) });
  take({ requests: { config: 1 } });
  await clock.advance(10);
  equal(told()!.probed, Math.floor(clock.now() / 1000));
});

Deno.test("probed is said once every evicting watchdog was probed as often as its failures take", async () => {
  const { take, clock, says, told, deployers, looks } = stage();
  says({ config: applied(1) });
  const reported = {
    "probe.autocrane.io/seen": "POD_IP:80/",
    "probe-options.autocrane.io/seen": "action=report",
  };
  take({ requests: { config: 1 }, annotations: { ...watchdog, ...reported } });
  const early = clock.monotonic() - 1;
  await clock.advance(10);
  equal(told()!.probed, undefined);
  // One that had begun before says nothing about what was applied.
  deployers.probed(uid, "app", early);
  deployers.probed(uid, "app", clock.monotonic());
  equal(told()!.probed, undefined);
  const before = looks.length;
  deployers.probed(uid, "app", clock.monotonic());
  const probed = told()!.probed;
  equal(probed, Math.floor(clock.now() / 1000));
  equal(looks.length, before + 1);
  // Once: it stays as long as the version does.
  await clock.advance(60_000);
  deployers.probed(uid, "app", clock.monotonic());
  equal(told()!.probed, probed);
});

Deno.test("another version, or the same one applied again, is counted anew", async () => {
  const { take, clock, says, told, deployers } = stage();
  says({ config: applied(1) });
  take({ requests: { config: 1 }, annotations: watchdog });
  await clock.advance(10);
  for (let n = 0; n < 2; n++) deployers.probed(uid, "app", clock.monotonic());
  ok(told()!.probed);
  says({ config: applied(1, { state: "downloading" }) });
  await clock.advance(30_000);
  says({ config: applied(1) });
  await clock.advance(30_000);
  equal(told()!.state, "applied");
  equal(told()!.probed, undefined);
});

Deno.test("a prober that takes over keeps what the last one told, and else counts anew", async () => {
  const kept = stage();
  kept.says({ config: applied(1) });
  kept.take({ requests: { config: 1 }, held: { config: applied(1, { probed: 99 }) }, annotations: watchdog });
  await kept.clock.advance(30_000);
  equal(kept.told()!.probed, 99);
  const forged = stage();
  forged.says({ config: applied(1) });
  const held = { config: applied(1, { probed: 99 }) };
  forged.take({ requests: { config: 1 }, held, manager: "kubectl", annotations: watchdog });
  await forged.clock.advance(30_000);
  equal(forged.told()!.state, "applied");
  equal(forged.told()!.probed, undefined);
});

Deno.test("a deployer that is away changes nothing of what was told", async () => {
  const { take, clock, says, fails, told } = stage();
  says({ config: applied(1) });
  take({ requests: { config: 1 } });
  await clock.advance(10);
  const before = told();
  fails();
  await clock.advance(90_000);
  equal(told(), before);
});

Deno.test("a pod that deploys nothing any more is not read", async () => {
  const { deployers, take, clock, says, requests } = stage();
  says({});
  take({});
  await clock.advance(30_000);
  const count = requests.length;
  take({ names: [], held: { config: applied(1) } });
  await clock.advance(90_000);
  equal(requests.length, count);
  equal(deployers.size, 0);
  deployers.clear();
  equal(deployers.size, 0);
  equal(clock.waiting, 0);
});
