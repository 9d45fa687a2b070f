import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Pod } from "../../../../k8s/core_v1.ts";
import type { ObjectMeta } from "../../../../k8s/meta_v1.ts";
import type { MergePatch } from "../../../../k8s/patch.ts";
import { KubeError } from "../../../../lib/kube/errors.ts";
import { carryOut, type Claims, claimsOf } from "../../../../lib/embedded/controllers/objects/claims.ts";
import { before, minute, ownedBy, pod, replicaSet } from "../build.ts";

const owner = replicaSet("a");
const labels = { app: "web", "pod-template-hash": "a" };
const own = ownedBy("ReplicaSet", "web-a");
const foreign = ownedBy("ReplicaSet", "other");

function names({ own, adopt, release }: Claims<Pod>): string[][] {
  return [own, adopt, release].map((pods) => pods.map(({ metadata }) => metadata!.name!));
}

Deno.test("pods are kept by owner and selector, orphans that match are adopted, others' pods are left alone", () => {
  const pods = [
    pod("own", { labels, ownerReferences: [own] }),
    pod("orphan", { labels }),
    pod("stranger", { labels: { app: "api" } }),
    pod("relabelled", { labels: { app: "api" }, ownerReferences: [own] }),
    pod("foreign", { labels, ownerReferences: [foreign] }),
  ];
  deepEqual(names(claimsOf(owner, pods)), [["own"], ["orphan"], ["relabelled"]]);
});

Deno.test("an owner that is not the controller does not keep a pod from being adopted", () => {
  const shared = pod("shared", { labels, ownerReferences: [{ ...foreign, controller: false }] });
  deepEqual(names(claimsOf(owner, [shared])), [[], ["shared"], []]);
});

Deno.test("an owner that is being deleted neither adopts nor lets go", () => {
  const leaving = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: before(minute) } };
  const pods = [pod("orphan", { labels }), pod("relabelled", { labels: {}, ownerReferences: [own] })];
  deepEqual(names(claimsOf(leaving, pods)), [[], [], []]);
});

Deno.test("an orphan that is being deleted is not adopted", () => {
  const pods = [pod("orphan", { labels, deletionTimestamp: before(0) })];
  deepEqual(names(claimsOf(owner, pods)), [[], [], []]);
});

Deno.test("an empty selector claims nothing", () => {
  const all = { ...owner, spec: { ...owner.spec!, selector: {} } };
  deepEqual(names(claimsOf(all, [pod("orphan")])), [[], [], []]);
});

Deno.test("adopting adds the controller to the owners, releasing takes it away, with the version that was seen", async () => {
  const other = { ...foreign, controller: false };
  const orphan = pod("orphan", { labels, ownerReferences: [other], resourceVersion: "7" });
  const relabelled = pod("relabelled", { ownerReferences: [own], resourceVersion: "8" });
  const written: MergePatch<ObjectMeta>[] = [];
  const owned = await carryOut<Pod>(
    { own: [], adopt: [orphan], release: [relabelled] },
    own,
    (one, metadata) => {
      written.push(metadata);
      return Promise.resolve(one);
    },
  );
  deepEqual(written, [
    { uid: "relabelled-uid", resourceVersion: "8", ownerReferences: null },
    { uid: "orphan-uid", resourceVersion: "7", ownerReferences: [other, own] },
  ]);
  deepEqual(owned.map(({ metadata }) => metadata!.name), ["orphan"]);
});

Deno.test("a pod that is gone before it is adopted is no failure; any other refusal is one", async () => {
  const refusing = (status: number) => () =>
    Promise.reject(new KubeError({ method: "PATCH", path: "/pods/orphan" }, status, {}));
  const claims = { own: [], adopt: [pod("orphan", { labels })], release: [] };
  equal((await carryOut<Pod>(claims, own, refusing(404))).length, 0);
  await rejects(carryOut<Pod>(claims, own, refusing(409)), KubeError);
});
