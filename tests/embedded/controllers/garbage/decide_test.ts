import { deepEqual } from "node:assert/strict";
import {
  endingOf,
  fateOf,
  type FoundOwner,
  type OwnerState,
} from "../../../../lib/embedded/controllers/garbage/decide.ts";
import { before, ownedBy, pod } from "../build.ts";

const object = pod("a");

function owners(...states: OwnerState[]): FoundOwner[] {
  return states.map((state, i) => ({ reference: ownedBy("ReplicaSet", `owner-${i}`), state }));
}

Deno.test("an object stays while all its owners are there", () => {
  deepEqual(fateOf(object, owners("there", "there"), false), { do: "keep" });
});

Deno.test("an object that still has an owner only loses those that are gone, or wait for it", () => {
  const uids = new Set(["owner-0-uid", "owner-2-uid"]);
  deepEqual(fateOf(object, owners("gone", "there", "waiting"), true), { do: "detach", uids });
});

Deno.test("an object none of whose owners is left is deleted, its own dependents after it", () => {
  deepEqual(fateOf(object, owners("gone", "gone"), true), { do: "delete", policy: "Background" });
});

Deno.test("where an owner waits for it, an object goes after its own dependents", () => {
  deepEqual(fateOf(object, owners("waiting", "gone"), true), { do: "delete", policy: "Foreground" });
  deepEqual(fateOf(object, owners("waiting"), false), { do: "delete", policy: "Background" });
});

Deno.test("how an object wants its dependents to be treated is obeyed", () => {
  const wishing = (finalizer: string) => fateOf(pod("a", { finalizers: [finalizer] }), owners("gone"), false);
  deepEqual(wishing("orphan"), { do: "delete", policy: "Orphan" });
  deepEqual(wishing("foregroundDeletion"), { do: "delete", policy: "Foreground" });
  deepEqual(wishing("example.com/other"), { do: "delete", policy: "Background" });
});

const owned = (blockOwnerDeletion: boolean) =>
  pod("dependent", { ownerReferences: [ownedBy("Pod", "a", { blockOwnerDeletion })] });

function ending(finalizer: string, ...dependents: ReturnType<typeof pod>[]) {
  return endingOf(pod("a", { deletionTimestamp: before(0), finalizers: [finalizer] }), dependents);
}

Deno.test("an owner that is deleted in the foreground waits for the dependents that block it, no others", () => {
  deepEqual(ending("foregroundDeletion", owned(false), owned(true)), { do: "wait" });
  const finish = { do: "finish", finalizer: "foregroundDeletion" };
  deepEqual(ending("foregroundDeletion", owned(false)), finish);
  deepEqual(ending("foregroundDeletion"), finish);
});

Deno.test("an owner that is to leave its dependents behind lets go of each before it goes", () => {
  deepEqual(ending("orphan", owned(true)), { do: "orphan" });
  deepEqual(ending("orphan"), { do: "finish", finalizer: "orphan" });
});

Deno.test("other finalizers are others' business", () => {
  deepEqual(ending("example.com/other", owned(true)), { do: "nothing" });
});
