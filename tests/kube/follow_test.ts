import { deepEqual, equal } from "node:assert/strict";
import { follow } from "../../lib/kube/follow.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeSource, page, pod, type TestPod } from "./fake_source.ts";
import { memoryLog } from "./harness.ts";

/** Follows pods in these namespaces until disposed of. */
function following(namespaces: string[], source: (namespace: string | undefined) => FakeSource) {
  const clock = new FakeClock();
  const log = memoryLog();
  const trim = ({ phase }: TestPod) => phase;
  const followed = follow({ what: "pods", namespaces, source, trim, clock, log, random: () => 0 });
  const end = new AbortController();
  const running = followed.run(end.signal);
  let synced = false;
  followed.synced.then(() => synced = true);
  return {
    ...followed,
    clock,
    log,
    isSynced: () => synced,
    async [Symbol.asyncDispose]() {
      end.abort();
      await running;
    },
  };
}

Deno.test("one star follows all namespaces by one list and one watch", async () => {
  const asked: (string | undefined)[] = [];
  await using it = following(["*"], (namespace) => {
    asked.push(namespace);
    return new FakeSource(() => page([pod("a", 1), pod("a", 1, "Failed", "bank")], "5"));
  });
  await it.clock.advance(0);
  deepEqual(asked, [undefined]);
  equal(it.store.size, 2);
  equal(it.current(), true);
});

Deno.test("namespaces share a store, and a list of one takes nothing from the other", async () => {
  const sources = new Map<string | undefined, FakeSource>();
  await using it = following(["shop", "bank"], (namespace) => {
    const source = new FakeSource(() => page([pod("a", 1, namespace, namespace)], "5"), () => page([], "9"));
    sources.set(namespace, source);
    return source;
  });
  await it.clock.advance(0);
  deepEqual([it.store.get("shop/a"), it.store.get("bank/a")], ["shop", "bank"]);
  sources.get("shop")!.open.send({ type: "ERROR", object: { code: 410 } });
  await it.clock.advance(1000);
  deepEqual([it.store.get("shop/a"), it.store.get("bank/a")], [undefined, "bank"]);
});

Deno.test("it is complete and current only when every namespace is, and tells which is not", async () => {
  let up = false;
  const bank = () => {
    if (!up) throw new Error("forbidden");
    return page([], "5");
  };
  await using it = following(
    ["shop", "bank"],
    (name) => new FakeSource(name === "bank" ? bank : () => page([], "5")),
  );
  await it.clock.advance(0);
  deepEqual([it.isSynced(), it.current(), it.trouble()], [false, false, "forbidden"]);
  deepEqual(it.log.lines[0]?.fields, { what: "pods in bank", error: "forbidden" });
  up = true;
  await it.clock.advance(1000);
  deepEqual([it.isSynced(), it.current(), it.trouble()], [true, true, undefined]);
});
