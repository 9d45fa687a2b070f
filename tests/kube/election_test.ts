import { deepEqual, equal, match } from "node:assert/strict";
import { settled } from "../support/fake_clock.ts";
import { ballot } from "./candidates.ts";

const spec = { holderIdentity: "other", leaseDurationSeconds: 15, leaseTransitions: 3 };

Deno.test("a Lease that does not exist is made and held", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(0);
  equal(a.election.leads, true);
  deepEqual(a.told, [true]);
  const { metadata, spec } = vote.server.lease!;
  equal(metadata?.name, "lead");
  equal(spec?.holderIdentity, "a");
  equal(spec?.leaseDurationSeconds, 15);
  equal(spec?.leaseTransitions, 0);
  match(spec?.renewTime ?? "", /^2026-01-31T12:00:00\.\d{6}Z$/);
});

Deno.test("a Lease that was let go is taken without waiting for it to run out", async () => {
  await using vote = ballot();
  vote.server.edit({ ...spec, holderIdentity: "" });
  vote.start("a");
  await vote.clock.advance(2500);
  deepEqual(vote.leaders(), ["a"]);
  equal(vote.server.lease?.spec?.leaseTransitions, 4);
});

Deno.test("a Lease that another holds is waited out, by our own clock, and then taken", async () => {
  await using vote = ballot();
  vote.server.edit({ ...spec, renewTime: "2020-01-01T00:00:00.000000Z" });
  vote.start("a");
  await vote.clock.advance(14_900);
  deepEqual(vote.leaders(), []);
  deepEqual(vote.server.writes, ["other"]);
  await vote.clock.advance(2600);
  deepEqual(vote.leaders(), ["a"]);
  equal(vote.server.lease?.spec?.leaseTransitions, 4);
  match(vote.server.lease?.spec?.acquireTime ?? "", /^2026-01-31T12:00:1/);
});

Deno.test("a holder that goes on renewing is left alone, for its own duration", async () => {
  await using vote = ballot();
  vote.server.edit({ ...spec, leaseDurationSeconds: 40 });
  vote.start("a");
  for (let i = 0; i < 5; i++) {
    await vote.clock.advance(35_000);
    vote.server.edit({ ...spec, leaseDurationSeconds: 40, renewTime: `${i}` });
  }
  deepEqual(vote.leaders(), []);
});

Deno.test("a leader renews every two seconds, and changes nothing but the time", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(60_000);
  equal(a.machine.sent.length, 31);
  deepEqual(a.told, [true]);
  const body = a.machine.sent.at(-1)?.body as { spec: Record<string, unknown> };
  deepEqual(Object.keys(body.spec).sort(), ["holderIdentity", "leaseDurationSeconds", "renewTime"]);
  equal(a.election.left() > 7_900, true);
});

Deno.test("a leader that cannot renew ceases at the renew deadline, before anybody may take over", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(4000);
  a.machine.fate = "error";
  await vote.clock.advance(9900);
  equal(a.election.leads, true);
  await vote.clock.advance(100);
  equal(a.election.left(), 0);
  equal(a.election.leads, false);
  await vote.clock.advance(2000);
  deepEqual(a.told, [true, false]);
  match(JSON.stringify(a.log.lines), /could not renew in time/);
});

Deno.test("a renewal without an answer is cut off at the renew deadline", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(4000);
  a.machine.fate = "silent";
  await vote.clock.advance(2000);
  const { signal } = a.machine.sent.at(-1)!;
  await vote.clock.advance(7900);
  equal(signal?.aborted, false);
  await vote.clock.advance(100);
  equal(signal?.aborted, true);
});

Deno.test("a leader counts from when it asked, not from when it was answered", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  const commit = vote.server.commit.bind(vote.server);
  vote.server.commit = (request) => {
    if (request.method === "PATCH") a.machine.stop();
    return commit(request);
  };
  await vote.clock.advance(8000);
  vote.server.commit = commit;
  a.machine.resume();
  await settled();
  equal(a.election.left(), 4000, "asked at 2 s, answered at 8 s");
});

Deno.test("a leader that was stopped past its deadline leads no more from its first instant on", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  const b = vote.start("b");
  await vote.clock.advance(5000);
  deepEqual(vote.leaders(), ["a"]);
  a.machine.stop();
  await vote.clock.advance(30_000);
  deepEqual(vote.leaders(), ["b"]);
  const before = vote.server.writes.length;
  a.machine.resume();
  equal(a.election.left() <= 0, true);
  await vote.clock.advance(10_000);
  deepEqual(vote.leaders(), ["b"]);
  equal(vote.server.writes.slice(before).includes("a"), false, "nothing it wrote after it woke was taken");
  deepEqual([a.told, b.told], [[true, false], [true]]);
});

Deno.test("a process that was suspended with its clock running leads no more when it wakes", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(3000);
  vote.clock.suspend(9500);
  equal(a.election.leads, false);
});

Deno.test("a leader whose machine was suspended with its monotonic clock leads no more when it wakes", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(3000);
  vote.clock.jump(9500);
  equal(a.election.left() <= 0, true);
  await vote.clock.advance(2000);
  deepEqual(a.told, [true, false]);
});

Deno.test("a wall clock that is set back lengthens nobody's time to lead", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(2000);
  const left = a.election.left();
  vote.clock.jump(-3_600_000);
  equal(a.election.left(), left);
  vote.clock.suspend(left);
  equal(a.election.leads, false);
});

Deno.test("what comes of being told of the leadership is logged when it fails, and ends nothing", async () => {
  for (
    const changed of [() => Promise.reject(new Error("no pods")), () => {
      throw new Error("no pods");
    }]
  ) {
    await using vote = ballot();
    const a = vote.start("a", { changed });
    await vote.clock.advance(5000);
    deepEqual(vote.leaders(), ["a"]);
    const said = a.log.lines.filter(({ line }) => line === "error cannot act on the election");
    deepEqual(said.map(({ fields }) => fields), [{ lease: "lead", leads: true, error: "no pods" }]);
  }
});

Deno.test("of two that want a free Lease one gets it, the other is refused and stands by", async () => {
  await using vote = ballot();
  const all = [vote.start("a"), vote.start("b"), vote.start("c")];
  await vote.clock.advance(10_000);
  equal(vote.leaders().length, 1);
  equal(all.filter(({ told }) => told.includes(true)).length, 1);
  for (const { log } of all) equal(log.lines.some(({ line }) => line.startsWith("warn")), false);
});

Deno.test("a stand-by takes over within the Lease's duration after its leader died", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  vote.start("b");
  await vote.clock.advance(9000);
  a.machine.stop();
  a.machine.fate = "silent";
  await vote.clock.advance(15_100);
  deepEqual(vote.leaders(), ["b"]);
});

Deno.test("at its end a leader lets go after its last write, and the stand-by need not wait it out", async () => {
  await using vote = ballot();
  const last = Promise.withResolvers<void>();
  const a = vote.start("a", { lastWrite: () => last.promise });
  vote.start("b");
  await vote.clock.advance(5000);
  const ended = a.end();
  await vote.clock.advance(1000);
  deepEqual(vote.leaders(), ["a"], "it still writes");
  equal(vote.server.lease?.spec?.holderIdentity, "a");
  last.resolve();
  await ended;
  equal(vote.server.lease?.spec?.holderIdentity, "");
  deepEqual(a.told, [true, false]);
  await vote.clock.advance(2500);
  deepEqual(vote.leaders(), ["b"]);
});

Deno.test("a stand-by, and a leader whose time is over, let nothing go at their end", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  const b = vote.start("b");
  await vote.clock.advance(5000);
  await b.end();
  equal(vote.server.lease?.spec?.holderIdentity, "a");
  vote.clock.suspend(11_000);
  const written = vote.server.writes.length;
  await a.end();
  equal(vote.server.writes.length, written);
});

Deno.test("a Lease that cannot be let go keeps nobody from ending", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(1000);
  a.machine.fate = "error";
  await a.end();
  match(JSON.stringify(a.log.lines.at(-1)), /warn cannot release the lease.*etcd is away/);
});
