/**
 * A list and a watch whose answers a test gives.
 *
 * @module
 */
import type { WatchEvent } from "../../k8s/client.ts";
import type { ListPage, Source, WatchFrom } from "../../lib/kube/reflector.ts";
import type { KubeObject } from "../../lib/kube/store.ts";

/** A pod as the tests of lists and watches need it. */
export interface TestPod extends KubeObject {
  readonly phase?: string;
}

/** A pod in `shop`. */
export function pod(name: string, version: number, phase = "Running", namespace = "shop"): TestPod {
  return { metadata: { namespace, name, uid: `${name}-uid`, resourceVersion: `${version}` }, phase };
}

/** One page of a list. */
export function page(
  items: TestPod[],
  resourceVersion: string,
  more?: string,
): Awaited<ReturnType<Source<TestPod>["list"]>> {
  return { metadata: { resourceVersion, ...(more && { continue: more }) }, items };
}

/** A watch that began, and what a test makes of it. */
export interface OpenWatch {
  readonly from: WatchFrom;
  send(event: WatchEvent<TestPod>): void;
  /** The server ends it. */
  end(): void;
  /** The connection breaks. */
  fail(error: Error): void;
}

/** Lists by `lists`, one function a call; the last one answers all further calls. */
export class FakeSource implements Source<TestPod> {
  readonly pages: ListPage[] = [];
  readonly watches: OpenWatch[] = [];
  /** What the next lists answer. */
  lists: (() => ReturnType<typeof page>)[] = [];
  /** Called as each watch begins; what it throws refuses the watch. */
  began: (watch: OpenWatch) => void = () => {};

  constructor(...lists: (() => ReturnType<typeof page>)[]) {
    this.lists = lists;
  }

  /** The last watch that began. */
  get open(): OpenWatch {
    return this.watches.at(-1)!;
  }

  list(options: ListPage): Promise<ReturnType<typeof page>> {
    this.pages.push(options);
    const next = this.lists.length > 1 ? this.lists.shift()! : this.lists[0]!;
    return Promise.resolve().then(next);
  }

  async *watch(from: WatchFrom): AsyncIterable<WatchEvent<TestPod>> {
    const stream = new TransformStream<WatchEvent<TestPod>, WatchEvent<TestPod>>(undefined, undefined, {
      highWaterMark: 1000,
    });
    const writer = stream.writable.getWriter();
    const fail = (error: Error) => void writer.abort(error).catch(() => {});
    writer.closed.catch(() => {});
    from.signal?.throwIfAborted();
    from.signal?.addEventListener("abort", () => fail(from.signal?.reason));
    const open: OpenWatch = {
      from,
      send: (event) => void writer.write(event).catch(() => {}),
      end: () => void writer.close().catch(() => {}),
      fail,
    };
    this.watches.push(open);
    this.began(open);
    yield* stream.readable;
  }
}
