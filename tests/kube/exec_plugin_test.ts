import { deepEqual, equal, match } from "node:assert/strict";
import {
  commandRunner,
  execCredentials,
  type ExecPlugin,
  type RunCommand,
} from "../../lib/kube/exec_plugin.ts";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { leaf } from "./certificates.ts";

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
  const clock = new FakeClock("2026-01-31T12:00:00Z");
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
  const { credentials } = exec([""], {
    success: false,
    stderr: `${"x".repeat(9000)}\n\u001b[31mlog in\nfirst\n`,
  });
  const message = await failure(credentials);
  match(
    message,
    /^Cannot get credentials from the command "mint": it failed: x+ \[31mlog in first\. Install/,
  );
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

Deno.test("a plugin that hangs is given up after a minute and told, and run again at the next call", async () => {
  const clock = new FakeClock();
  const signals: AbortSignal[] = [];
  const run: RunCommand = (_, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const credentials = execCredentials(plugin, clock, run);
  const told = failure(credentials);
  await clock.advance(59_999);
  equal(signals[0]?.aborted, false);
  await clock.advance(1);
  match(
    await told,
    /^Cannot get credentials from the command "mint": no answer within 60 s\. Install it with/,
  );
  equal(signals[0]?.aborted, true);
  const again = failure(credentials);
  await clock.advance(60_000);
  await again;
  deepEqual([signals.length, clock.waiting], [2, 0]);
});

Deno.test("a command that hangs and will not be asked to end is killed", async () => {
  const clock = new FakeClock();
  const code =
    'Deno.addSignalListener("SIGTERM", () => {}); console.error("up"); setInterval(() => {}, 1000)';
  const real = { ...plugin, command: Deno.execPath(), args: ["eval", "-q", code] };
  let ended: ReturnType<RunCommand> | undefined;
  const credentials = execCredentials(real, clock, (...call) => ended = commandRunner(false)(...call));
  const told = failure(credentials);
  await clock.advance(60_000);
  await told;
  equal((await ended!).success, false);
});

Deno.test("what a command asks for is shown where a person reads it, and kept for the message elsewhere", async () => {
  const { href } = new URL("../../lib/kube/exec_plugin.ts", import.meta.url);
  const run = async (terminal: boolean) => {
    const code = `import { commandRunner } from "${href}";
      const asks = ["eval", "-q", "console.error('the code is 123'); Deno.exit(1)"];
      const { signal } = new AbortController();
      const output = await commandRunner(${terminal})(Deno.execPath(), { args: asks, env: {}, signal });
      console.log(JSON.stringify(output));`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", "-q", code] })
      .output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { shown: text(stderr), ...JSON.parse(text(stdout)) };
  };
  const failed = { success: false, stdout: "" };
  deepEqual(await run(true), { ...failed, shown: "the code is 123\n", stderr: "" });
  deepEqual(await run(false), { ...failed, shown: "", stderr: "the code is 123\n" });
});

Deno.test("a plugin that failed before a person's eyes is told without repeating it", async () => {
  const { credentials } = exec([""], { success: false, stderr: "" });
  match(await failure(credentials), /"mint": it failed\. Install it with/);
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
