import { deepEqual, equal, rejects } from "node:assert/strict";
import type { KubeRequest } from "../../k8s/client.ts";
import { KubeError } from "../../lib/kube/errors.ts";
import { version } from "../../lib/runtime/version.ts";
import { connectReporter, Reporter } from "../../lib/watchdog/reporter.ts";
import { kubeconfig } from "../cmd/run.ts";
import { FakeClient } from "../k8s/fake_client.ts";
import { FakeClock } from "../support/fake_clock.ts";

function reporting() {
  const client = new FakeClient();
  const clock = new FakeClock();
  const reporter = new Reporter({ client, namespace: "shop", pod: "web-1", clock });
  const writes = () => client.calls.filter(({ request }) => request.method === "PATCH");
  return { reporter, clock, writes };
}

Deno.test("what an application says of itself is written as a status and in the label", async () => {
  const { reporter, writes } = reporting();
  await reporter.report("disk", "error", "/data is full");
  const { path, query, body } = writes()[0]!.request;
  equal(path, "/api/v1/namespaces/shop/pods/web-1");
  equal(query?.fieldManager, "autocrane-reporter");
  deepEqual(body, {
    metadata: {
      // The API server of this test knows nothing of the pod.
      uid: undefined,
      resourceVersion: undefined,
      annotations: {
        "status.autocrane.io/disk": "error/2026-01-31T12:00:00//data is full",
        "expires.status.autocrane.io/disk": null,
      },
      labels: { "status.autocrane.io/health": "error" },
    },
  });
});

Deno.test("the same words again are not written again; others are", async () => {
  const { reporter, clock, writes } = reporting();
  for (const message of ["full", "full", "full", "fuller"]) {
    await reporter.report("disk", "error", message);
    await clock.advance(1000);
  }
  equal(writes().length, 2);
});

Deno.test("a status that expires is renewed once half of its time is over, as long as somebody reports", async () => {
  const { reporter, clock, writes } = reporting();
  for (let second = 0; second < 60; second++) {
    await reporter.report("disk", "info", "fine", { expiresIn: 20_000 });
    await clock.advance(1000);
  }
  equal(writes().length, 6);
});

/** An API server with one pod, which as real ones does refuses a patch of what has changed since it was read. */
class Versioned extends FakeClient {
  version = 1;
  /** What becomes of the patches to come; without any they are carried out. */
  failures: Error[] = [];
  readonly written: string[] = [];

  override async json<T>(request: KubeRequest): Promise<T> {
    await super.json(request);
    // Other requests may overtake this one.
    await Promise.resolve();
    if (request.method === "PATCH") this.#patch(request);
    return { metadata: { uid: "uid-1", resourceVersion: `${this.version}`, annotations: {} } } as T;
  }

  #patch({ method, path, body }: KubeRequest): void {
    const failure = this.failures.shift();
    if (failure) throw failure;
    const { metadata } = body as {
      metadata: { resourceVersion: string; annotations: Record<string, string> };
    };
    if (metadata.resourceVersion !== `${this.version}`) throw new KubeError({ method, path }, 409, {});
    this.version++;
    this.written.push(metadata.annotations["status.autocrane.io/disk"]!.split("/").slice(2).join("/"));
  }
}

function versioned() {
  const client = new Versioned();
  let closed = 0;
  const options = { client, namespace: "shop", pod: "web-1", clock: new FakeClock() };
  return { client, reporter: new Reporter({ ...options, closed: () => closed++ }), closed: () => closed };
}

Deno.test("reports that nobody awaits are written one after the other, in the order of the calls", async () => {
  const { client, reporter } = versioned();
  const words = Array.from({ length: 30 }, (_, i) => `${i}`);
  await Promise.all(words.map((message) => reporter.report("disk", "info", message)));
  deepEqual(client.written, words);
});

Deno.test("the same words are not written twice though both reports were under way", async () => {
  const { client, reporter } = versioned();
  await Promise.all([1, 2, 3].map(() => reporter.report("disk", "info", "fine")));
  deepEqual(client.written, ["fine"]);
});

Deno.test("a report that fails is told to its caller and holds up no other", async () => {
  const { client, reporter } = versioned();
  client.failures = [new Error("no answer")];
  const results = await Promise.allSettled([
    reporter.report("disk", "error", "full"),
    reporter.report("disk", "info", "fine"),
  ]);
  deepEqual(results.map(({ status }) => status), ["rejected", "fulfilled"]);
  deepEqual(client.written, ["fine"]);
});

Deno.test("after a failure the words that stood before are written again: what failed may stand there", async () => {
  const { client, reporter } = versioned();
  await reporter.report("disk", "info", "fine");
  client.failures = [new Error("no answer")];
  await rejects(reporter.report("disk", "error", "full"));
  await reporter.report("disk", "info", "fine");
  deepEqual(client.written, ["fine", "fine"]);
});

Deno.test("a name or an expiry that can be none is refused, also beside words that stand already", async () => {
  const { client, reporter } = versioned();
  await rejects(
    reporter.report("disk/full", "info", "fine"),
    /^WrongUse: The watchdog's name is "disk\/full"/,
  );
  await reporter.report("disk", "info", "fine");
  await rejects(reporter.report("disk", "info", "fine", { expiresIn: Infinity }), { name: "WrongUse" });
  deepEqual(client.written, ["fine"]);
});

Deno.test("a reporter that is closed closes its client once, and reports no more", async () => {
  const { client, reporter, closed } = versioned();
  const waiting = [reporter.report("disk", "error", "full"), reporter.report("disk", "info", "fine")];
  const ended = Promise.allSettled(waiting);
  {
    using used = reporter;
    used.close();
  }
  equal(closed(), 1);
  for (const result of await ended) equal(result.status, "rejected");
  await rejects(
    reporter.report("disk", "info", "fine"),
    /Cannot report a watchdog: the reporter is closed\./,
  );
  deepEqual(client.written, []);
});

Deno.test({
  name: "a reporter that found its own way says which version it is, and leaves no connection open",
  sanitizeResources: true,
  async fn() {
    const agents: (string | null)[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ headers }) => {
      agents.push(headers.get("user-agent"));
      return Response.json({ metadata: { uid: "uid-1", resourceVersion: "1" } });
    });
    const kubeconfigFile = await Deno.makeTempFile();
    await Deno.writeTextFile(kubeconfigFile, kubeconfig(`http://127.0.0.1:${server.addr.port}`));
    {
      using reporter = await connectReporter({ pod: "web-1", kubeconfig: kubeconfigFile });
      await reporter.report("disk", "info", "fine");
    }
    deepEqual(agents, [`autocrane-reporter/${version}`, `autocrane-reporter/${version}`]);
    await Deno.remove(kubeconfigFile);
    await server.shutdown();
  },
});
