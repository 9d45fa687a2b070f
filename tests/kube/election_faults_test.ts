import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { ballot } from "./candidates.ts";
import type { Fate } from "./lease_server.ts";

Deno.test("a renewal whose answer was lost costs one conflict and no leadership", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(1000);
  a.machine.fate = "lost";
  await vote.clock.advance(2000);
  a.machine.fate = "ok";
  await vote.clock.advance(20_000);
  deepEqual(a.told, [true]);
  equal(a.election.left() > 7000, true);
});

Deno.test("a Lease deleted under its leader is made anew by the leader, and nobody slips in between", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  const b = vote.start("b");
  // The stand-by's next turn comes before the leader's.
  await vote.clock.advance(6100);
  vote.server.remove();
  for (let i = 0; i < 20; i++) {
    await vote.clock.advance(500);
    deepEqual(vote.leaders(), ["a"]);
  }
  equal(vote.server.lease?.spec?.holderIdentity, "a");
  deepEqual([a.told, b.told], [[true], []]);
});

Deno.test("a leader that hears of the deletion from its own renewal makes the Lease anew as well", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(1999);
  // Removed and asked in the same instant: the watch has not told yet.
  vote.server.remove();
  a.machine.fate = "ok";
  await vote.clock.advance(4100);
  deepEqual(a.told, [true]);
  equal(vote.server.lease?.spec?.holderIdentity, "a");
});

Deno.test("a Lease that was deleted is taken by the stand-by when its holder is gone as well", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  vote.start("b");
  await vote.clock.advance(5000);
  a.machine.stop();
  vote.server.remove();
  await vote.clock.advance(18_000);
  deepEqual(vote.leaders(), ["b"]);
});

Deno.test("a leader whose Lease names another steps down and does not write over it", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(5000);
  vote.server.edit({ holderIdentity: "by hand", leaseDurationSeconds: 15 });
  await vote.clock.advance(2100);
  deepEqual(a.told, [true, false]);
  equal(vote.server.lease?.spec?.holderIdentity, "by hand");
  match(JSON.stringify(a.log.lines), /another took the Lease/);
});

Deno.test("a stand-by that is cut off is not connected, and says why once", async () => {
  await using vote = ballot();
  vote.start("a");
  const b = vote.start("b");
  await vote.clock.advance(5000);
  equal(b.election.connected, true);
  b.machine.fate = "error";
  await vote.clock.advance(40_000);
  equal(b.election.connected, false);
  equal(b.log.lines.filter(({ line }) => line === "warn cannot use the lease").length, 1);
  b.machine.fate = "ok";
  await vote.clock.advance(35_000);
  equal(b.election.connected, true);
});

Deno.test("a namespace that does not exist is told, not waited for in silence", async () => {
  await using vote = ballot();
  const commit = vote.server.commit.bind(vote.server);
  vote.server.commit = (request) => {
    const found = commit({ ...request, method: "GET", path: "/leases" });
    if (request.method === "GET" && !request.path.includes("/leases/")) return found;
    return commit({ ...request, method: "PATCH", path: "/leases/lead" });
  };
  const a = vote.start("a");
  await vote.clock.advance(10_000);
  equal(a.election.leads, false);
  deepEqual(a.log.lines.map(({ line }) => line), ["warn cannot use the lease"]);
});

Deno.test("the metric shows who leads", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  const b = vote.start("b");
  await vote.clock.advance(5000);
  match(await a.registry.metrics(), /^autocrane_leader 1$/m);
  match(await b.registry.metrics(), /^autocrane_leader 0$/m);
});

Deno.test("the metric never says that a leader leads whose time is over", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(5000);
  vote.clock.suspend(11_000);
  match(await a.registry.metrics(), /^autocrane_leader 0$/m);
});

Deno.test("a server that was restored from a backup, and so tells lower versions, is believed after a conflict", async () => {
  await using vote = ballot();
  const a = vote.start("a");
  await vote.clock.advance(31_000);
  vote.server.rewind(3);
  await vote.clock.advance(30_000);
  deepEqual(vote.leaders(), ["a"]);
  equal(a.election.left() > 0, true);
});

const mishap = fc.record({
  who: fc.nat(2),
  does: fc.constantFrom<Fate | "stop" | "resume">(
    "ok",
    "ok",
    "error",
    "lost",
    "silent",
    "late",
    "stop",
    "resume",
    "resume",
  ),
  ms: fc.integer({ min: 1, max: 9000 }),
});

Deno.test("two never lead at once, whatever stops, fails, is lost, comes late, or is deleted once", async () => {
  let changes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 3 }),
      fc.array(mishap, { minLength: 4, maxLength: 12 }),
      fc.option(fc.nat(11)),
      async (count, mishaps, deletedAt) => {
        await using vote = ballot();
        const together: string[] = [];
        const alone = (when: string) => {
          if (vote.leaders().length > 1) together.push(`${vote.leaders()} ${when}`);
        };
        const changed = (leads: boolean) => {
          changes += Number(leads);
          alone("at a change");
        };
        const all = ["a", "b", "c"].slice(0, count).map((name) => vote.start(name, { changed }));
        await vote.clock.advance(2500);
        for (const [i, { who, does, ms }] of mishaps.entries()) {
          const { machine } = all[who % count]!;
          if (does === "stop") machine.stop();
          else if (does === "resume") machine.resume();
          else machine.fate = does;
          if (i === deletedAt) vote.server.remove();
          for (let passed = 0; passed < ms; passed += 2000) {
            alone("before time passes");
            await vote.clock.advance(Math.min(2000, ms - passed));
            alone(`after ${does}`);
          }
        }
        deepEqual(together, []);
      },
    ),
    { numRuns: 16 },
  );
  equal(changes > 16, true, "the Lease changed hands often enough to prove something");
});
