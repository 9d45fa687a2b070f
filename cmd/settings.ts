/**
 * Every setting of every program (docs/contract.md), and what became of the C# original's that are gone.
 *
 * @module
 */
import {
  choice,
  count,
  flag,
  names,
  optionalSeconds,
  optionalWholeSeconds,
  seconds,
  type Setting,
  text,
} from "../lib/runtime/setting.ts";

const namespaceName = /^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/;

/** The settings by the names that the code uses. Durations are in milliseconds once read. */
export const settings = {
  logFormat: choice("AutoCrane__LogFormat", {
    help: "how log lines look",
    words: ["text", "json"],
    default: "text",
  }),
  logLevel: choice("AutoCrane__LogLevel", {
    help: "the least severe lines that are logged",
    words: ["debug", "info", "warning", "error"],
    default: "info",
  }),
  namespaces: names("AutoCrane__Namespaces", {
    help: "namespaces to watch",
    each: namespaceName,
    expected: "namespaces separated by commas, or * for all",
    required: true,
  }),
  probeInterval: seconds("AutoCrane__ProbeIntervalSeconds", {
    help: "from one probe of a watchdog to the next",
    default: 30,
    min: 1,
    max: 3600,
  }),
  probeTimeout: seconds("AutoCrane__WatchdogProbeTimeoutSeconds", {
    help: "how long a probe may take",
    default: 5,
    min: 0.1,
    max: 60,
  }),
  probeHostNetwork: flag("AutoCrane__ProbeHostNetwork", {
    help: "probe pods on their node's network, whose address is the node's",
  }),
  scanInterval: seconds("AutoCrane__ScanIntervalSeconds", {
    help: "from one scan of all pods to the next",
    default: 60,
    min: 1,
    max: 3600,
  }),
  failuresBeforeEviction: count("AutoCrane__FailuresBeforeEviction", {
    help: "earlier scans in which a pod must have failed as well before it is evicted",
    default: 3,
    max: 1000,
  }),
  evictionGracePeriod: optionalWholeSeconds("AutoCrane__EvictionDeleteGracePeriodSeconds", {
    help: "grace period sent with an eviction",
    shown: "the larger of 120 and the pod's own",
  }),
  stormPercent: count("AutoCrane__StormPercent", {
    help: "no evictions in a namespace while more than this part of its pods fails",
    default: 50,
    min: 0,
    max: 100,
  }),
  stormMinPods: count("AutoCrane__StormMinPods", {
    help: "how many pods must fail for a storm",
    default: 5,
    min: 1,
  }),
  dryRun: flag("AutoCrane__DryRun", { help: "decide and explain, change nothing" }),
  podNamespace: text("Pod__Namespace", { help: "the namespace of the pod that is meant" }),
  podName: text("Pod__Name", { help: "the pod that is meant" }),
  annotationsFile: text("Pod__AnnotationsFile", {
    help: "a downward API file with metadata.annotations; without it the pod is watched through the API",
  }),
  watchdogName: text("Watchdog__Name", { help: "the watchdog whose status is written" }),
  watchdogLevel: choice("Watchdog__Level", {
    help: "the status' level",
    words: ["error", "warning", "info"],
    default: "info",
  }),
  watchdogMessage: text("Watchdog__Message", { help: "the status' message" }),
  watchdogExpires: optionalSeconds("Watchdog__ExpiresSeconds", {
    help: "how long the status counts; then it is as if it were absent",
    shown: "for ever",
  }),
  minReady: seconds("Watchdogs__MinReadySeconds", {
    help: "how long a pod must be free of watchdog errors to be ready",
    default: 0,
  }),
  alwaysHealthyAfter: optionalSeconds("Watchdogs__AlwaysHealthyAfterSeconds", {
    help: "a pod that has run so long is ready whatever its watchdogs say",
    shown: "off",
  }),
  waitForResults: flag("Watchdogs__WaitForResults", { help: "every probe must have reported" }),
  canaryPercent: count("Data__CanaryPercent", {
    help: "the part of a source's pods in a namespace that gets a new version first; at least one pod",
    default: 25,
    min: 1,
    max: 100,
  }),
  probation: seconds("Data__ProbationSeconds", {
    help: "how long canaries must be well before everybody gets their version",
    default: 600,
    min: 0,
  }),
  failingPercent: count("Data__FailingPercent", {
    help: "a version is rejected when more than this part of its canaries fails",
    default: 0,
    min: 0,
    max: 99,
  }),
  repositoryUrl: text("Data__RepositoryUrl", {
    help: "the data repository that is asked for versions",
    default: "http://datarepo",
  }),
  applyDeadline: seconds("Data__ApplyDeadlineSeconds", {
    help: "how long a canary may take to apply a version before another is chosen",
    default: 300,
    min: 1,
  }),
  repoSourcePath: text("DataRepo__SourcePath", { help: "scratch folder", default: "/data/source" }),
  repoArchivePath: text("DataRepo__ArchivePath", { help: "the store", default: "/data/archive" }),
  repoSources: text("DataRepo__Sources", {
    help: "sources as name:spec;name:spec, beside the pod's own annotations",
  }),
  repoPoll: seconds("DataRepo__PollSeconds", {
    help: "from one look at an upstream to the next",
    default: 60,
    min: 1,
    max: 86_400,
  }),
  repoKeep: count("DataRepo__KeepVersions", {
    help: "versions of a source that are kept beside those in use",
    default: 10,
    min: 1,
    max: 1000,
  }),
  gitCredentialsFile: text("DataRepo__GitCredentialsFile", {
    help: "git credentials, as git's store has them",
  }),
  sshKeyFile: text("DataRepo__SshKeyFile", { help: "the private key for ssh" }),
  knownHostsFile: text("DataRepo__KnownHostsFile", { help: "the host keys that ssh trusts" }),
  hookSecretFile: text("DataRepo__HookSecretFile", {
    help: "the secret that pushes are signed with; none, no hooks",
  }),
  registry: text("DataRepo__Registry", {
    help: "an OCI registry, host/repository, that versions are pushed to",
  }),
  storeLocation: text("Store__Location", {
    help: "the data folder as this container sees it, where that is not what the pod's annotation says",
  }),
  listenPort: count("LISTEN_PORT", { help: "the port to serve on", default: 8080, max: 65_535 }),
  listenHost: text("LISTEN_HOST", { help: "the address to serve on; all where it is empty" }),
} as const;

/** `LISTEN_PORT` of deployers: the port on which the prober asks them. */
export const deployerPort: Setting<number> = count("LISTEN_PORT", {
  help: "the port to serve on",
  default: 8082,
  max: 65_535,
});

/** Settings of the C# original that are refused, and what to use in their place. */
export const replacedSettings = {
  Kubeconfig__Location: "--kubeconfig or KUBECONFIG names the kubeconfig",
  OTLP_ENDPOINT: "set OTEL_EXPORTER_OTLP_ENDPOINT",
} as const;
