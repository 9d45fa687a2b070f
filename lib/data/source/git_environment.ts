/**
 * What git is told beside its arguments: everything that could make it do more than fetch and write files is
 * shut, and secrets are named by their files.
 *
 * @module
 */

/** Mounted secrets; each path is empty where there is none. */
export interface GitSecrets {
  /** Lines `https://user:password@host`, as git's store has them. */
  readonly credentialsFile: string;
  /** A private key. */
  readonly sshKeyFile: string;
  /** The host keys that ssh trusts. */
  readonly knownHostsFile: string;
}

/** Options of ssh for every upstream. */
const sshOptions = [
  "BatchMode=yes",
  "StrictHostKeyChecking=yes",
  "GlobalKnownHostsFile=/dev/null",
  "IdentitiesOnly=yes",
  "IdentityAgent=none",
  "ClearAllForwardings=yes",
  "PermitLocalCommand=no",
  "ConnectTimeout=15",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=3",
];

/** What the environment of git depends on. */
export interface GitEnvironmentOptions {
  /** The upstream. It is told by configuration, so that it is no argument. */
  readonly url: string;
  readonly secrets: GitSecrets;
  /** An empty folder: git and ssh find no settings of anybody there. */
  readonly home: string;
  /** This process' environment: `PATH`, proxies and certificates are taken from it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Variables of ours that git is given as they are. */
const passed = [
  "PATH",
  "TZ",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
];

/** Answers only `get`: the store's own `erase` would delete a mounted secret after one refusal. */
const readOnlyStore =
  `!f() { test "$1" != get || git credential-store --file="$AUTOCRANE_GIT_CREDENTIALS" get; }; f`;

/** Settings for every call. Nothing is read from the system's, the user's or an upstream's configuration. */
const settings: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.autocrlf", "false"],
  ["core.eol", "lf"],
  ["core.symlinks", "true"],
  ["core.fileMode", "true"],
  ["core.ignoreCase", "false"],
  ["core.precomposeUnicode", "false"],
  // A backslash or "aux" in a name harms nobody here.
  ["core.protectNTFS", "false"],
  ["core.logAllRefUpdates", "false"],
  ["protocol.version", "2"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["transfer.fsckObjects", "false"],
  ["advice.detachedHead", "false"],
  ["maintenance.auto", "false"],
  ["gc.auto", "1000"],
  ["gc.autoPackLimit", "20"],
  ["gc.autoDetach", "false"],
  ["gc.pruneExpire", "now"],
  // A server that stalls is left after half a minute.
  ["http.lowSpeedLimit", "1000"],
  ["http.lowSpeedTime", "30"],
];

/** The environment of git for one upstream. */
export function gitEnvironment(options: GitEnvironmentOptions): Record<string, string> {
  const { url, secrets, home, env } = options;
  const local = url.startsWith("/");
  const config = [...settings, ["remote.origin.url", url] as const];
  // The operator named this folder, so its owner is trusted, whoever that is.
  if (local) config.push(["remote.origin.uploadpack", "git -c safe.directory=* upload-pack"]);
  if (secrets.credentialsFile) config.push(["credential.helper", readOnlyStore]);
  return {
    ...taken(env),
    HOME: home,
    LC_ALL: "C",
    GIT_CEILING_DIRECTORIES: home.replace(/\/[^/]*$/, ""),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_ALLOW_PROTOCOL: allowedProtocols(url),
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_SSH_VARIANT: "ssh",
    GIT_SSH_COMMAND: sshCommand(secrets),
    ...(secrets.credentialsFile && { AUTOCRANE_GIT_CREDENTIALS: secrets.credentialsFile }),
    ...asVariables(config),
  };
}

function taken(env: GitEnvironmentOptions["env"]): Record<string, string> {
  const kept = Object.fromEntries(passed.flatMap((name) => env[name] ? [[name, env[name]]] : []));
  return {
    ...kept,
    // curl takes only the lower-case name, the rest of the world writes the other one.
    ...(!kept.http_proxy && env.HTTP_PROXY && { http_proxy: env.HTTP_PROXY }),
    ...(!kept.GIT_SSL_CAINFO && kept.SSL_CERT_FILE && { GIT_SSL_CAINFO: kept.SSL_CERT_FILE }),
  };
}

/** An upstream may redirect from http to https, and to nothing else. */
function allowedProtocols(url: string): string {
  if (url.startsWith("/")) return "file";
  const scheme = url.slice(0, url.indexOf(":"));
  return scheme === "http" ? "http:https" : scheme;
}

/** As git has configuration from the environment: it stands in no argument, and reaches git's own helpers. */
function asVariables(config: readonly (readonly [string, string])[]): Record<string, string> {
  const pairs = config.flatMap(([name, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, name],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(config.length), ...Object.fromEntries(pairs) };
}

/** ssh that trusts the mounted host keys only, offers the mounted key only, and never asks. */
function sshCommand({ sshKeyFile, knownHostsFile }: GitSecrets): string {
  const options = [
    ...sshOptions,
    `UserKnownHostsFile=${sshWord(knownHostsFile || "/dev/null")}`,
    ...(sshKeyFile ? [`IdentityFile=${sshWord(sshKeyFile)}`] : []),
  ];
  return ["ssh", "-F", "/dev/null", ...options.flatMap((option) => ["-o", shellWord(option)])].join(" ");
}

/** ssh splits some options at spaces, and reads `%` in them. */
function sshWord(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
