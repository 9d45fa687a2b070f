import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { calm, filesIn, newest, noSecrets, Sources } from "./sources.ts";
import { smartHttp, smartHttpMissing } from "./smart_http.ts";
import { Upstream } from "./upstream.ts";

const ignore = smartHttpMissing();
const login = { user: "reader", password: "pass w/rd%&" };

/** A git before the real one, that notes its arguments, its environment and those of every process around. */
async function spyingGit(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/bin`);
  await Deno.writeTextFile(
    `${folder}/bin/git`,
    `#!/bin/sh\nprintf '%s\\n' "$*" >>${folder}/args\nenv >>${folder}/env\n` +
      `(while :; do cat /proc/[0-9]*/cmdline; sleep 0.01; done) >>${folder}/cmdlines 2>/dev/null & spy=$!\n` +
      `/usr/bin/git "$@"; code=$?; kill $spy; exit $code\n`,
    { mode: 0o755 },
  );
  return `${folder}/bin:/usr/bin:/bin`;
}

Deno.test({
  name:
    "a private repository is read over HTTP with mounted credentials, which no process and no error shows",
  ignore,
  async fn() {
    await using upstream = await Upstream.create();
    await using sources = await Sources.create();
    await using server = smartHttp(upstream.root, login);
    const password = encodeURIComponent(login.password);
    const credentialsFile = `${upstream.root}/credentials`;
    await Deno.writeTextFile(credentialsFile, `http://${login.user}:${password}@${server.host}\n`, {
      mode: 0o600,
    });
    const secrets = { ...noSecrets, credentialsFile };
    const PATH = await spyingGit(upstream.root);
    const source = sources.git(`git:http://${server.host}/upstream.git`, { secrets, env: { PATH } });
    for (const f of ["1", "2"]) {
      const commit = await upstream.push({ f });
      const tree = await newest(source);
      equal(tree.commit, commit);
      deepEqual(await filesIn(tree.folder), { f });
    }
    const told = await Promise.all(
      ["args", "env", "cmdlines"].map((f) => Deno.readTextFile(`${upstream.root}/${f}`)),
    );
    ok(told[2]!.includes("upstream.git"), "the processes were looked at");
    for (const text of told) {
      for (const secret of [login.password, password]) ok(!text.includes(secret), "a secret is shown");
    }
    await Deno.rename(upstream.bare, `${upstream.bare}.away`);
    const error = await source.look(calm).catch((error) => error);
    match(error.message, /Cannot ask the upstream: .*not found/);
    ok(!error.message.includes(password) && !error.message.includes(login.user));
  },
});

Deno.test({
  name: "wrong credentials, and none, are told with what to do; the mounted file stays as it is",
  ignore,
  async fn() {
    await using upstream = await Upstream.create();
    await using sources = await Sources.create();
    await using server = smartHttp(upstream.root, login);
    await upstream.push({ f: "1" });
    const spec = `git:http://${server.host}/upstream.git`;
    const credentialsFile = `${upstream.root}/credentials`;
    const lines = `http://${login.user}:wrong-secret@${server.host}\n`;
    await Deno.writeTextFile(credentialsFile, lines);
    const wrong = sources.git(spec, { secrets: { ...noSecrets, credentialsFile } });
    const error = await wrong.look(calm).catch((error) => error);
    match(error.message, /DataRepo__GitCredentialsFile/);
    ok(!error.message.includes("wrong-secret"));
    equal(await Deno.readTextFile(credentialsFile), lines);
    await rejects(sources.git(spec).look(calm), /DataRepo__GitCredentialsFile/);
  },
});

Deno.test({
  name: "credentials of one host are not given to another one that it redirects to",
  ignore,
  async fn() {
    await using upstream = await Upstream.create();
    await using sources = await Sources.create();
    await upstream.push({ f: "1" });
    const authorizations: (string | null)[] = [];
    const thief = Deno.serve({ hostname: "127.0.0.2", port: 0, onListen() {} }, (request) => {
      authorizations.push(request.headers.get("authorization"));
      return new Response("", { status: 401, headers: { "www-authenticate": "Basic" } });
    });
    const redirecting = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const { pathname, search } = new URL(request.url);
      return Response.redirect(`http://127.0.0.2:${thief.addr.port}${pathname}${search}`, 302);
    });
    const host = `127.0.0.1:${redirecting.addr.port}`;
    const credentialsFile = `${upstream.root}/credentials`;
    await Deno.writeTextFile(credentialsFile, `http://me:very-secret@${host}\n`);
    const source = sources.git(`git:http://${host}/upstream.git`, {
      secrets: { ...noSecrets, credentialsFile },
    });
    await rejects(source.look(calm), /Cannot ask the upstream/);
    ok(authorizations.length > 0);
    ok(authorizations.every((one) => one === null));
    await Promise.all([thief.shutdown(), redirecting.shutdown()]);
  },
});

Deno.test("an upstream may not redirect to a file of this machine", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status: 302, headers: { location: `file://${upstream.bare}/info/refs` } }),
  );
  await rejects(
    sources.git(`git:http://127.0.0.1:${server.addr.port}/x.git`).look(calm),
    /Cannot ask the upstream/,
  );
  await server.shutdown();
});

Deno.test("git goes by the proxy of the environment", { ignore }, async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await using server = smartHttp(upstream.root);
  const commit = await upstream.push({ f: "1" });
  const asked: string[] = [];
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    asked.push(request.url);
    const { pathname, search } = new URL(request.url);
    const body = request.method === "POST" ? await request.arrayBuffer() : undefined;
    return await fetch(`http://${server.host}${pathname}${search}`, {
      ...request,
      method: request.method,
      headers: request.headers,
      body,
    });
  });
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.addr.port}` };
  const source = sources.git("git:http://no-such-host.invalid/upstream.git", { env });
  equal((await newest(source)).commit, commit);
  ok(asked.length > 0);
  await proxy.shutdown();
});

Deno.test("ssh without known hosts is refused in words", async () => {
  await using sources = await Sources.create();
  await rejects(
    sources.git("git:ssh://git@host/repo.git").look(calm),
    /mount a file .* DataRepo__KnownHostsFile/,
  );
});
