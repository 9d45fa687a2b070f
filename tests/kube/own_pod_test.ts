import { deepEqual, equal, match } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import type { StringMap } from "../../lib/contract/keys.ts";
import type { Source } from "../../lib/kube/reflector.ts";
import { type AnnotationSource, fileSource, podSource } from "../../lib/kube/own_pod.ts";
import { FakeSource } from "./fake_source.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { silentLog as log } from "../support/silent_log.ts";

/** The gate's one pod, with an annotation that tells its versions apart. */
function pod(version: number) {
  const metadata = { namespace: "shop", name: "web", uid: "u1", resourceVersion: `${version}` };
  return { metadata: { ...metadata, annotations: { version: `${version}` } } };
}

const page = (...items: ReturnType<typeof pod>[]) => ({ metadata: { resourceVersion: "10" }, items });

/** Runs a source while a test looks at it, and keeps what it observed. */
async function running(
  source: AnnotationSource,
  body: (observed: StringMap[]) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const observed: StringMap[] = [];
  const run = source.run((annotations) => observed.push(annotations), stop.signal);
  try {
    await settled();
    await body(observed);
  } finally {
    stop.abort();
    await run;
  }
}

const over = (server: FakeSource, clock: FakeClock) =>
  podSource(server as unknown as Source<Pod>, { clock, log });

Deno.test("what is known is as old as the API server's last word, a bookmark's included", async () => {
  const clock = new FakeClock();
  const server = new FakeSource(() => page(pod(10)));
  const source = over(server, clock);
  deepEqual(source.knowledge(), { age: undefined, trouble: undefined });
  await running(source, async (observed) => {
    deepEqual(observed.at(-1), { version: "10" });
    await clock.advance(40_000);
    deepEqual(source.knowledge(), { age: 40_000, trouble: undefined });
    server.open.send({ type: "BOOKMARK", object: pod(11) });
    await clock.advance(2_000);
    deepEqual(source.knowledge(), { age: 2_000, trouble: undefined });
    server.open.send({ type: "MODIFIED", object: pod(12) });
    await settled();
    deepEqual([source.knowledge().age, observed.at(-1)], [0, { version: "12" }]);
  });
});

Deno.test("an outage does not make what is known younger, whenever it is asked for", async () => {
  const clock = new FakeClock();
  const server = new FakeSource(() => page(pod(10)));
  const source = over(server, clock);
  await running(source, async () => {
    await clock.advance(10_000);
    server.lists = [() => {
      throw new Error("connection refused");
    }];
    server.open.fail(new Error("reset"));
    await clock.advance(50_000);
    deepEqual(source.knowledge(), { age: 60_000, trouble: "connection refused" });
    server.lists = [() => page(pod(10))];
    await clock.advance(60_000);
    equal(source.knowledge().trouble, undefined);
    equal(source.knowledge().age! < 60_000, true);
  });
});

Deno.test("while watches are refused each list is taken, so that what is known is as old as is said", async () => {
  const clock = new FakeClock();
  let version = 10;
  const server = new FakeSource(() => page(pod(version)));
  server.began = () => {
    throw new Error("forbidden");
  };
  await running(over(server, clock), async (observed) => {
    await clock.advance(1_000);
    version = 11;
    await clock.advance(60_000);
    deepEqual(observed.at(-1), { version: "11" });
  });
});

Deno.test("a server that falls silent is trouble before two minutes have passed", async () => {
  const clock = new FakeClock();
  const server = new FakeSource(() => page(pod(10)));
  const source = over(server, clock);
  await running(source, async () => {
    server.lists = [() => {
      throw new Error("no answer");
    }];
    await clock.advance(120_000);
    deepEqual(source.knowledge(), { age: 120_000, trouble: "no answer" });
  });
});

Deno.test("a pod that the API server does not know is said to be unknown", async () => {
  const source = over(new FakeSource(() => page()), new FakeClock());
  await running(source, async (observed) => {
    await settled();
    deepEqual(observed, []);
    equal(source.knowledge().trouble, "the API server knows no such pod");
  });
});

Deno.test("a file that cannot be read leaves what it said last, older by the second", async () => {
  const clock = new FakeClock();
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/annotations`;
    await Deno.writeTextFile(path, 'a="1"\n');
    const source = fileSource(path, { clock, log });
    await running(source, async (observed) => {
      await clock.advance(0);
      await read(() => observed.length > 0);
      await Deno.remove(path);
      await clock.advance(5_000);
      await read(() => source.knowledge().trouble !== undefined);
      match(source.knowledge().trouble!, /^cannot read .+annotations: No such file/);
      equal(source.knowledge().age! >= 4_500, true);
      deepEqual(observed.at(-1), { a: "1" });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Reading a file takes real time, whatever the clock says. */
async function read(done: () => boolean): Promise<void> {
  while (!done()) await settled();
}
