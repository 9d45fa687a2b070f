import { deepEqual, equal, match, ok } from "node:assert/strict";
import { formatCatalogue } from "../../../lib/contract/data_catalogue.ts";
import { RepositoryClient } from "../../../lib/orchestrator/rollout/repository_client.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";
import { version } from "../../support/data_version.ts";

/** The answer of a repository that has version `n`. */
function has(n: number, headers: Record<string, string> = { etag: `"${n}"` }): Response {
  return new Response(formatCatalogue(new Map([["config", { versions: [version(n)] }]])), { headers });
}

const unchanged = () => new Response(null, { status: 304 });

interface Call {
  readonly at: number;
  readonly url: string;
  readonly etag: string | null;
  readonly prefer: string | null;
}

/** A client of a repository that answers what a test says. */
function stage(answer: (call: Call, signal: AbortSignal) => Response | Promise<Response>) {
  const clock = new FakeClock();
  const calls: Call[] = [];
  const lines: string[] = [];
  let changes = 0;
  let wanted = true;
  const client = new RepositoryClient({
    url: "http://datarepo",
    wanted: () => wanted,
    changed: () => void changes++,
    userAgent: "test/1",
    clock,
    log: {
      ...silentLog,
      warn: (message, fields) => void lines.push(`${message}: ${fields?.error}`),
      info: (message) => void lines.push(message),
    },
    registry: new Registry(),
    random: () => 0,
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      const call = {
        at: clock.monotonic(),
        url: String(url),
        etag: headers.get("if-none-match"),
        prefer: headers.get("prefer"),
      };
      calls.push(call);
      return Promise.resolve().then(() => answer(call, init!.signal!));
    },
  });
  const end = new AbortController();
  const running = client.run(end.signal);
  return {
    clock,
    client,
    calls,
    lines,
    changes: () => changes,
    want: (yes: boolean) => void (wanted = yes),
    end: async () => {
      end.abort();
      await running;
      equal(clock.waiting, 0);
    },
  };
}

Deno.test("news are waited for, so that they are known at once", async () => {
  const waiting: ((response: Response) => void)[] = [];
  const { clock, client, calls, changes, end } = stage(({ etag }) =>
    etag === null ? has(1) : new Promise((resolve) => waiting.push(resolve))
  );
  await clock.advance(500);
  equal(client.catalogue!.get("config")!.versions[0]!.time, 1);
  deepEqual([calls[1]!.etag, calls[1]!.prefer, calls[1]!.url], [
    '"1"',
    "wait=30",
    "http://datarepo/.manifest",
  ]);
  await clock.advance(10_000);
  equal(calls.length, 2);
  waiting[0]!(has(2));
  await clock.advance(1);
  equal(client.catalogue!.get("config")!.versions[0]!.time, 2);
  equal(changes(), 2);
  waiting.at(-1)?.(unchanged());
  await end();
});

Deno.test("a repository that does not wait is asked every few seconds", async () => {
  const { clock, calls, changes, end } = stage(({ etag }) => etag === null ? has(1) : unchanged());
  await clock.advance(21_000);
  ok(calls.length <= 6, `${calls.length} calls`);
  equal(changes(), 1);
  await end();
});

Deno.test("one without an ETag is no news while it says the same", async () => {
  const { clock, calls, changes, end } = stage(() => has(1, {}));
  await clock.advance(21_000);
  ok(calls.length <= 6, `${calls.length} calls`);
  equal(changes(), 1);
  await end();
});

Deno.test("a catalogue that changes all the time is asked for five times a second at most", async () => {
  let n = 0;
  const { clock, calls, end } = stage(() => has(++n));
  await clock.advance(10_000);
  ok(calls.length <= 51, `${calls.length} calls`);
  await end();
});

Deno.test("while the repository is away nothing is known of it, which is said once, as is its return", async () => {
  let away = false;
  const { clock, client, calls, lines, end } = stage(({ etag }) => {
    if (away) throw new TypeError("connection refused");
    return etag === null ? has(1) : unchanged();
  });
  await clock.advance(100);
  away = true;
  await clock.advance(120_000);
  equal(client.catalogue, undefined);
  match(client.trouble!, /connection refused/);
  equal(lines.length, 1);
  ok(calls.length < 20, `${calls.length} calls`);
  away = false;
  await clock.advance(60_000);
  equal(client.catalogue!.get("config")!.versions[0]!.time, 1);
  equal(lines.length, 2);
  await end();
});

Deno.test("what is no catalogue, too long, or never comes is told for what it is", async () => {
  const answers: [RegExp, (signal: AbortSignal) => Response | Promise<Response>][] = [
    [/HTTP 500/, () => new Response("no", { status: 500 })],
    [/is not a repository's manifest/, () => new Response("<html>")],
    [/longer than 16777216 bytes/, () => new Response(endless())],
    [
      /no answer within 40 s/,
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ],
  ];
  for (const [words, answer] of answers) {
    const { clock, client, end } = stage((_, signal) => answer(signal));
    await clock.advance(45_000);
    match(client.trouble!, words);
    equal(client.catalogue, undefined);
    await end();
  }
});

Deno.test("while nobody deploys data no repository is asked", async () => {
  const { clock, calls, want, end } = stage(() => has(1));
  want(false);
  await clock.advance(1_000);
  const count = calls.length;
  await clock.advance(60_000);
  equal(calls.length, count);
  want(true);
  await clock.advance(1_000);
  ok(calls.length > count);
  await end();
});

Deno.test("what was known before nobody wanted to know is not taken for what is known now", async () => {
  let n = 1;
  let away = false;
  const { clock, client, calls, want, end } = stage(() => {
    if (away) throw new TypeError("connection refused");
    return has(n);
  });
  await clock.advance(1_000);
  want(false);
  // What is under way is waited for.
  await clock.advance(10_000);
  equal(client.catalogue, undefined);
  [n, away] = [2, true];
  want(true);
  await clock.advance(1_000);
  equal(client.catalogue, undefined);
  away = false;
  await clock.advance(60_000);
  equal(client.catalogue!.get("config")!.versions[0]!.time, 2);
  want(false);
  await clock.advance(10_000);
  const count = calls.length;
  want(true);
  await clock.advance(1_000);
  deepEqual([calls[count]!.etag, calls[count]!.prefer], [null, null]);
  await end();
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1024 * 1024)) });
}
