import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  execCredentials,
  type ExecPlugin,
  fixedCredentials,
  type RunCommand,
  tokenExpiry,
  tokenFileCredentials,
} from "../../lib/kube/credentials.ts";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { leaf } from "./certificates.ts";
import { temporaryFolder } from "./harness.ts";

const start = "2026-01-31T12:00:00Z";

/** A token that ends `seconds` after the fake clock's start. */
function jwt(seconds: number, claims: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ ...claims, exp: Date.parse(start) / 1000 + seconds })}.sig`;
}

Deno.test("a JWT says when it ends; anything else does not", () => {
  equal(tokenExpiry(jwt(60, { name: "zażółć???>>>" })), Date.parse(start) + 60_000);
  for (
    const token of [
      "",
      "opaque",
      "a.b.c",
      "a.bm8.c",
      `a.${Buffer.from('{"exp":"soon"}').toString("base64url")}.c`,
      `a.${Buffer.from("null").toString("base64url")}.c`,
    ]
  ) {
    equal(tokenExpiry(token), undefined, token);
  }
});

Deno.test("fixed credentials stay what they are, refused or not", async () => {
  const credentials = fixedCredentials({ authorization: "Bearer x" });
  credentials.refused();
  deepEqual(await credentials.proof(), { authorization: "Bearer x" });
});

/** A token file that a test rewrites. */
async function tokenFile(token: string) {
  const folder = await temporaryFolder();
  const path = `${folder.path}/token`;
  const clock = new FakeClock(start);
  const write = (text: string) => Deno.writeTextFile(path, text);
  await write(token);
  const credentials = tokenFileCredentials(path, clock);
  const shown = async () => (await credentials.proof()).authorization;
  return { path, clock, credentials, write, shown, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

Deno.test("a token file is read again each minute, without the line break at its end", async () => {
  await using file = await tokenFile("one\n");
  equal(await file.shown(), "Bearer one");
  await file.write("two\n");
  await file.clock.advance(59_999);
  equal(await file.shown(), "Bearer one");
  await file.clock.advance(1);
  equal(await file.shown(), "Bearer two");
});

Deno.test("a token that is about to end is read again before it does", async () => {
  const token = jwt(30);
  await using file = await tokenFile(token);
  equal(await file.shown(), `Bearer ${token}`);
  await file.write("renewed");
  await file.clock.advance(19_999);
  equal(await file.shown(), `Bearer ${token}`);
  await file.clock.advance(1);
  equal(await file.shown(), "Bearer renewed");
});

Deno.test("a token that was refused is read again at once", async () => {
  await using file = await tokenFile("one");
  await file.shown();
  await file.write("two");
  file.credentials.refused();
  equal(await file.shown(), "Bearer two");
});

Deno.test("a token file that cannot be read is named, with what to look at", async () => {
  await using file = await tokenFile("one");
  await Deno.remove(file.path);
  await rejects(file.credentials.proof(), (error) => {
    match(
      (error as Error).message,
      new RegExp(`^Cannot read token "${file.path}": .*Is the projected volume`),
    );
    return error instanceof Failure && error.exitCode === exitCode.noPermission;
  });
});

const plugin: ExecPlugin = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "mint",
  args: ["get", "token"],
  env: { REGION: "north" },
  installHint: "Install it with: get mint.",
  cluster: undefined,
};

/** What a plugin prints. */
function minted(status: Record<string, unknown> | undefined): string {
  return JSON.stringify({ kind: "ExecCredential", apiVersion: plugin.apiVersion, status });
}

/** Credentials from a command that prints these, one a run; the last one again and again. */
function exec(outputs: string[], { plugin: changes = {}, success = true, stderr = "" } = {}) {
  const clock = new FakeClock(start);
  const runs: Parameters<RunCommand>[] = [];
  const run: RunCommand = (...call) => {
    runs.push(call);
    return Promise.resolve({ success, stdout: outputs.length > 1 ? outputs.shift()! : outputs[0]!, stderr });
  };
  return { clock, runs, credentials: execCredentials({ ...plugin, ...changes }, clock, run) };
}

Deno.test("an exec plugin is run with its arguments, environment and what it needs to know", async () => {
  const cluster = { server: "https://10.0.0.1" };
  const { runs, credentials } = exec([minted({ token: "t" })], { plugin: { cluster } });
  deepEqual(await credentials.proof(), { authorization: "Bearer t" });
  const [[command, { args, env }]] = runs as [Parameters<RunCommand>];
  deepEqual([command, args, env.REGION], ["mint", ["get", "token"], "north"]);
  deepEqual(JSON.parse(env.KUBERNETES_EXEC_INFO!), {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, cluster },
  });
});

Deno.test("what a plugin minted is kept until ten seconds before it expires", async () => {
  const { clock, runs, credentials } = exec([
    minted({ token: "one", expirationTimestamp: "2026-01-31T12:01:00Z" }),
    minted({ token: "two" }),
  ]);
  await credentials.proof();
  await clock.advance(49_999);
  await credentials.proof();
  equal(runs.length, 1);
  await clock.advance(1);
  equal((await credentials.proof()).authorization, "Bearer two");
});

Deno.test("what a plugin minted without an end is kept until it is refused", async () => {
  const { clock, runs, credentials } = exec([minted({ token: "one" }), minted({ token: "two" })]);
  await credentials.proof();
  await clock.advance(86_400_000);
  equal((await credentials.proof()).authorization, "Bearer one");
  credentials.refused();
  equal((await credentials.proof()).authorization, "Bearer two");
  equal(runs.length, 2);
});

Deno.test("an end that cannot be read is no reason to use a credential for ever", async () => {
  const { runs, credentials } = exec([minted({ token: "one", expirationTimestamp: "tomorrow" })]);
  await credentials.proof();
  await credentials.proof();
  equal(runs.length, 2);
});

Deno.test("many calls at once run the plugin once", async () => {
  const { runs, credentials } = exec([minted({ token: "one" })]);
  await Promise.all(Array.from({ length: 20 }, () => credentials.proof()));
  equal(runs.length, 1);
});

Deno.test("a plugin may give a client certificate", async () => {
  const status = { clientCertificateData: leaf.cert, clientKeyData: leaf.key };
  deepEqual(await exec([minted(status)]).credentials.proof(), { certificate: leaf });
});

/** The message of a plugin's failure, which must be one of permission. */
async function failure(credentials: { proof(): Promise<unknown> }): Promise<string> {
  const error = await credentials.proof().then(() => undefined, (error: unknown) => error);
  equal(error instanceof Failure && error.exitCode, exitCode.noPermission, String(error));
  return (error as Failure).message;
}

Deno.test("a plugin that fails is told with what it said, cut, and the hint of the kubeconfig", async () => {
  const { credentials } = exec([""], { success: false, stderr: `log in first\n${"x".repeat(9000)}` });
  const message = await failure(credentials);
  match(message, /^Cannot get credentials from the command "mint": it failed: log in first/);
  match(message, /Install it with: get mint\.$/);
  equal(message.length < 700, true);
});

Deno.test("a plugin that prints something else is told, and nothing of what it printed is shown", async () => {
  for (
    const output of ["", "secret-token", "{", minted(undefined), '{"kind":"Pod","status":{"token":"secret"}}']
  ) {
    const message = await failure(exec([output]).credentials);
    equal(
      message,
      'Cannot get credentials from the command "mint": it printed no ExecCredential with a status.',
    );
  }
});

Deno.test("a plugin that gives neither token nor certificate is told, rather than calling as nobody", async () => {
  for (const status of [{}, { token: "" }, { clientCertificateData: leaf.cert }]) {
    match(await failure(exec([minted(status)]).credentials), /neither a token nor a certificate/);
  }
});

Deno.test("a plugin that failed is run again at the next call", async () => {
  const { runs, credentials } = exec(["", minted({ token: "one" })]);
  await failure(credentials);
  equal((await credentials.proof()).authorization, "Bearer one");
  equal(runs.length, 2);
});

Deno.test("a command that does not exist is told by its name", async () => {
  const command = "/nowhere/autocrane-no-such-command";
  const message = await failure(execCredentials({ ...plugin, command }, new FakeClock()));
  match(message, /command "\/nowhere\/autocrane-no-such-command": .*Install it with: get mint\.$/);
});

Deno.test("a real command's output is taken", async () => {
  const code =
    `console.log(JSON.stringify({kind: "ExecCredential", status: {token: Deno.env.get("REGION")}}))`;
  const real = { ...plugin, command: Deno.execPath(), args: ["eval", "-q", code] };
  deepEqual(await execCredentials(real, new FakeClock()).proof(), { authorization: "Bearer north" });
});
