import { deepEqual, equal, match, ok } from "node:assert/strict";
import { gitEnvironment } from "../../../lib/data/source/git_environment.ts";

const none = { credentialsFile: "", sshKeyFile: "", knownHostsFile: "" };
const of = (url: string, env: Record<string, string> = {}, secrets = none) =>
  gitEnvironment({ url, secrets, home: "/scratch/home", env });

/** What git is configured with, by key. */
function configOf(env: Record<string, string>): Map<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT);
  return new Map(
    Array.from({ length: count }, (_, i) => [env[`GIT_CONFIG_KEY_${i}`]!, env[`GIT_CONFIG_VALUE_${i}`]!]),
  );
}

Deno.test("an upstream may be reached by its own protocol alone, and http by https as well", () => {
  equal(of("https://h/r").GIT_ALLOW_PROTOCOL, "https");
  equal(of("http://h/r").GIT_ALLOW_PROTOCOL, "http:https");
  equal(of("ssh://h/r").GIT_ALLOW_PROTOCOL, "ssh");
  equal(of("/r.git").GIT_ALLOW_PROTOCOL, "file");
});

Deno.test("nothing of this process' environment reaches git but the path, proxies and certificates", () => {
  const env = of("https://h/r", {
    PATH: "/bin",
    HOME: "/root",
    GIT_DIR: "/x",
    GIT_SSH: "evil",
    SECRET: "s",
    HTTP_PROXY: "http://p:1",
    NO_PROXY: "h",
    SSL_CERT_FILE: "/ca",
  });
  const foreign = ["GIT_DIR", "GIT_SSH", "SECRET", "HTTP_PROXY"].filter((name) => name in env);
  deepEqual(foreign, []);
  equal(env.HOME, "/scratch/home");
  equal(env.http_proxy, "http://p:1");
  equal(env.NO_PROXY, "h");
  equal(env.GIT_SSL_CAINFO, "/ca");
});

Deno.test("no hooks, no system settings, no questions; the URL is configuration", () => {
  const env = of("https://h/r?x");
  const config = configOf(env);
  equal(config.get("core.hooksPath"), "/dev/null");
  equal(config.get("remote.origin.url"), "https://h/r?x");
  equal(config.get("credential.helper"), undefined);
  equal(config.get("remote.origin.uploadpack"), undefined);
  deepEqual([env.GIT_CONFIG_NOSYSTEM, env.GIT_CONFIG_GLOBAL, env.GIT_TERMINAL_PROMPT], [
    "1",
    "/dev/null",
    "0",
  ]);
  match(configOf(of("/r.git")).get("remote.origin.uploadpack")!, /safe\.directory/);
});

Deno.test("secrets are named by their files, whatever characters these have, and ssh never asks", () => {
  const secrets = {
    credentialsFile: "/a b/c'$(x)",
    sshKeyFile: "/k ey'%/id",
    knownHostsFile: "/k/hosts",
  };
  const env = of("ssh://h/r", {}, secrets);
  equal(env.AUTOCRANE_GIT_CREDENTIALS, secrets.credentialsFile);
  ok(!configOf(env).get("credential.helper")!.includes(secrets.credentialsFile));
  const ssh = env.GIT_SSH_COMMAND!;
  ok(ssh.includes(`'IdentityFile="/k ey'\\''%%/id"'`), ssh);
  for (const option of ["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"]) {
    ok(ssh.includes(`-o '${option}'`));
  }
  ok(ssh.startsWith("ssh -F /dev/null "));
});
