import { deepEqual, equal, match } from "node:assert/strict";
import type { StringMap } from "../../lib/contract/keys.ts";
import type { Log } from "../../lib/runtime/log.ts";
import { type AnnotationSource, fileSource } from "../../lib/kube/own_pod.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

/** What a test has of a file that a source follows. */
interface Followed {
  readonly path: string;
  readonly source: AnnotationSource;
  readonly observed: StringMap[];
  readonly warnings: string[];
  /** Lets the source look at the file again and waits until it has. */
  readonly look: () => Promise<void>;
}

/** Follows a file in a folder of its own while a test changes it. */
async function following(
  text: string | undefined,
  test: (followed: Followed) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/annotations`;
  if (text !== undefined) await Deno.writeTextFile(path, text);
  const clock = new FakeClock();
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_, fields) => warnings.push(String(fields?.error)) };
  const source = fileSource(path, { clock, log });
  const observed: StringMap[] = [];
  const stop = new AbortController();
  const run = source.run((annotations) => observed.push(annotations), stop.signal);
  // A source waits on the clock between two looks, and on nothing else.
  const idle = async () => {
    while (clock.waiting === 0) await settled();
  };
  const look = async () => {
    await idle();
    await clock.advance(500);
    await idle();
  };
  try {
    await look();
    await test({ path, source, observed, warnings, look });
  } finally {
    stop.abort();
    await run;
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the file is read at once and again each half second", async () => {
  await following('a="1"\n', async ({ path, observed, source, look }) => {
    deepEqual(observed.at(-1), { a: "1" });
    await Deno.writeTextFile(path, 'a="2"');
    await look();
    deepEqual(observed.at(-1), { a: "2" });
    equal(source.knowledge().trouble, undefined);
  });
});

Deno.test("a file that is not there yet is trouble that is said once, and ends when it comes", async () => {
  await following(undefined, async ({ path, observed, source, warnings, look }) => {
    for (let i = 0; i < 3; i++) await look();
    deepEqual([observed.length, warnings.length], [0, 1]);
    match(source.knowledge().trouble!, /^cannot read .*annotations: /);
    equal(source.knowledge().age, undefined);
    await Deno.writeTextFile(path, 'a="1"');
    await look();
    deepEqual(observed, [{ a: "1" }]);
    equal(source.knowledge().trouble, undefined);
  });
});

Deno.test("a file that is no list of annotations leaves what was known, and says which line", async () => {
  await following('a="1"', async ({ path, observed, source, warnings, look }) => {
    await Deno.writeTextFile(path, 'a="2"\nhalf a li');
    await look();
    deepEqual(observed.at(-1), { a: "1" });
    match(source.knowledge().trouble!, /line 2 is not key="value"/);
    await Deno.writeTextFile(path, "nothing");
    await look();
    deepEqual(warnings.map((words) => words.slice(0, 6)), ["line 2", "line 1"]);
  });
});
