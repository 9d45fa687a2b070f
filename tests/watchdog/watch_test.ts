import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { WatchEvent } from "../../k8s/client.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { KubeError, Unreachable } from "../../lib/kube/errors.ts";
import type { Source } from "../../lib/kube/reflector.ts";
import { OutputClosed } from "../../lib/runtime/output.ts";
import { watchPods } from "../../lib/watchdog/watch.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { silentLog as log } from "../support/silent_log.ts";

let version = 0;

/** A pod of `shop` with these annotations under `status.autocrane.io/` and `expires.status.autocrane.io/`. */
function pod(name: string, statuses: Record<string, string>, expires: Record<string, string> = {}): Pod {
  const annotations = Object.fromEntries([
    ...Object.entries(statuses).map(([watchdog, value]) => [`status.autocrane.io/${watchdog}`, value]),
    ...Object.entries(expires).map(([watchdog, at]) => [`expires.status.autocrane.io/${watchdog}`, at]),
  ]);
  return { metadata: { namespace: "shop", name, uid: name, resourceVersion: `${++version}`, annotations } };
}

const fine = "info/2026-01-31T12:00:00/fine";
const broken = "error/2026-01-31T12:00:00/broken";

/** An API server with some pods, and a watch of them that the test feeds. */
class Stage {
  readonly clock = new FakeClock();
  readonly lines: string[] = [];
  pods: Pod[];
  empty = 0;
  nothing: () => Promise<void> = () => {
    this.empty++;
    return Promise.resolve();
  };
  print: (text: string) => void = (text) => void this.lines.push(...text.trimEnd().split("\n"));
  refusal: { list?: Error; watch?: Error } = {};
  readonly #stop = new AbortController();
  #events: WritableStreamDefaultWriter<WatchEvent<Pod>> | undefined;

  constructor(...pods: Pod[]) {
    this.pods = pods;
  }

  readonly source: Source<Pod> = {
    list: () =>
      this.refusal.list
        ? Promise.reject(this.refusal.list)
        : Promise.resolve({ metadata: { resourceVersion: `${version}` }, items: this.pods }),
    watch: ({ signal }) => this.#watch(signal!),
  };

  async *#watch(signal: AbortSignal): AsyncIterable<WatchEvent<Pod>> {
    if (this.refusal.watch) throw this.refusal.watch;
    const { readable, writable } = new TransformStream<WatchEvent<Pod>, WatchEvent<Pod>>();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    this.#events = writer;
    signal.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => {}));
    yield* readable;
  }

  /** Watches while `test` runs. */
  async run(test: () => Promise<void>): Promise<void> {
    const { source, clock } = this;
    const print = (text: string) => this.print(text);
    const done = watchPods({ source, print, nothing: () => this.nothing(), clock, log }, this.#stop.signal);
    done.catch(() => {});
    await settled();
    await test();
    this.#stop.abort();
    await done;
  }

  /** Something happens; returns the lines that it made. */
  async event(type: "ADDED" | "MODIFIED" | "DELETED", object: Pod): Promise<string[]> {
    const before = this.lines.length;
    await this.#events!.write({ type, object });
    await settled();
    return this.lines.slice(before);
  }

  /** The connection breaks: the next list and watch follow. */
  async reconnect(): Promise<void> {
    await this.#events!.write({ type: "ERROR", object: { code: 410, message: "too old" } });
    await this.clock.advance(5000);
  }
}

Deno.test("a watch shows a table of what is there, then each change and nothing else", async () => {
  const stage = new Stage(pod("web", { disk: fine, net: fine }));
  await stage.run(async () => {
    deepEqual(stage.lines, [
      "POD   WATCHDOG   LEVEL   AGE   MESSAGE",
      "web   disk       info    0s    fine",
      "web   net        info    0s    fine",
    ]);
    deepEqual(await stage.event("MODIFIED", pod("web", { disk: fine, net: fine })), []);
    deepEqual(await stage.event("MODIFIED", pod("web", { disk: broken, net: fine })), [
      "web   disk       error   0s    broken",
    ]);
  });
});

Deno.test("a new pod's first statuses are shown, in the table's columns", async () => {
  const stage = new Stage(pod("web", { disk: fine }));
  await stage.run(async () => {
    deepEqual(await stage.event("ADDED", pod("api", { disk: broken, net: fine })), [
      "api   disk       error   0s    broken",
      "api   net        info    0s    fine",
    ]);
    deepEqual(await stage.event("ADDED", pod("bare", {})), []);
  });
});

Deno.test("a status that is removed is shown as such, and so are those of a pod that is deleted", async () => {
  const stage = new Stage(pod("web", { disk: broken, net: fine }));
  await stage.run(async () => {
    deepEqual(await stage.event("MODIFIED", pod("web", { net: fine })), [
      "web   disk       error   0s    (removed) broken",
    ]);
    deepEqual(await stage.event("DELETED", pod("web", { net: fine })), [
      "web   net        info    0s    (pod deleted) fine",
    ]);
  });
});

Deno.test("a status is shown again when it expires, once, and when its expiry is taken away", async () => {
  const stage = new Stage(pod("web", { disk: fine, net: fine }, { disk: "2026-01-31T12:05:00" }));
  await stage.run(async () => {
    await stage.clock.advance(299_000);
    equal(stage.lines.length, 3);
    await stage.clock.advance(1_000);
    deepEqual(stage.lines.slice(3), ["web   disk       info    5m    (expired) fine"]);
    await stage.clock.advance(600_000);
    equal(stage.lines.length, 4);
    deepEqual(await stage.event("MODIFIED", pod("web", { disk: fine, net: fine })), [
      "web   disk       info    15m   fine",
    ]);
  });
  equal(stage.clock.waiting, 0);
});

Deno.test("an expiry in a far year is waited for in steps that a timer can hold", async () => {
  const stage = new Stage(pod("web", { disk: fine }, { disk: "9999-01-01T00:00:00" }));
  await stage.run(async () => {
    await stage.clock.advance(600_000);
    equal(stage.lines.length, 2);
  });
});

Deno.test("what changes while the watch is broken is shown once it is back, and only that", async () => {
  const stage = new Stage(pod("web", { disk: fine }), pod("api", { disk: fine }));
  await stage.run(async () => {
    stage.pods = [pod("web", { disk: broken }), pod("new", { net: fine })];
    await stage.reconnect();
    deepEqual(
      stage.lines.slice(3).sort(),
      [
        "api   disk       info    5s    (pod deleted) fine",
        "new   net        info    5s    fine",
        "web   disk       error   5s    broken",
      ].map((line) => line.replace("5s", stage.lines[3]!.split(/ +/)[3]!)).sort(),
    );
  });
});

Deno.test("where nothing is there yet that is said, and the header comes with the first status", async () => {
  const stage = new Stage();
  await stage.run(async () => {
    equal(stage.empty, 1);
    deepEqual(await stage.event("ADDED", pod("web", { disk: fine })), [
      "POD   WATCHDOG   LEVEL   AGE   MESSAGE",
      "web   disk       info    0s    fine",
    ]);
  });
});

Deno.test("a watch ends where its pod does not exist", async () => {
  const stage = new Stage();
  stage.nothing = () => Promise.reject(refused(404));
  await rejects(stage.run(async () => {}), { status: 404 });
});

Deno.test("a watch ends where the first list fails, whatever the reason", async () => {
  const stage = new Stage();
  stage.refusal.list = new Unreachable(
    { method: "GET", path: "/pods" },
    "https://here",
    new Error("refused"),
  );
  await rejects(stage.run(async () => {}), /no answer from https:\/\/here/);
  equal(stage.empty, 0);
});

Deno.test("a watch ends where watching is forbidden, though listing was not", async () => {
  const stage = new Stage(pod("web", { disk: fine }));
  stage.refusal.watch = refused(403);
  await rejects(stage.run(async () => {}), { status: 403 });
});

Deno.test("a watch that is ended before its first list has come ends well", async () => {
  const stop = new AbortController();
  const source: Source<Pod> = {
    list: ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason))),
    watch: () => {
      throw new Error("it was watched");
    },
  };
  const nothing = () => Promise.reject(new Error("it was asked about"));
  const done = watchPods({ source, print() {}, nothing, clock: new FakeClock(), log }, stop.signal);
  await settled();
  stop.abort(new Error("asked to end"));
  await done;
});

Deno.test("once it began a watch outlives failures of the server", async () => {
  const stage = new Stage(pod("web", { disk: fine }));
  await stage.run(async () => {
    stage.refusal.list = refused(500);
    await stage.reconnect();
    stage.refusal = {};
    stage.pods = [pod("web", { disk: broken })];
    await stage.clock.advance(60_000);
    match(stage.lines.at(-1)!, /^web +disk +error +\S+ +broken$/);
  });
});

Deno.test("a watch ends when nobody reads it any more", async () => {
  const stage = new Stage(pod("web", { disk: fine }));
  await rejects(
    stage.run(async () => {
      stage.print = () => {
        throw new OutputClosed("gone");
      };
      await stage.event("MODIFIED", pod("web", { disk: broken }));
    }),
    OutputClosed,
  );
});

function refused(code: number): KubeError {
  return new KubeError({ method: "GET", path: "/pods" }, code, { code, message: "not so" });
}
