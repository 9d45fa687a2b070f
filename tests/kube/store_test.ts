import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { type Change, compareVersions, keyOf, type KubeObject, Store } from "../../lib/kube/store.ts";

interface Pod extends KubeObject {
  readonly phase?: string;
}

function pod(name: string, version: number | string, { uid = "u1", phase = "Running" } = {}): Pod {
  return { metadata: { namespace: "shop", name, uid, resourceVersion: String(version) }, phase };
}

/** A store of phases that forgets pods that are done, and what its listener was told. */
function phases() {
  const store = new Store(({ phase }: Pod) => (phase === "Succeeded" ? undefined : phase));
  const changes: Change<string>[] = [];
  store.onChange((change) => void changes.push(change));
  return { store, changes };
}

Deno.test("versions compare as numbers of any length", () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 40n });
  fc.assert(fc.property(number, number, (a, b) => {
    equal(Math.sign(compareVersions(String(a), String(b))), a < b ? -1 : a > b ? 1 : 0);
  }));
  equal(compareVersions("9", "10") < 0, true);
  equal(compareVersions("18446744073709551616", "9007199254740993") > 0, true);
});

Deno.test("an object is known by namespace and name, or by its name alone", () => {
  equal(keyOf({ metadata: { namespace: "shop", name: "web" } }), "shop/web");
  equal(keyOf({ metadata: { name: "node-1" } }), "node-1");
  equal(keyOf({}), "");
});

Deno.test("what trim makes of an object is all that is kept of it", () => {
  const { store } = phases();
  store.upsert(pod("web", 1));
  equal(store.get("shop/web"), "Running");
  deepEqual([...store.values()], ["Running"]);
  equal(store.size, 1);
});

Deno.test("listeners hear of each change with before and after, when the store already shows it", () => {
  const { store, changes } = phases();
  const shown: (string | undefined)[] = [];
  store.onChange(({ key }) => void shown.push(store.get(key)));
  store.upsert(pod("web", 1, { phase: "Pending" }));
  store.upsert(pod("web", 2));
  store.remove(pod("web", 3));
  const key = "shop/web";
  deepEqual(changes, [
    { key, before: undefined, after: "Pending" },
    { key, before: "Pending", after: "Running" },
    { key, before: "Running", after: undefined },
  ]);
  deepEqual(shown, ["Pending", "Running", undefined]);
});

Deno.test("an older version of the same object is passed over", () => {
  const { store, changes } = phases();
  store.upsert(pod("web", 10));
  store.upsert(pod("web", 9, { phase: "Pending" }));
  equal(store.get("shop/web"), "Running");
  equal(changes.length, 1);
});

Deno.test("a successor of the same name replaces the old object whatever its version", () => {
  const { store } = phases();
  store.upsert(pod("web", 10));
  store.upsert(pod("web", 9, { uid: "u2", phase: "Pending" }));
  equal(store.get("shop/web"), "Pending");
});

Deno.test("an object of which trim keeps nothing any more is forgotten", () => {
  const { store, changes } = phases();
  store.upsert(pod("web", 1));
  store.upsert(pod("web", 2, { phase: "Succeeded" }));
  equal(store.size, 0);
  deepEqual(changes.at(-1), { key: "shop/web", before: "Running", after: undefined });
});

Deno.test("an object of which trim never kept anything is told to nobody", () => {
  const { store, changes } = phases();
  store.upsert(pod("job", 1, { phase: "Succeeded" }));
  store.remove(pod("job", 2));
  deepEqual(changes, []);
});

Deno.test("the answer to our own write shows at once, but not where a later version is known", () => {
  const { store } = phases();
  store.upsert(pod("web", 1));
  store.written(pod("web", 5, { phase: "Failed" }));
  equal(store.get("shop/web"), "Failed");
  store.upsert(pod("web", 8));
  store.written(pod("web", 7, { phase: "Unknown" }));
  equal(store.get("shop/web"), "Running");
});

Deno.test("the answer to our own write brings back nothing that was deleted or replaced meanwhile", () => {
  const { store } = phases();
  store.upsert(pod("web", 1));
  store.remove(pod("web", 2));
  store.written(pod("web", 3));
  equal(store.size, 0);
  store.upsert(pod("web", 4, { uid: "u2", phase: "Pending" }));
  store.written(pod("web", 5));
  equal(store.get("shop/web"), "Pending");
});

Deno.test("a deletion of a predecessor takes nothing from its successor", () => {
  const { store } = phases();
  store.upsert(pod("web", 5, { uid: "u2" }));
  store.remove(pod("web", 9, { uid: "u1" }));
  equal(store.get("shop/web"), "Running");
});

Deno.test("after a complete list everything that it did not show is gone", () => {
  const { store, changes } = phases();
  for (const name of ["a", "b", "c"]) store.upsert(pod(name, 1));
  const list = store.list();
  list.take(pod("b", 1));
  list.done();
  equal(store.size, 1);
  deepEqual(changes.slice(4).map(({ key, after }) => [key, after]), [["shop/a", undefined], [
    "shop/c",
    undefined,
  ]]);
});

Deno.test("a complete list of one namespace says nothing about others, nor about longer names", () => {
  const { store } = phases();
  for (const namespace of ["shop", "shop-2", "bank"]) {
    store.upsert({ metadata: { namespace, name: "web", uid: namespace }, phase: "Running" });
  }
  store.list("shop").done();
  equal(store.get("shop/web"), undefined);
  equal(store.size, 2);
});

Deno.test("a complete list of a namespace's own object forgets it when the namespace is gone", () => {
  const { store } = phases();
  for (const name of ["shop", "shop-2"]) store.upsert({ metadata: { name, uid: name }, phase: "Active" });
  store.list("shop").done();
  deepEqual([store.get("shop"), store.get("shop-2")], [undefined, "Active"]);
});

Deno.test("a complete list shows how things are, older too: the server may come from a backup", () => {
  const { store, changes } = phases();
  store.upsert(pod("web", 100));
  const list = store.list();
  list.take(pod("web", 40, { phase: "Pending" }));
  list.done();
  equal(store.get("shop/web"), "Pending");
  store.upsert(pod("web", 41, { phase: "Failed" }));
  equal(store.get("shop/web"), "Failed", "from there on it goes by the new versions");
  deepEqual(changes.map(({ after }) => after), ["Running", "Pending", "Failed"]);
});

Deno.test("a page of a list takes nothing from what was written after the list began", () => {
  const { store } = phases();
  store.upsert(pod("web", 5));
  const list = store.list();
  store.written(pod("web", 9, { phase: "Failed" }));
  list.take(pod("web", 5));
  list.done();
  equal(store.get("shop/web"), "Failed");
});

/** What the server does to one of three names; which of its events reach us twice or again is `echo`. */
const step = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  does: fc.constantFrom("write", "delete", "echo", "late answer", "relist"),
  phase: fc.constantFrom("Pending", "Running", "Failed"),
});

Deno.test("any sequence of events ends with the last version of each object", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { store, changes } = phases();
    const server = new Map<string, Pod>();
    const mirror = new Map<string, string>();
    store.onChange(({ key, after }) =>
      void (after === undefined ? mirror.delete(key) : mirror.set(key, after))
    );
    // The latest first: what comes again comes in the worst order.
    const history: Pod[] = [];
    steps.forEach(({ name, does, phase }, version) => {
      const uid = server.get(name)?.metadata?.uid ?? `${name}${version}`;
      const held = server.get(name);
      if (does === "write") {
        server.set(name, pod(name, version, { uid, phase }));
        history.unshift(server.get(name)!);
        store.upsert(server.get(name)!);
      } else if (does === "delete" && held) {
        server.delete(name);
        store.remove(pod(name, version, { uid }));
      } else if (does === "echo" && held) {
        history.filter((old) => old.metadata?.uid === uid).forEach((old) => store.upsert(old));
      } else if (does === "late answer") {
        history.filter((old) => old.metadata?.name === name).forEach((old) => store.written(old));
      } else if (does === "relist") {
        const list = store.list();
        server.forEach((object) => list.take(object));
        list.done();
      }
    });
    const expected = new Map([...server].map(([name, { phase }]) => [`shop/${name}`, phase!]));
    deepEqual(new Map([...expected.keys()].map((key) => [key, store.get(key)])), expected);
    equal(store.size, expected.size);
    deepEqual(mirror, expected, "what listeners were told adds up to what the store shows");
    for (const { before, after } of changes) equal(before === undefined && after === undefined, false);
  }));
});
