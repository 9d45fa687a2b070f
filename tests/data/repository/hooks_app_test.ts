import { equal, match, ok } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { until } from "../../cluster/support/wait.ts";
import { hookSecret, signed, Stage } from "./stage.ts";

const hmac = (body: string, secret = hookSecret) => createHmac("sha256", secret).update(body).digest("hex");

async function followed(): Promise<Stage> {
  const stage = await Stage.start();
  const commit = await stage.upstream.push({ f: "1" });
  stage.follow("s:git:UPSTREAM");
  await stage.version("s", commit);
  return stage;
}

Deno.test("a push signed as GitHub, GitLab or anybody does has the source looked at", async () => {
  await using stage = await followed();
  const body = '{"ref":"refs/heads/other","repository":{"url":"https://evil/"}}';
  const proofs: Record<string, string>[] = [
    { "X-Hub-Signature-256": `sha256=${hmac(body)}` },
    { "X-Gitlab-Token": hookSecret },
    { "X-AutoCrane-Signature": `sha256=${hmac(body)}` },
  ];
  for (const [i, headers] of proofs.entries()) {
    const commit = await stage.upstream.push({ f: `push ${i}` });
    const answer = await stage.hook("s", headers, body);
    equal(answer.status, 202);
    match(await answer.text(), /^s is looked at now\.\n$/);
    await stage.version("s", commit);
  }
});

Deno.test("a wrong, missing, empty or foreign proof is refused with 401, and nothing is looked at", async () => {
  await using stage = await followed();
  const wrong: Record<string, string>[] = [
    {},
    { "X-Hub-Signature-256": `sha256=${hmac("other body")}` },
    { "X-Hub-Signature-256": `sha256=${hmac("{}", "other secret")}` },
    { "X-Hub-Signature-256": hmac("{}") },
    { "X-Hub-Signature-256": "sha256=" },
    { "X-Hub-Signature-256": "" },
    { "X-Hub-Signature": `sha1=${hmac("{}")}` },
    { "X-Gitlab-Token": "" },
    { "X-Gitlab-Token": `${hookSecret}x` },
    { "X-AutoCrane-Signature": `sha256=${hmac("{}").slice(0, -1)}0` },
    { "X-Hub-Signature-256": "sha256=00", "X-Gitlab-Token": hookSecret },
  ];
  const before = await stage.registry.metrics();
  for (const headers of wrong) equal((await stage.hook("s", headers)).status, 401, JSON.stringify(headers));
  equal((await stage.hook("gone", {})).status, 401);
  const looks = (text: string) => text.split("\n").filter((line) => line.includes("looks_total{"));
  equal(`${looks(await stage.registry.metrics())}`, `${looks(before)}`);
});

Deno.test("a source that is not there is 404, a GET 405, a large body 413 however it comes", async () => {
  await using stage = await followed();
  equal((await stage.hook("gone")).status, 404);
  equal((await stage.app.request("/hooks/s")).status, 405);
  const large = "x".repeat(2 ** 20 + 1);
  equal((await stage.hook("s", signed(large), large)).status, 413);
  equal((await stage.hook("s", { ...signed("{}"), "content-length": "2000000" })).status, 413);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  const answer = await stage.app.request("/hooks/s", { method: "POST", headers: signed(""), body: endless });
  equal(answer.status, 413);
  ok(pulled < 30, `${pulled} pieces were read`);
});

Deno.test("a source that is called too often is 429; pokes that come together are one look", async () => {
  await using stage = await followed();
  const answers = await Promise.all(Array.from({ length: 15 }, () => stage.hook("s")));
  const statuses = answers.map(({ status }) => status);
  equal(statuses.filter((status) => status === 202).length, 10);
  equal(statuses.filter((status) => status === 429).length, 5);
  equal(answers.find(({ status }) => status === 429)!.headers.get("retry-after"), "1");
  const looks = async () => {
    const text = await stage.registry.metrics();
    return Number(/looks_total\{source="s",result="same"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  await until("it looked", async () => await looks() > 0);
  ok(await looks() <= 2);
  match(await stage.registry.metrics(), /hooks_total\{status="429"\} 5/);
});

Deno.test("no secret, no hooks; another secret counts at once; an empty file lets nobody in", async () => {
  await using stage = await followed();
  await Deno.writeTextFile(stage.secretFile, "new secret\n");
  equal((await stage.hook("s")).status, 401);
  equal((await stage.hook("s", signed("{}", "new secret"))).status, 202);
  await Deno.writeTextFile(stage.secretFile, "\n");
  equal((await stage.hook("s", signed("{}", ""))).status, 503);
  equal((await stage.hook("s", { "X-Gitlab-Token": "" })).status, 503);
  await Deno.remove(stage.secretFile);
  const answer = await stage.hook("s");
  equal(answer.status, 404);
  match(await answer.text(), /^There are no hooks here: DataRepo__HookSecretFile/);
});
