import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { KubeRequest } from "../../k8s/client.ts";
import type { StringMap } from "../../lib/contract/keys.ts";
import { KubeError } from "../../lib/kube/errors.ts";
import { type Post, postStatus } from "../../lib/watchdog/post.ts";
import { FakeClient } from "../k8s/fake_client.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";

/** An API server with one pod, which refuses patches as a test says; the pod is newer after each refusal. */
class OnePod extends FakeClient {
  version = 7;
  constructor(readonly annotations: StringMap, readonly refusals: number[] = []) {
    super();
  }

  override async json<T>(request: KubeRequest): Promise<T> {
    await super.json(request);
    const { method, path } = request;
    const status = method === "PATCH" ? this.refusals.shift() : undefined;
    if (status !== undefined) {
      this.version++;
      throw new KubeError({ method, path }, status, { message: "no" });
    }
    return {
      metadata: { uid: "uid-1", resourceVersion: String(this.version), annotations: { ...this.annotations } },
    } as T;
  }

  /** The requests' methods. */
  get methods(): string[] {
    return this.calls.map(({ request }) => request.method);
  }
}

const post: Post = {
  namespace: "shop",
  pod: "web-1",
  watchdog: "app",
  level: "error",
  message: "queue\nis full",
};

function posted(client: OnePod, changes: Partial<Post> = {}): Promise<void> {
  return postStatus({ ...post, ...changes }, { client, fieldManager: "tester", clock: new FakeClock() });
}

/** The same where conflicts have to be waited for. */
async function postedInTime(client: OnePod, clock: FakeClock, signal?: AbortSignal): Promise<void> {
  const done = postStatus(post, { client, fieldManager: "tester", clock, signal, random: () => 0 });
  done.catch(() => {});
  await clock.advance(60_000);
  await done;
}

/** The metadata of the last request's patch. */
function patchOf(client: OnePod) {
  return (client.request!.body as { metadata: { annotations: StringMap; labels: StringMap } }).metadata;
}

Deno.test("status and label go in one merge patch, for the pod as it was read, by the given manager", async () => {
  const client = new OnePod({});
  await posted(client);
  deepEqual(client.methods, ["GET", "PATCH"]);
  const { path, query, contentType, body } = client.request!;
  equal(path, "/api/v1/namespaces/shop/pods/web-1");
  equal(query?.fieldManager, "tester");
  equal(contentType, "application/merge-patch+json");
  deepEqual(body, {
    metadata: {
      uid: "uid-1",
      resourceVersion: "7",
      annotations: {
        "status.autocrane.io/app": "error/2026-01-31T12:00:00/queue is full",
        "expires.status.autocrane.io/app": null,
      },
      labels: { "status.autocrane.io/health": "error" },
    },
  });
});

Deno.test("a status that expires says when", async () => {
  const client = new OnePod({});
  await posted(client, { expiresIn: 90_000 });
  equal(patchOf(client).annotations["expires.status.autocrane.io/app"], "2026-01-31T12:01:30");
});

const others: [string, StringMap, Post["level"], string][] = [
  ["a worse one counts", { "status.autocrane.io/disk": "error/2026-01-31T11:00:00/x" }, "info", "error"],
  [
    "a better one does not",
    { "status.autocrane.io/disk": "info/2026-01-31T11:00:00/x" },
    "warning",
    "warning",
  ],
  [
    "the old one of the same name does not",
    {
      "status.autocrane.io/app": "error/2026-01-31T11:00:00/x",
    },
    "info",
    "info",
  ],
  ["one that cannot be read does not", { "status.autocrane.io/disk": "x" }, "info", "info"],
  [
    "an expired one does not",
    {
      "status.autocrane.io/disk": "error/2026-01-31T11:00:00/x",
      "expires.status.autocrane.io/disk": "2026-01-31T12:00:00",
    },
    "info",
    "info",
  ],
  [
    "an old expiry of the same name does not end the new one",
    {
      "expires.status.autocrane.io/app": "2026-01-31T11:00:00",
    },
    "error",
    "error",
  ],
];
for (const [what, annotations, level, label] of others) {
  Deno.test(`the label is the most severe of the pod's statuses: ${what}`, async () => {
    const client = new OnePod(annotations);
    await posted(client, { level });
    equal(patchOf(client).labels["status.autocrane.io/health"], label);
  });
}

Deno.test("annotations of others are not touched", async () => {
  const client = new OnePod({ note: "x", "status.autocrane.io/disk": "info/2026-01-31T11:00:00/x" });
  await posted(client);
  deepEqual(Object.keys(patchOf(client).annotations), [
    "status.autocrane.io/app",
    "expires.status.autocrane.io/app",
  ]);
});

Deno.test("on a conflict the pod is read again and the patch made anew", async () => {
  const client = new OnePod({}, [409, 409]);
  await postedInTime(client, new FakeClock());
  deepEqual(client.methods, ["GET", "PATCH", "GET", "PATCH", "GET", "PATCH"]);
  equal((patchOf(client) as unknown as { resourceVersion: string }).resourceVersion, "9");
});

Deno.test("a pod that changes all the time is given up after ten attempts", async () => {
  const client = new OnePod({}, Array<number>(20).fill(409));
  await rejects(postedInTime(client, new FakeClock()), (error: Error) => {
    equal((error.cause as KubeError).status, 409);
    match(error.message, /^Cannot write the status of app on pod "shop\/web-1": .*\. Try again\.$/);
    return true;
  });
  equal(client.methods.length, 20);
});

Deno.test("after each conflict the wait is longer, up to a second", async () => {
  const clock = new FakeClock();
  const times: number[] = [];
  class Timed extends OnePod {
    override json<T>(request: KubeRequest): Promise<T> {
      if (request.method === "GET") times.push(clock.monotonic());
      return super.json(request);
    }
  }
  await postedInTime(new Timed({}, Array<number>(7).fill(409)), clock);
  deepEqual(times.slice(1).map((time, i) => time - times[i]!), [50, 100, 200, 400, 800, 1000, 1000]);
});

Deno.test("each request has the signal, and one that aborts ends the wait between two attempts", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const client = new OnePod({}, [409]);
  const done = postStatus(post, { client, fieldManager: "tester", clock, signal: stop.signal });
  done.catch(() => {});
  await settled();
  equal(clock.waiting, 1);
  stop.abort(new Error("asked to end"));
  await rejects(done, /asked to end/);
  deepEqual(client.calls.map(({ request }) => [request.method, request.signal]), [
    ["GET", stop.signal],
    ["PATCH", stop.signal],
  ]);
});

for (const name of ["", "disk/full", "-disk", "x".repeat(64)]) {
  Deno.test(`nothing is written of a watchdog with the name ${JSON.stringify(name.slice(0, 10))}`, async () => {
    const client = new OnePod({});
    await rejects(
      posted(client, { watchdog: name }),
      /The watchdog's name is ".*": expected at most 63 letters/,
    );
    deepEqual(client.methods, []);
  });
}

for (const expiresIn of [Infinity, -Infinity, NaN, -1, 1e16]) {
  Deno.test(`a status that expires in ${expiresIn} ms is refused with what is expected`, async () => {
    const client = new OnePod({});
    await rejects(posted(client, { expiresIn }), {
      name: "WrongUse",
      message:
        `expiresIn of the watchdog "app" is ${expiresIn}: expected milliseconds from 0 to 3155760000000 ` +
        "(a hundred years); leave it out for a status that counts for ever.",
    });
    deepEqual(client.methods, []);
  });
}

for (const status of [403, 404, 422, 500]) {
  Deno.test(`a refusal with ${status} is not tried again`, async () => {
    const client = new OnePod({}, [status]);
    await rejects(posted(client), (error: KubeError) => error.status === status);
    deepEqual(client.methods, ["GET", "PATCH"]);
  });
}

Deno.test("a message of any length and content is cut and cleaned", async () => {
  const client = new OnePod({});
  await posted(client, { message: `\u001b[31m${"x".repeat(10_000)}` });
  const status = patchOf(client).annotations["status.autocrane.io/app"]!;
  equal(status.includes("\u001b"), false);
  equal(new TextEncoder().encode(status).length <= 26 + 512, true);
});
