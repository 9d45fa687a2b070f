import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { rights } from "../../lib/manifests/roles.ts";
import type { Cluster, Mode } from "./support/cluster.ts";
import {
  annotate,
  at,
  createPod,
  daysAgo,
  ending,
  pods,
  printed,
  withRights,
} from "./support/command_line.ts";
import type { Program } from "./support/program.ts";
import { Proxy, statusResponse } from "./support/proxy.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";

const test = onCluster();

const statuses = {
  "status.autocrane.io/disk": `error/${at}/97 % of /data`,
  "status.autocrane.io/app": `Info/${at}Z/fine\u001b[31m\nand red`,
  "status.autocrane.io/old": `warning/${at}/slow`,
  "expires.status.autocrane.io/old": daysAgo(2),
  "status.autocrane.io/odd": "fine, thanks",
  "expires.status.autocrane.io/disk": "tomorrow",
  unrelated: "x",
};

/** A namespace with the pods `web`, which has statuses, and `idle`, which has none. */
async function shop(cluster: Cluster): Promise<string> {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web", statuses);
  await createPod(cluster, namespace, "idle");
  return namespace;
}

test("getwatchdog shows a table that marks what expired and what cannot be read", async (cluster) => {
  const namespace = await shop(cluster);
  const lines = await printed(cluster, "getwatchdog", "-n", namespace);
  deepEqual(lines.split("\n"), [
    "POD   WATCHDOG   LEVEL     AGE   MESSAGE",
    "web   app        info      3d    fine [31m and red",
    'web   disk       error     3d    (expiry "tomorrow" cannot be read) 97 % of /data',
    "web   odd        unknown   ?     this status cannot be read",
    "web   old        warning   3d    (expired) slow",
    "",
  ]);
});

test("getwatchdog's JSON and CSV hold the same, of one pod or of those a selector finds", async (cluster) => {
  const namespace = await shop(cluster);
  const json = JSON.parse(
    await printed(cluster, "getwatchdog", "-n", namespace, "-l", "app=web", "-o", "json"),
  );
  deepEqual(json.map((row: { watchdog: string }) => row.watchdog), ["app", "disk", "odd", "old"]);
  deepEqual(json[1], {
    namespace,
    pod: "web",
    watchdog: "disk",
    level: "error",
    time: at,
    message: "97 % of /data",
    expired: false,
    note: 'expiry "tomorrow" cannot be read',
  });
  equal(json[3].expired, true);
  equal(await printed(cluster, "getwatchdog", "-n", namespace, "-l", "app!=web", "-o", "json"), "[]\n");
  const csv = await printed(cluster, "getwatchdog", "-n", namespace, "web", "-o", "csv");
  deepEqual(csv.split("\n").slice(0, 2), [
    "namespace,pod,watchdog,level,time,message,expired,note",
    `${namespace},web,app,info,${at},fine [31m and red,false,`,
  ]);
});

test("getwatchdog's plain lines are for --Pod:Name, and for Pod__Name where nothing else is asked", async (cluster) => {
  const namespace = await shop(cluster);
  await createPod(cluster, namespace, "api", { "status.autocrane.io/net": `info/${at}/up` });
  const lines = [
    `app,info,${at}/fine [31m and red`,
    `disk,error,${at}/97 % of /data`,
    "odd,unknown,/this status cannot be read",
    `old,warning,${at}/slow`,
    "",
  ].join("\n");
  equal(
    await printed(cluster, "getwatchdog", `--Pod:Namespace=${namespace}`, "--pod:name", "web"),
    lines,
  );
  const env = { Pod__Namespace: namespace, Pod__Name: "web" };
  equal((await cluster.call("getwatchdog", [], { env })).output, lines);
  match((await cluster.call("getwatchdog", ["api"], { env })).output, /^POD .+\napi +net +info +\S+ +up\n$/);
  match((await cluster.call("getwatchdog", ["-n", namespace], { env })).output, /^POD .+\napi .+\nweb /);
  equal((await cluster.call("getwatchdog", ["api", "-o", "csv"], { env })).output.split("\n").length, 3);
  equal((await cluster.call("getwatchdog", ["--Pod:Name=web", "api"], { env })).code, 2);
  const both = await cluster.call("getwatchdog", ["-n", namespace, "web", "-l", "app=api"]);
  equal(both.code, 2);
  match(both.output, /^autocrane getwatchdog: A pod's name and a selector do not go together/);
});

/** The lines that a watch shows, once there are so many of them. */
async function shown(watch: Program, count: number): Promise<string[]> {
  return await until(`${count} lines are shown`, () => {
    const lines = watch.process.output().trimEnd().split("\n");
    return lines.length >= count && lines;
  });
}

test("getwatchdog --watch shows new pods, changes, removals and expiry, and Ctrl-C ends it with 0", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web", { "status.autocrane.io/disk": `info/${at}/fine` });
  await using watch = await cluster.run("getwatchdog", ["-n", namespace, "--watch"]);
  await shown(watch, 2);
  await annotate(cluster, namespace, "web", { "status.autocrane.io/disk": `error/${at}/full` });
  await shown(watch, 3);
  await createPod(cluster, namespace, "api", { "status.autocrane.io/net": `info/${at}/up` });
  await shown(watch, 4);
  const soon = new Date(Date.now() + 2000).toISOString();
  await annotate(cluster, namespace, "api", { "expires.status.autocrane.io/net": soon });
  await shown(watch, 5);
  await annotate(cluster, namespace, "web", { "status.autocrane.io/disk": null });
  await shown(watch, 6);
  await cluster.core.namespace(namespace).deletePod("api", { gracePeriodSeconds: 0 });
  const [header = "", ...lines] = await shown(watch, 7);
  const column = (name: string) => header.indexOf(name);
  deepEqual(lines.map((line) => line.slice(column("MESSAGE"))), [
    "fine",
    "full",
    "up",
    "(expired) up",
    "(removed) full",
    "(pod deleted) (expired) up",
  ]);
  deepEqual(lines.map((line) => line.slice(0, 3)), ["web", "web", "api", "api", "web", "api"]);
  ok(lines.every((line) => /^(disk|net) /.test(line.slice(column("WATCHDOG")))), lines.join("\n"));
  watch.process.signal("SIGINT");
  watch.process.signal("SIGINT");
  equal(await watch.process.exit(), 0);
});

test("getwatchdog --watch misses nothing that happens while the API server cuts its watch", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web", { "status.autocrane.io/disk": `info/${at}/fine` });
  await using proxy = new Proxy(cluster.plane);
  const kubeconfig = await cluster.kubeconfig("getwatchdog", proxy.server);
  await using watch = await cluster.run("getwatchdog", ["-n", namespace, "web", "-w"], {
    kubeconfig,
    env: { AutoCrane__LogLevel: "error" },
  });
  await shown(watch, 2);
  equal(proxy.requests.filter((request) => !/[?&]watch=/.test(request)).length, 1, "one list, then watches");
  proxy.fault = () => statusResponse(503, { reason: "ServiceUnavailable", message: "not now" });
  proxy.cut();
  await annotate(cluster, namespace, "web", { "status.autocrane.io/disk": `error/${at}/full` });
  proxy.fault = () => undefined;
  match((await shown(watch, 3))[2]!, /^web +disk +error +\S+ +full$/);
});

test("getwatchdog tells a missing pod from a pod or namespace without statuses", async (cluster) => {
  const namespace = await shop(cluster);
  for (const more of [[], ["--watch"], ["-o", "json"]]) {
    const { code, output } = await cluster.call("getwatchdog", ["-n", namespace, "nobody", ...more]);
    deepEqual([code, /404: pods "nobody" not found\n$/.test(output)], [4, true], output);
  }
  equal(
    await printed(cluster, "getwatchdog", "-n", namespace, "idle"),
    `No watchdog has reported on the pod ${namespace}/idle.\n`,
  );
  equal(
    await printed(cluster, "getwatchdog", "-n", "nowhere"),
    "No watchdog has reported in the namespace nowhere.\n",
  );
  const kubeconfig = await cluster.plane.kubeconfig();
  const { code, output } = await cluster.call("getwatchdog", ["-n", "nowhere"], { kubeconfig });
  deepEqual([code, /404: namespaces "nowhere" not found\n$/.test(output)], [4, true], output);
});

test("a right that getwatchdog lacks ends it with 3 and the rule to add", async (cluster) => {
  const namespace = await shop(cluster);
  const lacks = (verb: string) =>
    new RegExp(
      `^autocrane getwatchdog: Cannot GET .+: 403: .+Add to a Role in the namespace "${namespace}" that is ` +
        `bound to "system:serviceaccount:autocrane:getwatchdog" the rule ` +
        `\\{apiGroups: \\[""\\], resources: \\["pods"\\], verbs: \\["${verb}"\\]\\}\\n$`,
    );
  await withRights(cluster, "getwatchdog", [pods("list")], async () => {
    match(await ending(cluster, 3, "getwatchdog", "-n", namespace, "web"), lacks("get"));
    const watching = await ending(cluster, 3, "getwatchdog", "-n", namespace, "-w");
    match(watching.slice(watching.indexOf("autocrane")), lacks("watch"));
    match(watching, /^POD /);
  });
  await withRights(cluster, "getwatchdog", [pods("get")], async () => {
    for (const more of [[], ["-o", "json"], ["--watch"]]) {
      match(await ending(cluster, 3, "getwatchdog", "-n", namespace, ...more), lacks("list"));
    }
  });
  match(await ending(cluster, 0, "getwatchdog", "-n", namespace), /^POD /);
});

test("a token that the API server does not know ends a program with 3", async (cluster) => {
  const kubeconfig = await cluster.plane.kubeconfig("nonsense");
  const { code, output } = await cluster.call("getwatchdog", [], { kubeconfig });
  equal(code, 3);
  match(output, /401: Unauthorized\. Is the token or certificate still valid\?\n$/);
});

test("a cluster that does not answer ends a program with 5", async (cluster) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const calls: [Mode, string[]][] = [
    ["getwatchdog", []],
    ["getwatchdog", ["--watch"]],
    ["postwatchdog", ["--Pod:Name=web", "--Watchdog:Name=disk"]],
  ];
  await Promise.all(calls.map(async ([mode, args]) => {
    const { code, output } = await cluster.call(mode, args, {
      kubeconfig: await cluster.kubeconfig(mode, nobody),
    });
    equal(code, 5, output);
    match(output, new RegExp(`^autocrane ${mode}: Cannot GET .+: no answer from ${nobody}: .+\\n$`));
  }));
});

test("a server that lacks a right names program, verb, resource and the rule, and goes on once it has it", async (cluster) => {
  const namespace = await cluster.namespace();
  const { watched, cluster: whole } = rights.watchdogprober;
  const others = [...watched, ...whole].filter((rule) => !(rule.resources as string[]).includes("pods"));
  notEqual(others.length, watched.length);
  await withRights(cluster, "watchdogprober", others, async () => {
    await using prober = await cluster.run("watchdogprober", [`--AutoCrane:Namespaces=${namespace}`]);
    const line = await prober.said("cannot follow the API server", { what: `pods in ${namespace}` });
    equal(line.program, "watchdogprober");
    match(
      String(line.error),
      /cannot list resource "pods".+ the rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["list"\]\}$/,
    );
    ok(prober.lines().every(({ program }) => program === "watchdogprober"));
    equal(prober.process.alive, true);
    await cluster.replaceRights("watchdogprober", [...watched, ...whole]);
    await prober.said("following the API server again", { what: `pods in ${namespace}` });
  });
});
