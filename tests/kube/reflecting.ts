/**
 * A reflector over a fake source, at work.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { KubeError } from "../../lib/kube/errors.ts";
import { Reflector } from "../../lib/kube/reflector.ts";
import { Store } from "../../lib/kube/store.ts";
import type { Random } from "../../lib/runtime/backoff.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { FakeSource, TestPod } from "./fake_source.ts";
import { memoryLog } from "./harness.ts";

/** A back-off waits its longest. */
export const longest: Random = (): number => 0;

/** The server has forgotten where a list or watch was. */
export const gone = (): Error => new KubeError({ method: "GET", path: "/" }, 410, { reason: "Expired" });

/** The server is away. */
export const away = (): Error => new Error("connection refused");

/** A reflector at work, and what is around it. */
export interface Reflecting extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof memoryLog>;
  readonly store: Store<TestPod, string>;
  readonly reflector: Reflector<TestPod, string>;
  synced(): boolean;
}

/** A reflector that runs until it is disposed of. */
export function reflecting(
  source: FakeSource,
  { random = longest, namespace }: { random?: Random; namespace?: string } = {},
): Reflecting {
  const clock = new FakeClock();
  const log = memoryLog();
  const store = new Store((pod: TestPod) => pod.phase);
  const what = "pods";
  const reflector = new Reflector({
    what,
    source,
    store,
    clock,
    log,
    random,
    ...(namespace && { namespace }),
  });
  const end = new AbortController();
  const running = reflector.run(end.signal);
  let synced = false;
  reflector.synced.then(() => synced = true);
  return {
    clock,
    log,
    store,
    reflector,
    synced: () => synced,
    async [Symbol.asyncDispose]() {
      end.abort(new Error("asked to end"));
      await running;
      equal(clock.waiting, 0, "no timer is left behind");
    },
  };
}
