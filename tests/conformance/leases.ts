/**
 * Leases, with which programs agree who leads: whoever writes first wins.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Lease, LeaseSpec } from "../../k8s/coordination_v1.ts";
import { refused } from "./api.ts";
import type { Conformance } from "./subject.ts";

function lease(holderIdentity: string, spec: LeaseSpec = {}): Lease {
  const times = { acquireTime: "2026-01-02T03:04:05.123456Z", renewTime: "2026-01-02T03:04:06.000001Z" };
  return {
    metadata: { name: "leader" },
    spec: { holderIdentity, leaseDurationSeconds: 15, ...times, ...spec },
  };
}

/** Declares the tests. */
export function leases(test: Conformance): void {
  test("a Lease keeps its microseconds", async (subject) => {
    const { leases } = await subject.room();
    await leases.create(lease("a"));
    const { spec } = await leases.get("leader");
    deepEqual(spec, lease("a").spec);
  });

  test("of those who create a Lease at once, one does", async (subject) => {
    const { leases } = await subject.room();
    const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map((who) => leases.create(lease(who))));
    equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    const held = (await leases.get("leader")).spec?.holderIdentity;
    const winner = outcomes.find((one) => one.status === "fulfilled");
    equal(held, winner?.value.spec?.holderIdentity);
  });

  test("of those who take a Lease over at once, one does", async (subject) => {
    const { leases } = await subject.room();
    const read = await leases.create(lease("old"));
    const takeOver = (who: string) =>
      leases.replace("leader", { ...read, spec: { ...read.spec, holderIdentity: who } });
    const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map(takeOver));
    const winners = outcomes.filter((one) => one.status === "fulfilled");
    equal(winners.length, 1);
    equal((await leases.get("leader")).spec?.holderIdentity, winners[0]?.value.spec?.holderIdentity);
  });

  test("who comes late is told so, and gets it with what is there now", async (subject) => {
    const { leases } = await subject.room();
    const read = await leases.create(lease("a"));
    await leases.merge("leader", { spec: { holderIdentity: "b" } });
    const mine = { ...read.spec, holderIdentity: "c" };
    await refused(leases.replace("leader", { ...read, spec: mine }), {
      code: 409,
      reason: "Conflict",
      says:
        /^Operation cannot be fulfilled on leases.coordination.k8s.io "leader": the object has been modified/,
    });
    const now = await leases.get("leader");
    equal((await leases.replace("leader", { ...now, spec: mine })).spec?.holderIdentity, "c");
  });

  test("a Lease is not replaced by who does not say which version was read", async (subject) => {
    const { leases } = await subject.room();
    await leases.create(lease("a"));
    await refused(leases.replace("leader", lease("b")), {
      code: 422,
      reason: "Invalid",
      field: "metadata.resourceVersion",
    });
  });

  test("a Lease that is let go is held by nobody", async (subject) => {
    const { leases } = await subject.room();
    const read = await leases.create(lease("a"));
    const { spec, metadata } = await leases.replace("leader", {
      ...read,
      spec: { ...read.spec, holderIdentity: "" },
    });
    equal(spec?.holderIdentity ?? "", "");
    ok(Number(metadata.resourceVersion) > Number(read.metadata.resourceVersion));
  });
}
