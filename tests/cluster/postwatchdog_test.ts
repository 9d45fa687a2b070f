import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Cluster } from "./support/cluster.ts";
import { at, createPod, ending, pods, printed, withRights } from "./support/command_line.ts";
import { Proxy, statusResponse } from "./support/proxy.ts";
import { onCluster } from "./support/suite.ts";

const test = onCluster();

/** The arguments of a post of `disk`. */
function post(namespace: string, level: string, message: string, ...more: string[]): string[] {
  return [
    `--Pod:Namespace=${namespace}`,
    "--Pod:Name=web",
    "--Watchdog:Name=disk",
    `--Watchdog:Level=${level}`,
    `--Watchdog:Message=${message}`,
    ...more,
  ];
}

const writesIn = async (cluster: Cluster, namespace: string) =>
  (await cluster.writes("postwatchdog")).filter((write) => write.namespace === namespace);

const web = async (cluster: Cluster, namespace: string) =>
  (await cluster.core.namespace(namespace).getPod("web")).metadata!;

test("postwatchdog writes status and label in one patch, under its own name, and touches nothing else", async (cluster) => {
  const namespace = await cluster.namespace();
  const others = { "status.autocrane.io/app": `warning/${at}/slow`, unrelated: "x" };
  await createPod(cluster, namespace, "web", others);
  equal(await printed(cluster, "postwatchdog", ...post(namespace, "ERROR", "disk full")), "");

  const { annotations = {}, labels, managedFields } = await web(cluster, namespace);
  const { "status.autocrane.io/disk": status = "", ...rest } = annotations;
  match(status, /^error\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\/disk full$/);
  ok(Math.abs(Date.parse(`${status.slice(6, 25)}Z`) - Date.now()) < 30_000);
  deepEqual(rest, others);
  deepEqual(labels, { app: "web", "status.autocrane.io/health": "error" });
  const own = managedFields!.find(({ manager }) => manager === "autocrane-postwatchdog")!;
  deepEqual([own.operation, own.subresource], ["Update", undefined]);
  const fields = own.fieldsV1 as { "f:metadata": Record<string, Record<string, unknown>> };
  deepEqual(Object.keys(fields["f:metadata"]["f:annotations"]!), ["f:status.autocrane.io/disk"]);
  deepEqual(Object.keys(fields["f:metadata"]["f:labels"]!), ["f:status.autocrane.io/health"]);
  deepEqual((await writesIn(cluster, namespace)).map(({ verb, code }) => [verb, code]), [["patch", 200]]);

  await printed(cluster, "postwatchdog", ...post(namespace, "info", ""));
  const after = await web(cluster, namespace);
  equal(after.labels?.["status.autocrane.io/health"], "warning", "the application's status counts");
  match(after.annotations!["status.autocrane.io/disk"]!, /^info\/.{19}\/$/);
});

test("postwatchdog's expiry is written beside the status, and taken away by a post without one", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web");
  const began = Date.now();
  await printed(
    cluster,
    "postwatchdog",
    ...post(namespace, "error", "full", "--Watchdog:ExpiresSeconds=600"),
  );
  const key = "expires.status.autocrane.io/disk";
  const { annotations } = await web(cluster, namespace);
  const left = Date.parse(`${annotations![key]}Z`) - began;
  ok(left > 598_000 && left < 630_000, annotations![key]);
  await printed(cluster, "postwatchdog", ...post(namespace, "error", "full"));
  equal((await web(cluster, namespace)).annotations![key], undefined);
});

test("postwatchdog cleans a message of control characters, and cuts one that is too long", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web");
  const message = `a\u001b[31mb\nc\u202e/${"é".repeat(1000)}`;
  await printed(cluster, "postwatchdog", ...post(namespace, "warning", message));
  const written = (await web(cluster, namespace)).annotations!["status.autocrane.io/disk"]!;
  match(written, /^warning\/.{19}\/a \[31mb c \/é+…$/);
  ok(new TextEncoder().encode(written.slice(28)).length <= 512);
});

test("postwatchdog reads the pod again where it changed meanwhile, and gives up after ten times", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web");
  await using proxy = new Proxy(cluster.plane);
  const kubeconfig = await cluster.kubeconfig("postwatchdog", proxy.server);
  const args = post(namespace, "error", "full");
  const conflict = { reason: "Conflict", message: "the object has been modified" };
  const patches = () => proxy.requests.filter((request) => request.startsWith("PATCH ")).length;

  proxy.fault = ({ method }) => method === "PATCH" ? statusResponse(409, conflict) : undefined;
  const given = await cluster.call("postwatchdog", args, { kubeconfig });
  deepEqual([given.code, patches()], [1, 10], given.output);
  match(
    given.output,
    /^autocrane postwatchdog: Cannot write the status of disk on pod ".+\/web": it changed 10 /,
  );
  equal((await web(cluster, namespace)).labels?.["status.autocrane.io/health"], undefined);

  proxy.fault = ({ method }) =>
    method === "PATCH" && patches() <= 12 ? statusResponse(409, conflict) : undefined;
  const written = await cluster.call("postwatchdog", args, { kubeconfig });
  deepEqual([written.code, patches()], [0, 13], written.output);
  equal((await web(cluster, namespace)).labels?.["status.autocrane.io/health"], "error");
});

test("postwatchdog loses no other writer's status, however many write at once", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web");
  const names = ["a", "b", "c", "d"];
  await Promise.all(
    names.map((name) =>
      printed(
        cluster,
        "postwatchdog",
        `--Pod:Namespace=${namespace}`,
        "--Pod:Name=web",
        `--Watchdog:Name=${name}`,
        `--Watchdog:Level=${name === "c" ? "error" : "info"}`,
      )
    ),
  );
  const { annotations, labels } = await web(cluster, namespace);
  deepEqual(
    names.filter((name) => annotations![`status.autocrane.io/${name}`] === undefined),
    [],
  );
  equal(labels!["status.autocrane.io/health"], "error");
});

test("postwatchdog says why it could not, by its exit code and in one line", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web");
  const cases: { code: number; args: string[]; said: RegExp }[] = [
    {
      code: 2,
      args: post(namespace, "fatal", "x"),
      said: /--Watchdog:Level is "fatal": expected error or warning or info\.\n$/,
    },
    {
      code: 4,
      args: [...post(namespace, "info", "x"), "--Pod:Name=nobody"],
      said: /pods "nobody" not found\n$/,
    },
    { code: 4, args: post("nowhere", "info", "x"), said: /404: .+not found\n$/ },
  ];
  for (const { code, args, said } of cases) {
    const ended = await cluster.call("postwatchdog", args);
    equal(ended.code, code, ended.output);
    match(ended.output, said);
    match(ended.output, /^autocrane postwatchdog: .+\n$/);
  }
  await withRights(cluster, "postwatchdog", [pods("get")], async () => {
    const output = await ending(cluster, 3, "postwatchdog", ...post(namespace, "error", "full"));
    match(
      output,
      /Cannot PATCH .+: 403: .+ the rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["patch"\]\}\n$/,
    );
  });
  await ending(cluster, 0, "postwatchdog", ...post(namespace, "error", "full"));
  await withRights(cluster, "postwatchdog", [pods("patch")], async () => {
    match(
      await ending(cluster, 3, "postwatchdog", ...post(namespace, "error", "full")),
      /Cannot GET .+ the rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["get"\]\}\n$/,
    );
  });
  await ending(cluster, 0, "postwatchdog", ...post(namespace, "error", "full"));
});

test("a pod without room for a status keeps what it has, and postwatchdog ends with 1", async (cluster) => {
  const namespace = await cluster.namespace();
  await createPod(cluster, namespace, "web", { big: "x".repeat(262_100) });
  const { code, output } = await cluster.call("postwatchdog", post(namespace, "error", "y".repeat(500)));
  equal(code, 1, output);
  match(output, /^autocrane postwatchdog: Cannot PATCH .+: 422: .+\n$/);
  equal((await web(cluster, namespace)).labels?.["status.autocrane.io/health"], undefined);
});
