import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Digest } from "../../../lib/contract/ids.ts";
import type { BlobSource } from "../../../lib/data/fetch/blob_source.ts";
import { idleMs } from "../../../lib/data/fetch/body.ts";
import { registrySource } from "../../../lib/data/fetch/registry_source.ts";
import { maxManifestBytes } from "../../../lib/data/version/limits.ts";
import { type Clock, systemClock } from "../../../lib/runtime/clock.ts";
import { until } from "../../cluster/support/wait.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { digestOf } from "../version/support.ts";
import { answer, type Asked, serveRegistry, type TestRegistry } from "./upstream.ts";

const { signal } = new AbortController();
const blob = new Uint8Array(300_000).map((_, i) => (i * 7) % 251);
const digest = digestOf(blob);
const range = { offset: 100_000, length: 150_000 };
const wanted = blob.subarray(100_000, 250_000);
const authorization = "Bearer hunter2";

/** Reads from a registry that has one blob. */
async function over(
  work: (source: BlobSource, registry: TestRegistry) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  await using registry = serveRegistry((asked) => asked === digest ? blob : undefined);
  const { url } = registry;
  await work(registrySource({ url, repository: "web", authorization, clock, random: () => 1 }), registry);
}

/** An answer of whose body `sent` bytes come before its connection is cut: it promises more than that. */
function cut(asked: Asked, sent: number): Response {
  const { status, headers } = answer(asked);
  const part = asked.bytes.slice(asked.first, asked.first + sent);
  headers.set("content-length", `${asked.last - asked.first + 1}`);
  return new Response(new Blob([part]).stream(), { status, headers });
}

Deno.test("a part of a blob is asked for as it is stored, and with what the registry wants", () =>
  over(async (source, registry) => {
    deepEqual(await source.read(digest, range, signal), wanted);
    const { headers, url } = registry.asked[0]!.request;
    equal(new URL(url).pathname, `/v2/web/blobs/${digest}`);
    deepEqual(["range", "accept-encoding", "authorization"].map((name) => headers.get(name)), [
      "bytes=100000-249999",
      "identity",
      authorization,
    ]);
  }));

Deno.test("a registry that ignores ranges is read up to the part's end, and no further", () => {
  const huge = 64 << 20;
  return over(async (source, registry) => {
    let sent = 0;
    registry.misbehave = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(sent < blob.length ? blob.slice(sent, sent + 65_536) : new Uint8Array(65_536));
            sent += 65_536;
            if (sent > huge) controller.close();
          },
        }),
      );
    deepEqual(await source.read(digest, range, signal), wanted);
    ok(sent < huge / 4, `${sent} bytes were sent`);
  });
});

const bad: [string, Record<string, string>, number][] = [
  ["another range", { "content-range": "bytes 0-149999/300000" }, 206],
  ["a shorter range", { "content-range": "bytes 100000-200000/300000" }, 206],
  ["no range", {}, 206],
  ["several ranges", { "content-type": "multipart/byteranges; boundary=x" }, 206],
  ["a blob that is too short", { "content-length": "200000" }, 200],
];
for (const [what, headers, status] of bad) {
  Deno.test(`an answer with ${what} is the repository's fault`, () =>
    over(async (source, registry) => {
      registry.misbehave = () => new Response(wanted.slice(), { status, headers });
      await rejects(source.read(digest, range, signal), { fault: "repository" });
      equal(registry.asked.length, 1);
    }));
}

Deno.test("a connection that is cut goes on where it was, however often, as long as something comes", () =>
  over(async (source, registry) => {
    registry.misbehave = (asked) => asked.last - asked.first >= 16_384 ? cut(asked, 16_384) : undefined;
    deepEqual(await source.read(digest, range, signal), wanted);
    const begins = registry.asked.map(({ first }) => first);
    deepEqual(begins, [...begins].sort((a, b) => a - b));
    ok(begins.length > 8 && begins.at(-1)! > 230_000, `${begins}`);
  }, quick()));

Deno.test("what a registry that ignores ranges had sent before a cut is not kept twice", () =>
  over(async (source, registry) => {
    registry.misbehave = (asked, count) => {
      const all = { ...asked, request: new Request(asked.request.url), first: 0, last: blob.length - 1 };
      return count < 3 ? cut(all, 50_000 + 60_000 * count) : answer(all);
    };
    deepEqual(await source.read(digest, range, signal), wanted);
  }, quick()));

Deno.test("a connection that is cut before anything comes is given up after five attempts", () =>
  over(async (source, registry) => {
    registry.misbehave = (asked) => cut(asked, 0);
    await rejects(source.read(digest, range, signal), { fault: "network" });
    equal(registry.asked.length, 5);
  }, quick()));

Deno.test("503 and 429 are asked again, 404 and 403 are not", () =>
  over(async (source, registry) => {
    registry.misbehave = (_, count) =>
      count < 3 ? new Response("busy", { status: count === 1 ? 503 : 429 }) : undefined;
    deepEqual(await source.read(digest, range, signal), wanted);
    for (const status of [404, 403, 401, 416]) {
      registry.asked.length = 0;
      registry.misbehave = () => new Response("no", { status });
      await rejects(source.read(digest, range, signal), {
        fault: "repository",
        message: new RegExp(`${status}`),
      });
      equal(registry.asked.length, 1);
    }
  }, quick()));

Deno.test("a body that dribbles is cut and asked for again", async () => {
  const clock = new FakeClock();
  await over(async (source, registry) => {
    let open = 0;
    registry.misbehave = (asked, count) => {
      if (count > 2) return undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          open++;
          controller.enqueue(asked.bytes.slice(asked.first, asked.first + 1000));
        },
        cancel: () => void open--,
      });
      return new Response(body, { status: 206, headers: answer(asked).headers });
    };
    let done = false;
    const read = source.read(digest, range, signal).finally(() => done = true);
    await until("it is read", async () => {
      await clock.advance(idleMs / 4);
      return done;
    });
    equal(registry.asked.length, 3);
    deepEqual(await read, wanted);
    await until("nobody holds a connection", () => open === 0);
  }, clock);
});

Deno.test("authorization goes to its own origin only, and a redirect's secrets are never shown", async () => {
  await using other = serveRegistry(() => blob);
  await over(async (source, registry) => {
    registry.misbehave = ({ request }) =>
      request.url.includes("moved")
        ? undefined
        : Response.redirect(`${registry.url}/v2/moved/blobs/${digest}`, 307);
    deepEqual(await source.read(digest, range, signal), wanted);
    equal(registry.asked[1]!.request.headers.get("authorization"), authorization);

    registry.misbehave = () => Response.redirect(`${other.url}/v2/x/blobs/${digest}?signature=hunter3`, 302);
    deepEqual(await source.read(digest, range, signal), wanted);
    const { headers } = other.asked[0]!.request;
    deepEqual([headers.get("authorization"), headers.get("range")], [null, "bytes=100000-249999"]);

    other.misbehave = () => new Response("no", { status: 403 });
    const error = await source.read(digest, range, signal).catch((error) => error);
    equal(/hunter/.test(Deno.inspect(error)), false);
  });
});

Deno.test("an address where nobody answers is not shown with its secrets", () =>
  over(async (source, registry) => {
    registry.misbehave = () => Response.redirect("http://127.0.0.1:1/x?signature=hunter3", 302);
    const error = await source.read(digest, range, signal).catch((error) => error);
    equal(error.fault, "network");
    equal(/hunter/.test(Deno.inspect(error)), false);
  }, quick()));

for (const to of ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x"]) {
  Deno.test(`a redirect to ${to} is not followed`, () =>
    over(async (source, registry) => {
      registry.misbehave = () => new Response(null, { status: 302, headers: { location: to } });
      await rejects(source.read(digest, range, signal), { fault: "repository" });
    }));
}

Deno.test("a circle of redirects has an end", () =>
  over(async (source, registry) => {
    registry.misbehave = ({ request }) => Response.redirect(request.url, 302);
    await rejects(source.read(digest, range, signal), { fault: "repository", message: /more than 5 times/ });
  }));

Deno.test("a manifest that is too large is refused before it is in memory", () =>
  over(async (source, registry) => {
    let sent = 0;
    registry.misbehave = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new Uint8Array(65_536));
            sent += 65_536;
          },
        }),
      );
    await rejects(source.manifest(digest, signal), { fault: "content" });
    ok(sent < 2 * maxManifestBytes, `${sent} bytes`);
    const large = new Uint8Array(maxManifestBytes + 1);
    registry.misbehave = () => new Response(large);
    await rejects(source.manifest(digest, signal), { fault: "content" });
  }));

Deno.test("an answer that is refused for its headers is let go at once", () =>
  over(async (source, registry) => {
    const released = Promise.withResolvers<void>();
    registry.misbehave = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
          cancel: () => released.resolve(),
        }),
        { status: 206, headers: { "content-range": "bytes 7-8/9" } },
      );
    await rejects(source.read(digest, range, signal), { fault: "repository" });
    await released.promise;
  }));

Deno.test("a manifest whose connection is cut is read from its beginning", () =>
  over(async (source, registry) => {
    registry.misbehave = (asked, count) => count === 1 ? cut(asked, 20_000) : undefined;
    deepEqual(await source.manifest(digest as Digest, signal), blob);
  }, quick()));

Deno.test("an abort ends a question at once, with its reason", () =>
  over(async (source, registry) => {
    const stop = new AbortController();
    registry.misbehave = () =>
      new Response(new ReadableStream(), {
        status: 206,
        headers: { "content-range": "bytes 100000-249999/300000" },
      });
    const read = source.read(digest, range, stop.signal);
    await until("it is asked for", () => registry.asked.length === 1);
    stop.abort(new Error("something else is wanted"));
    await rejects(read, { message: "something else is wanted" });
  }));

Deno.test("a registry that is not there is the network's fault", async () => {
  const source = registrySource({ url: "http://127.0.0.1:1", repository: "web", clock: quick() });
  await rejects(source.read(digest, range, signal), {
    fault: "network",
    message: /^Cannot read http:\/\/127\.0\.0\.1:1\/v2\/web\/blobs/,
  });
});

/** A clock whose short waits are over at once; what is longer never comes. */
function quick(): Clock {
  return {
    ...systemClock,
    after: (ms, callback) => ms >= idleMs ? () => {} : systemClock.after(0, callback),
  };
}
