/**
 * Runs the tests of conformance against one cluster: made before the first test, gone after the last.
 *
 * @module
 */
import { conformance } from "./all.ts";
import { type Make, Subject } from "./subject.ts";

/** A cluster that was started. Disposing of it ends it. */
export type Started = Make & AsyncDisposable;

/**
 * Declares the tests.
 *
 * @param start makes the cluster; left out where there can be none here, so that the tests are skipped
 */
export function conformanceOf(start: (() => Promise<Started>) | undefined): void {
  let cluster: Started | undefined;
  let subject: Subject | undefined;
  if (start) {
    Deno.test.beforeAll(async () => {
      cluster = await start();
      subject = new Subject(cluster);
      await subject.prepare();
    });
    Deno.test.afterAll(async () => {
      subject?.close();
      await cluster?.[Symbol.asyncDispose]();
    });
  }
  conformance((name, body) =>
    Deno.test({
      name,
      ignore: !start,
      // The cluster's own connections and processes outlive a test, by intent.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => body(subject!),
    })
  );
}
