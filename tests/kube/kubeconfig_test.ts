import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { stringify } from "yaml";
import { kubeconfigAccess } from "../../lib/kube/kubeconfig.ts";
import { exitCode, WrongUse } from "../../lib/runtime/failure.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { temporaryFolder } from "./harness.ts";

type Entry = Record<string, unknown>;

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A kubeconfig of one context, with these in its cluster, user and context. */
function config(
  { cluster = {}, user = {}, context = {} }: Record<"cluster" | "user" | "context", Entry> | Entry = {},
) {
  return {
    "current-context": "main",
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1:6443", ...cluster as Entry } }],
    users: [{ name: "u", user: user as Entry }],
    contexts: [{ name: "main", context: { cluster: "c", user: "u", ...context as Entry } }],
  };
}

/** Files in a folder, as what `kubeconfigAccess` makes of the first, or of those named. */
async function reading(files: Record<string, unknown>, paths = [Object.keys(files)[0]!], context?: string) {
  await using folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : stringify(content);
    await Deno.writeTextFile(`${folder.path}/${name}`, text, { mode: 0o755 });
  }
  const absolute = paths.map((path) => `${folder.path}/${path}`);
  const access = await kubeconfigAccess(absolute, context, new FakeClock());
  return {
    server: access.server,
    namespace: access.namespace,
    ca: await access.ca(),
    proof: await access.credentials.proof(),
  };
}

/** Whether these files are refused as wrong use, by this message. */
async function refused(message: RegExp, ...args: Parameters<typeof reading>) {
  await rejects(reading(...args), (error) => {
    match((error as Error).message, message);
    return error instanceof WrongUse && error.exitCode === exitCode.wrongUse;
  });
}

Deno.test("the current context says which server, namespace and user", async () => {
  const files = { config: config({ user: { token: "t" }, context: { namespace: "shop" } }) };
  deepEqual(await reading(files), {
    server: "https://10.0.0.1:6443",
    namespace: "shop",
    ca: undefined,
    proof: { authorization: "Bearer t" },
  });
});

Deno.test("a server's last slash goes, and the namespace is default where none is given", async () => {
  const { server, namespace } = await reading({ config: config({ cluster: { server: "https://h/k8s/" } }) });
  deepEqual([server, namespace], ["https://h/k8s", "default"]);
});

Deno.test("another context can be chosen than the current one", async () => {
  const both = config({ user: { token: "t" } });
  both.contexts.push({ name: "other", context: { cluster: "c", user: "v" } });
  both.users.push({ name: "v", user: { token: "v" } });
  equal((await reading({ config: both }, ["config"], "other")).proof.authorization, "Bearer v");
});

Deno.test("a context may be without a user: then it calls as nobody", async () => {
  deepEqual((await reading({ config: config({ context: { user: undefined } }) })).proof, {});
});

Deno.test("a token file is found beside the kubeconfig, and wins over a token", async () => {
  const files = { config: config({ user: { tokenFile: "token", token: "old" } }), token: "from file\n" };
  equal((await reading(files)).proof.authorization, "Bearer from file");
});

Deno.test("certificates come from files beside the kubeconfig or as base64, which wins", async () => {
  const names = { "client-certificate": "cert.pem", "client-key": "key.pem" };
  const pems = { "cert.pem": "CERT", "key.pem": "KEY", "ca.pem": "CA" };
  const fromFiles = config({ cluster: { "certificate-authority": "ca.pem" }, user: names });
  const read = await reading({ config: fromFiles, ...pems });
  deepEqual([read.ca, read.proof], ["CA", { certificate: { cert: "CERT", key: "KEY" } }]);
  const data = { "client-certificate-data": base64("C2"), "client-key-data": base64("K2") };
  const cluster = { "certificate-authority": "ca.pem", "certificate-authority-data": base64("CA2") };
  const inline = await reading({ config: config({ cluster, user: { ...names, ...data } }), ...pems });
  deepEqual([inline.ca, inline.proof], ["CA2", { certificate: { cert: "C2", key: "K2" } }]);
});

Deno.test("a certificate file that is missing is named", async () => {
  const files = { config: config({ user: { "client-certificate": "no.pem", "client-key": "no.key" } }) };
  await rejects(reading(files), /Cannot read client certificate or key ".*\/no\.pem"/);
});

Deno.test("a user name and password are sent as such", async () => {
  const { proof } = await reading({ config: config({ user: { username: "me", password: "pässword" } }) });
  equal(proof.authorization, `Basic ${base64("me:pässword")}`);
});

Deno.test("an exec plugin with a slash is found beside the kubeconfig, and told of the cluster if it asks", async () => {
  const script = `#!/bin/sh
test "$ARGUMENT" = north && test "$1" = token || exit 1
info=$(printf %s "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')
echo '{"kind": "ExecCredential", "status": {"token": "'$info'"}}'
`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./mint",
    args: ["token"],
    env: [{ name: "ARGUMENT", value: "north" }],
    provideClusterInfo: true,
  };
  const cluster = { "certificate-authority-data": base64("CA") };
  const { proof } = await reading({ config: config({ cluster, user: { exec } }), mint: script });
  const told = JSON.parse(Buffer.from(proof.authorization!.slice("Bearer ".length), "base64").toString());
  deepEqual(told.spec.cluster, {
    server: "https://10.0.0.1:6443",
    "certificate-authority-data": base64("CA"),
  });
});

Deno.test("of several files the first that says something wins, each with its own folder's paths", async () => {
  const first = { ...config({ user: { token: "first" } }), "current-context": "main", clusters: [] };
  const second = config({ cluster: { server: "https://second" }, user: { token: "second" } });
  const { server, proof } = await reading({ a: first, b: { ...second, "current-context": "other" } }, [
    "a",
    "b",
  ]);
  deepEqual([server, proof.authorization], ["https://second", "Bearer first"]);
});

Deno.test("of several files those that do not exist are passed over, unless none does", async () => {
  const { proof } = await reading({ a: config({ user: { token: "t" } }) }, ["missing", "a"]);
  equal(proof.authorization, "Bearer t");
  await refused(/^None of the kubeconfigs .*one, .*two exists\.$/, { a: config() }, ["one", "two"]);
});

Deno.test("a single file that does not exist is named, with how to name another", async () => {
  await refused(/^Cannot read the kubeconfig ".*\/missing".*--kubeconfig or KUBECONFIG/, { a: "" }, [
    "missing",
  ]);
});

Deno.test("a context, cluster or user that is missing is named, with the contexts there are", async () => {
  await refused(/has no context "x": it knows main\./, { a: config() }, ["a"], "x");
  await refused(/has no context "x": it knows none\./, { a: { "current-context": "x" } });
  await refused(/has no current context: choose one with --context/, {
    a: { ...config(), "current-context": "" },
  });
  await refused(/has no cluster "d"/, { a: config({ context: { cluster: "d" } }) });
  await refused(/has no user "v"/, { a: config({ context: { user: "v" } }) });
});

Deno.test("a cluster that must not be verified is refused, with what to do instead", async () => {
  const files = { a: config({ cluster: { "insecure-skip-tls-verify": true } }) };
  await refused(/insecure-skip-tls-verify.*give its certificate as certificate-authority/, files);
  equal(
    (await reading({ a: config({ cluster: { "insecure-skip-tls-verify": false } }) })).namespace,
    "default",
  );
});

Deno.test("what would change whom we speak to, or as whom, is refused rather than passed over", async () => {
  await refused(/tls-server-name.*an address that its certificate names/, {
    a: config({ cluster: { "tls-server-name": "kubernetes" } }),
  });
  await refused(/proxy-url.*HTTPS_PROXY/, {
    a: config({ cluster: { "proxy-url": "http://127.0.0.1:3128" } }),
  });
  await refused(/has as, .*the user that is meant/, { a: config({ user: { as: "admin" } }) });
});

Deno.test("auth-provider is refused, with its replacement", async () => {
  await refused(/auth-provider.*use an exec plugin/, {
    a: config({ user: { "auth-provider": { name: "gcp" } } }),
  });
});

Deno.test("a malformed kubeconfig is told by its path and the place in it", async () => {
  await refused(/The kubeconfig ".*\/a" is not YAML/, { a: "a: [b" });
  await refused(/is malformed at clusters\.0\.cluster\.server/, { a: config({ cluster: { server: 7 } }) });
  await refused(/is malformed at its top/, { a: "just text" });
  await refused(/is malformed at users\.0\.user\.exec\.command/, {
    a: config({ user: { exec: { apiVersion: "v1" } } }),
  });
});

Deno.test("lists and namespaces that are null, and fields that are not known, are no fault", async () => {
  const sparse = {
    ...config({ user: { token: "t" }, context: { namespace: null, extensions: [] } }),
    kind: "Config",
    preferences: {},
  };
  sparse.clusters.push({ name: "empty", cluster: null as never });
  equal((await reading({ a: sparse })).namespace, "default");
  await refused(/no context "main"/, { a: { ...config(), contexts: null } });
});
