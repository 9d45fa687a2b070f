import { deepEqual, equal, match } from "node:assert/strict";
import { version } from "../../cmd/house.ts";
import { autocrane } from "./run.ts";

const modes = [
  "orchestrate",
  "watchdogprober",
  "watchdoghealthz",
  "getwatchdog",
  "postwatchdog",
  "testworkload",
];

Deno.test("autocrane --help tells every mode", async () => {
  const { code, out } = await autocrane(["--help"]);
  equal(code, 0);
  for (const mode of modes) match(out, new RegExp(`^  ${mode} +\\w`, "m"));
});

Deno.test("every mode's help tells its settings with their defaults, and examples", async () => {
  const helps = await Promise.all(modes.map((mode) => autocrane([mode, "--help"])));
  for (const [i, mode] of modes.entries()) {
    const { code, out, err } = helps[i]!;
    equal(code, 0, err);
    equal(err, "");
    match(out, new RegExp(`^Usage: autocrane ${mode} `));
    match(out, /^ {2}AutoCrane__LogLevel {2}\(info\)$/m);
    match(out, new RegExp(`^Examples:\\n  .*autocrane ${mode}`, "m"));
  }
});

Deno.test("a program has a binary of its own, which needs no mode", async () => {
  const { out } = await autocrane(["--help"], { program: "testworkload" });
  match(out, /^Usage: autocrane testworkload /);
});

Deno.test("AUTOCRANE_ARGS replaces the arguments, and the mode may be in any case", async () => {
  const { code, out } = await autocrane(["nonsense"], { env: { AUTOCRANE_ARGS: "GetWatchdog  --help" } });
  equal(code, 0);
  match(out, /^Usage: autocrane getwatchdog /);
});

Deno.test("every mode says its name and version, in a binary of its own as well", async () => {
  const answers = await Promise.all([
    autocrane(["--version"]),
    autocrane(["TestWorkload", "--version"]),
    autocrane(["--version"], { program: "testworkload" }),
    autocrane(["getwatchdog", "-v"], { env: { AutoCrane__Nonsense: "x" } }),
  ]);
  deepEqual(answers.map(({ code, out, err }) => [code, out, err]), [
    [0, `autocrane ${version}\n`, ""],
    [0, `autocrane testworkload ${version}\n`, ""],
    [0, `autocrane testworkload ${version}\n`, ""],
    [0, `autocrane getwatchdog ${version}\n`, ""],
  ]);
});

Deno.test("help says which settings are flags of which form", async () => {
  const [server, client] = await Promise.all([
    autocrane(["testworkload", "--help"]),
    autocrane(["getwatchdog", "--help"]),
  ]);
  match(server.out, /as flags \(Section__Key as --Section:Key=value, NAME as --NAME=value\)/);
  match(client.out, /as flags \(Section__Key as --Section:Key=value\)/);
});

/** Command lines that cannot be followed, and the line in which that is said. */
const wrong: { promise: string; args: string[]; env?: Record<string, string>; said: RegExp }[] = [
  {
    promise: "an unknown mode is told with those that there are",
    args: ["orchestrat"],
    said:
      /^autocrane: "orchestrat" is no mode: expected one of orchestrate, watchdogprober, .*testworkload\.\n$/,
  },
  {
    promise: "secretwriter is gone: a Secret is mounted",
    args: ["secretwriter"],
    said: /^autocrane: the mode secretwriter is not carried over: mount a Secret\.\n$/,
  },
  {
    promise: "janitor is gone: there is kube-janitor",
    args: ["Janitor"],
    said: /^autocrane: the mode janitor is not carried over: use kube-janitor .*\.\n$/,
  },
  {
    promise: "an unknown setting is told with the nearest known name",
    args: ["testworkload"],
    env: { AutoCrane__ScanIntervalSecond: "5" },
    said:
      /^autocrane testworkload: AutoCrane__ScanIntervalSecond is not .* mean AutoCrane__ScanIntervalSeconds\?\n$/,
  },
  {
    promise: "a malformed value is told with what is expected, wherever it was given",
    args: ["testworkload", "--AutoCrane:DryRun", "maybe"],
    env: { LISTEN_PORT: "65536" },
    said:
      /LISTEN_PORT is "65536": expected a whole number from 0 to 65535\.\n--AutoCrane:DryRun is "maybe": expected true or false\.\n$/,
  },
  {
    promise: "a setting without a section is a flag like the others, checked like them",
    args: ["testworkload", "--listen_port", "http"],
    said: /--listen_port is "http": expected a whole number from 0 to 65535\.\n$/,
  },
  {
    promise: "a flag is told with the nearest known name, also in another program's section",
    args: ["testworkload", "--Watchdogs:MinReadySecond=5"],
    said:
      /^autocrane testworkload: --Watchdogs:MinReadySecond is not .+ mean Watchdogs__MinReadySeconds\?\n$/,
  },
  {
    promise: "a setting that is gone is told with what replaces it",
    args: ["testworkload"],
    env: { OTLP_ENDPOINT: "http://x" },
    said: /OTLP_ENDPOINT is not used any more: set OTEL_EXPORTER_OTLP_ENDPOINT\.\n$/,
  },
  {
    promise: "the orchestrator must be told which namespaces",
    args: ["orchestrate"],
    said: /^autocrane orchestrate: AutoCrane__Namespaces is not set: expected namespaces separated by commas/,
  },
  {
    promise: "postwatchdog must be told which pod",
    args: ["postwatchdog", "--Watchdog:Name=disk"],
    said: /^autocrane postwatchdog: Which pod\? Give --Pod:Name=/,
  },
  {
    promise: "postwatchdog takes only names that an annotation can have",
    args: ["postwatchdog", "--Pod:Name=web", "--Watchdog:Name=disk/full"],
    said: /^autocrane postwatchdog: Watchdog__Name is "disk\/full": expected at most 63 letters/,
  },
  {
    promise: "a pod is named once",
    args: ["getwatchdog", "--Pod:Name=web", "web"],
    said: /^autocrane getwatchdog: POD and --Pod:Name both name the pod: leave out one of them\.\n$/,
  },
  {
    promise: "a pod and a selector do not go together, as in kubectl",
    args: ["getwatchdog", "web", "-l", "app=web"],
    said: /^autocrane getwatchdog: A pod's name and a selector do not go together: leave out POD or -l\.\n$/,
  },
  {
    promise: "an output that there is not is told with those that there are",
    args: ["getwatchdog", "-o", "yaml"],
    said: /Allowed choices are table, json, csv\. Try --help\.\n$/,
  },
  {
    promise: "without a cluster the kubeconfig is told that was looked for, and how to name another",
    args: ["getwatchdog"],
    env: { KUBECONFIG: "/nowhere/config" },
    said: /Cannot read the kubeconfig "\/nowhere\/config": .*--kubeconfig or KUBECONFIG names one\.\n$/,
  },
  {
    promise: "a kubeconfig named on the command line wins over the environment's",
    args: ["postwatchdog", "--kubeconfig", "/elsewhere", "--Pod:Name=web", "--Watchdog:Name=disk"],
    env: { KUBECONFIG: "/nowhere/config" },
    said: /Cannot read the kubeconfig "\/elsewhere": /,
  },
];

for (const { promise, args, env, said } of wrong) {
  Deno.test(`${promise}, and the exit code is 2`, async () => {
    const { code, out, err } = await autocrane(args, { env });
    match(err, said);
    equal(out, "");
    equal(code, 2);
  });
}
