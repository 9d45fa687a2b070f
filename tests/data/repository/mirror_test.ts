import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseRegistry } from "../../../lib/data/repository/registry_client.ts";
import { until } from "../../cluster/support/wait.ts";
import { Stage } from "./stage.ts";

const calm = new AbortController().signal;

/** A registry as the distribution API has it, in memory. */
class FakeRegistry implements AsyncDisposable {
  readonly blobs = new Map<string, Uint8Array>();
  readonly manifests = new Map<string, Uint8Array>();
  readonly requests: string[] = [];
  down = false;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (one) => this.#answer(one));
  }

  get place() {
    const place = parseRegistry(`127.0.0.1:${this.#server.addr.port}/team/data`);
    if ("problem" in place) throw new Error(place.problem);
    return place;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    if (this.down) return new Response("maintenance\n", { status: 503 });
    this.requests.push(`${request.method} ${pathname}`);
    if (pathname === "/v2/") return new Response("{}");
    const path = pathname.replace("/v2/team/data/", "");
    if (request.method === "POST") {
      return new Response(null, { status: 202, headers: { location: "/v2/upload?x=1" } });
    }
    if (pathname === "/v2/upload") {
      const digest = searchParams.get("digest")!;
      const real = `sha256:${createHash("sha256").update(body).digest("hex")}`;
      if (digest !== real || searchParams.get("x") !== "1") return new Response(null, { status: 400 });
      this.blobs.set(digest, body);
      return new Response(null, { status: 201 });
    }
    if (request.method === "PUT") this.manifests.set(path.replace("manifests/", ""), body);
    if (request.method === "PUT") return new Response(null, { status: 201 });
    const blob = this.blobs.get(path.replace("blobs/", ""));
    return blob ? new Response(blob as Uint8Array<ArrayBuffer>) : new Response(null, { status: 404 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("versions are pushed to a registry, each blob once, and readers are sent there for blobs", async () => {
  await using registry = new FakeRegistry();
  await using stage = await Stage.start({ registry: registry.place });
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const version = await stage.version("s", commit);
  const { layers } = await (await stage.app.request(`/v2/s/manifests/${version.digest}`)).json();
  const url = `/v2/s/blobs/${layers[0].digest}`;
  equal(
    (await stage.app.request(url, { method: "HEAD" })).status,
    200,
    "before it is there it is served from here",
  );
  const end = new AbortController();
  const running = stage.parts.mirror!.run(end.signal);
  const redirected = await until("readers are sent there", async () => {
    const answer = await stage.app.request(url);
    await answer.body?.cancel();
    return answer.status === 307 && answer;
  });
  const there = await fetch(redirected.headers.get("location")!);
  equal((await there.arrayBuffer()).byteLength, layers[0].size);
  deepEqual([...registry.manifests.keys()], [`s-${version.path.replace(".tar", "")}`]);
  await stage.push({ f: "2" });
  await until("the next one is there as well", () => registry.manifests.size === 2);
  const uploads = registry.requests.filter((one) => one.startsWith("PUT /v2/upload")).length;
  equal(uploads, registry.blobs.size);
  end.abort();
  stage.end();
  await running;
});

Deno.test("while the registry is down everything is served from here", async () => {
  await using registry = new FakeRegistry();
  await using stage = await Stage.start({ registry: registry.place });
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const version = await stage.version("s", commit);
  const { layers } = await (await stage.app.request(`/v2/s/manifests/${version.digest}`)).json();
  registry.down = true;
  const error = await stage.parts.mirror!.turn(calm).catch((error) => error);
  match(error.message, /^GET \/v2\/: HTTP 503 maintenance$/);
  const answer = await stage.app.request(`/v2/s/blobs/${layers[0].digest}`);
  equal(answer.status, 200);
  await answer.body!.cancel();
});

Deno.test("a registry is a host and a repository; only this machine is spoken with in plain HTTP", () => {
  deepEqual(parseRegistry("registry.example.com/team/data"), {
    origin: "https://registry.example.com",
    name: "team/data",
  });
  for (const host of ["localhost:5000", "127.0.0.1:5000", "127.1.2.3", "[::1]:5000"]) {
    deepEqual(parseRegistry(`${host}/d`), { origin: `http://${host}`, name: "d" });
  }
  deepEqual(parseRegistry("127.evil.com/d"), { origin: "https://127.evil.com", name: "d" });
  for (
    const bad of ["", "host", "host/", "host/Upper", "https://host/x", "u:p@host/x", "host/a//b", "host/../x"]
  ) {
    ok("problem" in parseRegistry(bad), bad);
  }
});
