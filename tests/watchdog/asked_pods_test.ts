import { deepEqual, equal, rejects } from "node:assert/strict";
import type { KubeRequest } from "../../k8s/client.ts";
import type { Pod } from "../../k8s/core_v1.ts";
import { KubeError } from "../../lib/kube/errors.ts";
import { AskedPods, type Which } from "../../lib/watchdog/asked_pods.ts";
import { FakeClient } from "../k8s/fake_client.ts";

/** An API server with so many pods in `shop`, which answers as a test says. */
class Shop extends FakeClient {
  /** Refuses a request by its HTTP status. */
  refuse: (request: KubeRequest) => number | undefined = () => undefined;
  constructor(readonly pods: number) {
    super();
  }

  override async json<T>(request: KubeRequest): Promise<T> {
    await super.json(request);
    const { method, path, query } = request;
    const status = this.refuse(request);
    if (status !== undefined) throw new KubeError({ method, path }, status, {});
    if (!path.endsWith("/pods")) return podAt(0) as T;
    const first = Number(query?.continue ?? 0);
    const after = Math.min(this.pods, first + Number(query?.limit ?? this.pods));
    const items = Array.from({ length: after - first }, (_, i) => podAt(first + i));
    return { metadata: after < this.pods ? { continue: `${after}` } : {}, items } as T;
  }
}

function podAt(i: number): Pod {
  const annotations = { "status.autocrane.io/disk": "info/2026-01-31T12:00:00/fine" };
  return { metadata: { namespace: "shop", name: `web-${i}`, annotations } };
}

const { signal } = new AbortController();

function asked(client: Shop, which: Partial<Which> = {}): AskedPods {
  return new AskedPods(client, { namespace: "shop", pod: undefined, selector: undefined, ...which }, signal);
}

const queries = (client: Shop) =>
  client.calls.map(({ request: { query } }) => [query?.limit, query?.continue, query?.labelSelector]);

Deno.test("lists are read in pages of 100, each with the selector, until there are no more", async () => {
  const client = new Shop(250);
  const readings = await asked(client, { selector: "app=web" }).readings();
  deepEqual(readings.map(({ pod }) => pod), Array.from({ length: 250 }, (_, i) => `web-${i}`));
  deepEqual(queries(client), [
    [100, undefined, "app=web"],
    [100, "100", "app=web"],
    [100, "200", "app=web"],
  ]);
});

Deno.test("where the server has forgotten where it was, all is read at once", async () => {
  const client = new Shop(250);
  client.refuse = ({ query }) => query?.continue === "200" ? 410 : undefined;
  equal((await asked(client).readings()).length, 250);
  deepEqual(queries(client).at(-1), [undefined, undefined, undefined]);
});

Deno.test("one pod is read alone", async () => {
  const client = new Shop(250);
  equal((await asked(client, { pod: "web-0" }).readings()).length, 1);
  equal(client.request?.path, "/api/v1/namespaces/shop/pods/web-0");
});

Deno.test("whoever follows one pod lists and watches it alone", async () => {
  const client = new Shop(1);
  const { source } = asked(client, { pod: "web-0", selector: undefined });
  await source.list({});
  for await (const _ of source.watch({}));
  const fields = client.calls.map(({ request }) => request.query?.fieldSelector);
  deepEqual(fields, ["metadata.name=web-0", "metadata.name=web-0"]);
});

Deno.test("every call ends with the signal", async () => {
  const client = new Shop(250);
  const [all, one] = [asked(client), asked(client, { pod: "web-0" })];
  for (const call of [() => all.readings(), () => one.readings(), () => all.nothing(), () => one.nothing()]) {
    await call();
  }
  equal(client.calls.length, 6);
  for (const { request } of client.calls) equal(request.signal, signal);
});

Deno.test("that nothing is there is said of the pod or the namespace that was meant", async () => {
  const client = new Shop(0);
  equal(await asked(client).nothing(), "No watchdog has reported in the namespace shop.\n");
  equal(client.request?.path, "/api/v1/namespaces/shop");
  equal(await asked(client, { pod: "web" }).nothing(), "No watchdog has reported on the pod shop/web.\n");
});

Deno.test("a namespace that may not be looked at is as an empty one; one that is not there is told", async () => {
  const client = new Shop(0);
  client.refuse = () => 403;
  equal(await asked(client).nothing(), "No watchdog has reported in the namespace shop.\n");
  client.refuse = () => 404;
  await rejects(asked(client).nothing(), { status: 404 });
});
