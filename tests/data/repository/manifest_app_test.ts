import { equal, match, ok, rejects } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { Stage } from "./stage.ts";

const wait = (etag: string, seconds: string) => ({ headers: { "if-none-match": etag, prefer: seconds } });

async function etagOf(stage: Stage): Promise<string> {
  return (await stage.app.request("/.manifest")).headers.get("etag")!;
}

Deno.test("who knows the manifest is told 304, and after a change the new one", async () => {
  await using stage = await Stage.start();
  const etag = await etagOf(stage);
  equal((await stage.app.request("/.manifest", { headers: { "if-none-match": etag } })).status, 304);
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", commit);
  equal((await stage.app.request("/.manifest", { headers: { "if-none-match": etag } })).status, 200);
});

Deno.test("who waits is answered when there is a new version, not before", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", commit);
  let answered = false;
  const waiting = Promise.resolve(
    stage.app.request("/.manifest", wait(await etagOf(stage), "respond-async, wait=30")),
  ).then((answer) => {
    answered = true;
    return answer;
  });
  await stage.upstream.commit({ f: "2" });
  equal(answered, false);
  const next = await stage.push({ f: "3" });
  const answer = await waiting;
  equal(answer.status, 200);
  equal(answer.headers.get("preference-applied"), "wait=30");
  ok((await answer.text()).includes(next.digest));
});

Deno.test("who waits in vain is told 304 after his time, who knows something else is answered at once", async () => {
  await using stage = await Stage.start();
  const began = performance.now();
  equal((await stage.app.request("/.manifest", wait(await etagOf(stage), "wait=1"))).status, 304);
  ok(performance.now() - began > 900);
  equal((await stage.app.request("/.manifest", wait('"other"', "wait=60"))).status, 200);
  equal((await stage.app.request("/.manifest", wait(await etagOf(stage), "wait=nonsense"))).status, 304);
});

Deno.test("who goes away waits no more", async () => {
  await using stage = await Stage.start();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, stage.app.fetch);
  const { announcement } = stage.parts.repository;
  const gone = new AbortController();
  const { headers } = wait(await etagOf(stage), "wait=60");
  const asked = fetch(`http://127.0.0.1:${server.addr.port}/.manifest`, { headers, signal: gone.signal });
  await until("it waits", () => announcement.waiting === 1);
  gone.abort();
  await rejects(asked);
  await until("nobody waits", () => announcement.waiting === 0);
  await server.shutdown();
});

Deno.test("the end of the program is the end of all waiting", async () => {
  await using stage = await Stage.start();
  const waiting = stage.app.request("/.manifest", wait(await etagOf(stage), "wait=60"));
  await Promise.resolve();
  stage.end();
  equal((await waiting).status, 304);
});

Deno.test("who asks for what is not here is told what is, and who uses a wrong method which is taken", async () => {
  await using stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  const { path } = await stage.version("s", commit);
  const answer = async (path: string, method = "GET") => {
    const answer = await stage.app.request(path, { method });
    return `${answer.status} ${answer.headers.get("allow")} ${await answer.text()}`;
  };
  match(await answer("/"), /^404 null .*GET \/\.manifest/);
  match(await answer("/shop/folder/x"), /^404 null .*GET \/\.manifest/);
  match(await answer(`/nope/${path}`), /^404 null There is no source nope\. GET \/\.manifest/);
  match(await answer("/s/other.tar"), /^404 null The source s has no version other\.tar\. GET \/\.manifest/);
  for (const path of ["/.manifest", "/s/other.tar", "/ping", "/metrics", "/v2/"]) {
    match(await answer(path, "PUT"), /^405 GET, HEAD /);
  }
  match(await answer("/hooks/s", "GET"), /^405 POST /);
});
