import { deepEqual, equal, match, ok } from "node:assert/strict";
import { KubeError } from "../../lib/kube/errors.ts";
import { FakeSource, page, pod } from "./fake_source.ts";
import { away, gone, reflecting } from "./reflecting.ts";

Deno.test("pages are read one after the other, then the watch begins where the list ended", async () => {
  const source = new FakeSource(
    () => page([pod("a", 1)], "9", "more"),
    () => page([pod("b", 2)], "9", "last"),
    () => page([pod("c", 3)], "9"),
  );
  await using it = reflecting(source);
  await it.clock.advance(0);
  deepEqual(source.pages.map(({ limit, continue: from }) => [limit, from]), [
    [100, undefined],
    [100, "more"],
    [
      100,
      "last",
    ],
  ]);
  equal(it.store.size, 3);
  equal(source.open.from.resourceVersion, "9");
  equal(source.open.from.allowWatchBookmarks, true);
  equal(it.synced(), true);
  equal(it.reflector.current, true);
});

Deno.test("the store is complete only when every page came", async () => {
  const late = Promise.withResolvers<ReturnType<typeof page>>();
  const source = new FakeSource(() => page([pod("a", 1)], "9", "more"), () => late.promise as never);
  await using it = reflecting(source);
  await it.clock.advance(0);
  equal(it.synced(), false);
  equal(it.reflector.current, false);
  late.resolve(page([], "9"));
  await it.clock.advance(0);
  equal(it.synced(), true);
});

Deno.test("events change the store", async () => {
  const source = new FakeSource(() => page([pod("a", 1), pod("b", 1)], "5"));
  await using it = reflecting(source);
  await it.clock.advance(0);
  source.open.send({ type: "ADDED", object: pod("c", 6, "Pending") });
  source.open.send({ type: "MODIFIED", object: pod("a", 7, "Failed") });
  source.open.send({ type: "DELETED", object: pod("b", 8) });
  await it.clock.advance(0);
  deepEqual([it.store.get("shop/a"), it.store.get("shop/b"), it.store.get("shop/c")], [
    "Failed",
    undefined,
    "Pending",
  ]);
});

Deno.test("the next watch begins after the last event, a bookmark counts as one", async () => {
  const source = new FakeSource(() => page([pod("a", 1)], "5"));
  await using it = reflecting(source);
  await it.clock.advance(5000);
  source.open.send({ type: "MODIFIED", object: pod("a", 7) });
  source.open.end();
  await it.clock.advance(0);
  equal(source.open.from.resourceVersion, "7");
  source.open.send({ type: "BOOKMARK", object: { metadata: { resourceVersion: "40" } } });
  await it.clock.advance(5000);
  source.open.end();
  await it.clock.advance(0);
  deepEqual(source.watches.map(({ from }) => from.resourceVersion), ["5", "7", "40"]);
  equal(source.pages.length, 1, "nothing was listed again");
  equal(it.store.size, 1, "a bookmark is no object");
});

Deno.test("a watch that the server ended after a while is taken up at once", async () => {
  const source = new FakeSource(() => page([], "5"));
  await using it = reflecting(source);
  await it.clock.advance(60_000);
  source.open.end();
  await it.clock.advance(0);
  equal(source.watches.length, 2);
});

Deno.test("watches are asked to end at different times between five and ten minutes", async () => {
  const ends: (number | undefined)[] = [];
  for (const random of [() => 0, () => 0.5, () => 0.999]) {
    const source = new FakeSource(() => page([], "5"));
    await using it = reflecting(source, { random });
    await it.clock.advance(0);
    ends.push(source.open.from.timeoutSeconds);
  }
  deepEqual(ends, [300, 450, 600]);
});

Deno.test("what went away while nobody watched is gone after the next list, and told to listeners", async () => {
  const source = new FakeSource(() => page([pod("a", 1), pod("b", 1)], "5"), () => page([pod("b", 1)], "9"));
  await using it = reflecting(source);
  await it.clock.advance(2000);
  const changes: unknown[] = [];
  it.store.onChange(({ key, after }) => changes.push([key, after]));
  source.open.send({ type: "ERROR", object: { code: 410, reason: "Expired" } });
  await it.clock.advance(2000);
  deepEqual(changes, [["shop/b", "Running"], ["shop/a", undefined]]);
});

Deno.test("a list of one namespace forgets nothing of the others that share the store", async () => {
  const source = new FakeSource(() => page([pod("a", 1)], "5"));
  await using it = reflecting(source, { namespace: "shop" });
  it.store.upsert(pod("x", 1, "Running", "bank"));
  it.store.upsert(pod("old", 1));
  await it.clock.advance(0);
  deepEqual([it.store.get("bank/x"), it.store.get("shop/old")], ["Running", undefined]);
});

Deno.test("410 inside a watch, as an event or as the answer, means: list again", async () => {
  for (const how of ["event", "answer"] as const) {
    const source = new FakeSource(() => page([pod("a", 1)], "5"), () => page([pod("a", 1)], "9"));
    await using it = reflecting(source);
    await it.clock.advance(0);
    if (how === "event") source.open.send({ type: "ERROR", object: { code: 410 } });
    else source.open.fail(gone());
    await it.clock.advance(1000);
    equal(source.pages.length, 2, how);
    equal(source.pages[1]?.limit, 100);
    equal(source.open.from.resourceVersion, "9");
    equal(it.log.lines.length, 0, "it is no trouble");
    equal(it.reflector.trouble, undefined);
  }
});

Deno.test("410 at a later page lists anew in one piece, and in pages again after that", async () => {
  const source = new FakeSource(
    () => page([pod("a", 1)], "5", "more"),
    () => {
      throw gone();
    },
    () => page([pod("a", 1), pod("b", 1)], "9"),
  );
  await using it = reflecting(source);
  await it.clock.advance(1000);
  deepEqual(source.pages.map(({ limit, continue: from }) => [limit, from]), [
    [100, undefined],
    [100, "more"],
    [
      undefined,
      undefined,
    ],
  ]);
  equal(it.synced(), true);
  source.open.send({ type: "ERROR", object: { code: 410 } });
  await it.clock.advance(5000);
  equal(source.pages.at(-1)?.limit, 100);
});

Deno.test("a server's trouble or a full house inside a 200 is told, and the watch goes on from where it was", async () => {
  for (const code of [500, 503, 429]) {
    const source = new FakeSource(() => page([], "5"), () => page([], "6"));
    await using it = reflecting(source);
    await it.clock.advance(0);
    source.open.send({ type: "MODIFIED", object: pod("a", 6) });
    source.open.send({ type: "ERROR", object: { code, message: "no" } });
    await it.clock.advance(1000);
    deepEqual(source.pages.map(({ limit }) => limit), [100, 1], `${code}`);
    equal(source.open.from.resourceVersion, "6");
  }
});

Deno.test("any other error event inside a 200 may be about the version, so the list is read again", async () => {
  for (const code of [400, 403, 404, undefined]) {
    const source = new FakeSource(() => page([], "5"), () => page([pod("b", 9)], "9"));
    await using it = reflecting(source);
    await it.clock.advance(0);
    source.open.send({ type: "MODIFIED", object: pod("a", 6) });
    source.open.send({ type: "ERROR", object: { ...(code && { code }), message: "odd" } });
    await it.clock.advance(0);
    match(it.reflector.trouble ?? "", /odd/, "it is trouble all the same");
    await it.clock.advance(1000);
    deepEqual(source.pages.map(({ limit }) => limit), [100, 100], `${code}`);
    equal(source.open.from.resourceVersion, "9");
    deepEqual([it.store.get("shop/a"), it.store.get("shop/b")], [undefined, "Running"]);
  }
});

Deno.test("a server that was restored from a backup is listed anew, and believed", async () => {
  const source = new FakeSource(
    () => page([pod("a", 90), pod("b", 95)], "100"),
    () => page([pod("a", 40)], "50"),
  );
  await using it = reflecting(source);
  await it.clock.advance(5000);
  source.open.fail(away());
  source.lists = [() => page([pod("a", 40, "Pending")], "50")];
  await it.clock.advance(1000);
  deepEqual(source.pages.map(({ limit }) => limit), [100, 1, 100]);
  equal(source.open.from.resourceVersion, "50");
  deepEqual([it.store.get("shop/a"), it.store.get("shop/b")], ["Pending", undefined]);
});

Deno.test("an error event shows as trouble until the server answers again", async () => {
  const source = new FakeSource(() => page([], "5"), () => page([], "6"));
  await using it = reflecting(source);
  await it.clock.advance(0);
  source.open.send({ type: "MODIFIED", object: pod("a", 6) });
  source.open.send({ type: "ERROR", object: { code: 500, message: "etcd lost its leader" } });
  await it.clock.advance(0);
  match(it.reflector.trouble ?? "", /500: etcd lost its leader/);
  equal(it.reflector.current, false);
  await it.clock.advance(1000);
  equal(source.open.from.resourceVersion, "6");
  equal(it.reflector.current, true);
});

Deno.test("a watch that goes silent is given up after its deadline; it is told if nobody answers then", async () => {
  const source = new FakeSource(() => page([], "5"), () => page([], "6"));
  await using it = reflecting(source);
  await it.clock.advance(60_000);
  source.open.send({ type: "BOOKMARK", object: { metadata: { resourceVersion: "6" } } });
  await it.clock.advance(89_000);
  equal(it.reflector.trouble, undefined);
  equal(source.open.from.signal?.aborted, false);
  await it.clock.advance(1500);
  equal(source.watches[0]?.from.signal?.aborted, true);
  match(it.reflector.trouble!, /silent for 90 s/);
  await it.clock.advance(1000);
  equal(source.watches.length, 2);
  equal(source.open.from.resourceVersion, "6");
  deepEqual(it.log.lines, []);

  await it.clock.advance(90_000);
  source.lists = [() => {
    throw away();
  }];
  await it.clock.advance(2000);
  deepEqual(it.log.lines.map(({ line }) => line), ["warn cannot follow the API server"]);
});

Deno.test("after trouble a single object is asked for, as a quiet watch would not show that the server is back", async () => {
  const source = new FakeSource(() => page([], "5"));
  await using it = reflecting(source);
  await it.clock.advance(5000);
  source.open.fail(away());
  await it.clock.advance(0);
  equal(it.reflector.current, false);
  await it.clock.advance(800);
  deepEqual(source.pages.map(({ limit }) => limit), [100, 1]);
  equal(it.reflector.current, true);
  await it.clock.advance(1000);
  deepEqual(it.log.lines.map(({ line }) => line), [
    "warn cannot follow the API server",
    "info following the API server again",
  ]);
});

Deno.test("who may list and not watch is as new as each list, and is told so once", async () => {
  const source = new FakeSource(() => page([], "5"));
  source.began = () => {
    throw new KubeError({ method: "GET", path: "/watch" }, 403, { message: "may not watch" });
  };
  await using it = reflecting(source);
  await it.clock.advance(120_000);
  ok(source.pages.length >= 4 && source.pages.every(({ limit }) => limit === 100));
  deepEqual(it.log.lines.map(({ line }) => line), ["warn cannot follow the API server"]);
});

Deno.test("an end is answered at once, whatever is under way", async () => {
  for (
    const lists of [[() => page([], "5")], [() => {
      throw away();
    }]]
  ) {
    const it = reflecting(new FakeSource(...lists));
    await it.clock.advance(100);
    await it[Symbol.asyncDispose]();
  }
});
