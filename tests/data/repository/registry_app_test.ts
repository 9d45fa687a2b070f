import { deepEqual, equal, match } from "node:assert/strict";
import { createHash } from "node:crypto";
import { Stage } from "./stage.ts";

/** One version, and a blob of it. */
async function packed(stage: Stage) {
  const commit = await stage.upstream.push({ f: "x".repeat(10_000) + Math.random() });
  stage.follow("s:git:UPSTREAM;empty:azkv:x");
  const version = await stage.version("s", commit);
  const manifest = await (await stage.app.request(`/v2/s/manifests/${version.digest}`)).json();
  const { digest, size } = manifest.layers[0] as { digest: string; size: number };
  return { version, digest, size, url: `/v2/s/blobs/${digest}` };
}

const sha256 = (bytes: ArrayBuffer) =>
  `sha256:${createHash("sha256").update(new Uint8Array(bytes)).digest("hex")}`;

Deno.test("manifests are found by digest, by tag and as latest; tags are listed in pages", async () => {
  await using stage = await Stage.start();
  const { version } = await packed(stage);
  const tag = version.path.replace(".tar", "");
  equal(await (await stage.app.request("/v2/")).text(), "{}");
  for (const reference of [version.digest, tag, "latest"]) {
    const answer = await stage.app.request(`/v2/s/manifests/${reference}`);
    equal(answer.status, 200);
    equal(answer.headers.get("content-type"), "application/vnd.oci.image.manifest.v1+json");
    equal(answer.headers.get("docker-content-digest"), version.digest);
    equal(sha256(await answer.arrayBuffer()), version.digest);
  }
  deepEqual(await (await stage.app.request("/v2/s/tags/list")).json(), { name: "s", tags: [tag, "latest"] });
  const page = await stage.app.request("/v2/s/tags/list?n=1");
  deepEqual((await page.json()).tags, [tag]);
  const next = /^<(.*)>; rel="next"$/.exec(page.headers.get("link")!)![1]!;
  deepEqual((await (await stage.app.request(next)).json()).tags, ["latest"]);
});

Deno.test("a blob is answered whole, in part, by HEAD, and not at all where it is known", async () => {
  await using stage = await Stage.start();
  const { digest, size, url } = await packed(stage);
  const whole = await stage.app.request(url);
  equal(whole.status, 200);
  const bytes = new Uint8Array(await whole.arrayBuffer());
  equal(sha256(bytes.buffer), digest);
  equal(whole.headers.get("content-length"), String(size));
  match(whole.headers.get("cache-control")!, /immutable/);
  const etag = whole.headers.get("etag")!;
  const head = await stage.app.request(url, { method: "HEAD" });
  deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, String(size), ""]);
  const parts: [string, number, number][] = [
    ["bytes=0-9", 0, 10],
    ["bytes=5-", 5, size],
    ["bytes=-7", size - 7, size],
    [`bytes=3-${size + 100}`, 3, size],
    [`bytes=-${size + 100}`, 0, size],
  ];
  for (const [range, from, to] of parts) {
    const part = await stage.app.request(url, { headers: { range } });
    equal(part.status, 206, range);
    equal(part.headers.get("content-range"), `bytes ${from}-${to - 1}/${size}`);
    deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(from, to));
  }
  const status = async (headers: Record<string, string>) => {
    const answer = await stage.app.request(url, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  equal(await status({ range: `bytes=${size}-` }), 416);
  equal(await status({ range: "bytes=-0" }), 416);
  equal(await status({ range: "bytes=0-1,3-4" }), 200);
  equal(await status({ range: "lines=0-1" }), 200);
  equal(await status({ range: "bytes=0-1", "if-range": etag }), 206);
  equal(await status({ range: "bytes=0-1", "if-range": '"other"' }), 200);
  for (const range of ["bytes=0-9", `bytes=${size}-`]) {
    const { status, headers } = await stage.app.request(url, { method: "HEAD", headers: { range } });
    deepEqual([status, headers.get("content-length")], [200, String(size)], "only GET has parts");
  }
  equal(await status({ "if-none-match": etag }), 304);
  equal(await status({ "if-none-match": `W/${etag}, "x"` }), 304);
});

Deno.test("what is not there, and writes, are answered as the distribution API says", async () => {
  await using stage = await Stage.start();
  const { url } = await packed(stage);
  const none = `sha256:${"0".repeat(64)}`;
  const expected: [string, string, number, string][] = [
    ["GET", `/v2/gone/manifests/latest`, 404, "NAME_UNKNOWN"],
    ["GET", `/v2/gone/blobs/${none}`, 404, "NAME_UNKNOWN"],
    ["GET", `/v2/gone/tags/list`, 404, "NAME_UNKNOWN"],
    ["GET", `/v2/s/manifests/${none}`, 404, "MANIFEST_UNKNOWN"],
    ["GET", `/v2/s/manifests/no-tag`, 404, "MANIFEST_UNKNOWN"],
    ["GET", `/v2/empty/manifests/latest`, 404, "MANIFEST_UNKNOWN"],
    ["GET", `/v2/s/blobs/${none}`, 404, "BLOB_UNKNOWN"],
    ["GET", `/v2/s/blobs/sha256:..%2f..%2fcatalogue.json`, 400, "DIGEST_INVALID"],
    ["GET", `/v2/s/nonsense`, 404, "NAME_UNKNOWN"],
    ["POST", `/v2/s/blobs/uploads/`, 405, "UNSUPPORTED"],
    ["PUT", `/v2/s/manifests/latest`, 405, "UNSUPPORTED"],
    ["DELETE", url, 405, "UNSUPPORTED"],
  ];
  for (const [method, path, status, code] of expected) {
    const answer = await stage.app.request(path, { method });
    equal(answer.status, status, path);
    equal((await answer.json()).errors[0].code, code, path);
  }
});

Deno.test("the older route serves a version as one archive whose hash is the manifest's", async () => {
  await using stage = await Stage.start();
  const { version } = await packed(stage);
  const answer = await stage.app.request(`/s/${version.path}`);
  equal(answer.status, 200);
  const bytes = await answer.arrayBuffer();
  equal(answer.headers.get("content-length"), String(bytes.byteLength));
  equal(sha256(bytes).slice(7).toUpperCase(), version.hash);
  const etag = answer.headers.get("etag")!;
  equal(etag, `"${version.hash}"`);
  const head = await stage.app.request(`/s/${version.path}`, { method: "HEAD" });
  deepEqual([head.status, head.headers.get("content-length")], [200, String(bytes.byteLength)]);
  equal((await stage.app.request(`/s/${version.path}`, { headers: { "if-none-match": etag } })).status, 304);
  equal((await stage.app.request(`/s/0-${"0".repeat(40)}.tar`)).status, 404);
  equal((await stage.app.request(`/gone/${version.path}`)).status, 404);
  const file = `${stage.root}/archive.tar.zst`;
  await Deno.writeFile(file, new Uint8Array(bytes));
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", `zstd -dcq ${file} | tar tf -`],
    stderr: "null",
  }).output();
  equal(success, true);
  match(new TextDecoder().decode(stdout), /^(\.\/)?f$/m);
});

Deno.test("a server's HEAD tells the length, and a reader that goes away in the middle leaves nothing open", {
  sanitizeResources: true,
}, async () => {
  await using stage = await Stage.start();
  const { size, url } = await packed(stage);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, stage.app.fetch);
  const base = `http://127.0.0.1:${server.addr.port}`;
  const head = await fetch(base + url, { method: "HEAD" });
  equal(head.headers.get("content-length"), String(size));
  const leaving = await fetch(base + url);
  await leaving.body!.cancel();
  equal((await (await fetch(base + url)).arrayBuffer()).byteLength, size);
  await server.shutdown();
});

/** Whether skopeo, an OCI client of others, is here. */
const skopeo = await new Deno.Command("skopeo", { args: ["--version"], stdout: "null" }).output().then(
  ({ success }) => success,
  () => false,
);

Deno.test({
  name: "skopeo, which is not ours, copies a version from the repository",
  ignore: !skopeo,
  async fn() {
    await using stage = await Stage.start();
    const { version, digest, size } = await packed(stage);
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, stage.app.fetch);
    const from = `docker://127.0.0.1:${server.addr.port}/s:${version.path.replace(".tar", "")}`;
    const to = `${stage.root}/copy`;
    const { code, stderr } = await new Deno.Command("skopeo", {
      args: ["--insecure-policy", "copy", "--src-tls-verify=false", from, `dir:${to}`],
      stdout: "null",
    }).output();
    await server.shutdown();
    equal(code, 0, new TextDecoder().decode(stderr));
    const copied = await Deno.readFile(`${to}/${digest.slice(7)}`);
    equal(copied.length, size);
    equal(sha256(copied.buffer), digest);
    equal(sha256((await Deno.readFile(`${to}/manifest.json`)).buffer), version.digest);
  },
});
