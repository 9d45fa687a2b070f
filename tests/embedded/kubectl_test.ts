/**
 * What kubectl's users see of an embedded cluster.
 *
 * @module
 */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import type { Kubectl } from "./support/kubectl.ts";
import { deployment, pod, withKubectl } from "./support/kubectl_suite.ts";

const test = withKubectl();

/** Creates a pod and waits until it is ready. */
async function readyPod(kubectl: Kubectl, name = "web", spec: object = {}): Promise<void> {
  await kubectl.ok("create -f -", [], { input: pod(name, spec) });
  await kubectl.ok(`wait --for=condition=Ready pod/${name} --timeout=30s`);
}

/** The rows of a table, each as its words. */
function rows(table: string): string[][] {
  return table.trim().split("\n").map((line) => line.trim().split(/\s+/));
}

test("pods are shown as a table, and with more columns where asked", async (kubectl) => {
  await readyPod(kubectl);
  const [head, row] = rows(await kubectl.ok("get pods"));
  deepEqual(head, ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
  deepEqual(row!.slice(0, 4), ["web", "1/1", "Running", "0"]);
  match(await kubectl.ok("get pods -o wide"), /IP +NODE .*\n.* 127\.\d+\.\d+\.\d+ +\S+ +<none>/);
});

test("labels make columns, and select", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: pod("web") });
  await kubectl.ok("create -f -", [], { input: pod("db") });
  match(await kubectl.ok("get pods -L app"), /APP\ndb .* db\nweb .* web\n$/);
  deepEqual(rows(await kubectl.ok("get pods -l app=web -o name")), [["pod/web"]]);
  deepEqual(rows(await kubectl.ok("get pods -o name", ["-l", "app in (web, db),!canary"])), [
    ["pod/db"],
    ["pod/web"],
  ]);
  match(await kubectl.refused("get pods -l", ["app in (web"]), /app in \(web/);
});

test("fields select, and those that cannot are named", async (kubectl) => {
  await readyPod(kubectl);
  equal(await kubectl.ok("get pods -o name --field-selector status.phase=Running"), "pod/web\n");
  equal(await kubectl.ok("get pods -o name --field-selector status.phase=Failed"), "");
  match(await kubectl.refused("get pods --field-selector color=red"), /field label not supported: color/);
});

test("an object is printed as YAML, as JSON, by its name and by a path", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: pod("web") });
  match(await kubectl.ok("get pod web -o yaml"), /^apiVersion: v1\nkind: Pod\n/);
  equal(JSON.parse(await kubectl.ok("get pod web -o json")).metadata.name, "web");
  equal(await kubectl.ok("get pod web -o name"), "pod/web\n");
  equal(await kubectl.ok("get pod web -o jsonpath={.spec.containers[0].image}"), "web");
});

test("all namespaces are shown together", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: pod("web") });
  const found = rows(await kubectl.ok("get pods -A"));
  equal(found[0]![0], "NAMESPACE");
  equal(found.some(([namespace, name]) => namespace === kubectl.namespace && name === "web"), true);
});

test("a watch shows what comes and what goes", async (kubectl) => {
  await using watch = kubectl.start("get pods -w");
  await kubectl.ok("create -f -", [], { input: pod("web") });
  await watch.says(/web +1\/1 +Running/);
  await kubectl.ok("delete pod web");
  await watch.says(/web +\S+ +Terminating/);
  equal(watch.text.match(/NAME/g)?.length, 1);
});

test("get all shows workloads with what they made", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: deployment("web") });
  await kubectl.ok("rollout status deployment/web --timeout=30s");
  const all = await kubectl.ok("get all");
  match(all, /\npod\/web-\w+-\w{5} +1\/1 +Running|^NAME[^\n]*\npod\/web-\w+-\w{5} +1\/1 +Running/);
  match(all, /deployment.apps\/web +1\/1 +1 +1 /);
  match(all, /replicaset.apps\/web-\w+ +1 +1 +1 /);
});

test("events are shown, also those of one object, in both forms", async (kubectl) => {
  await readyPod(kubectl);
  match(await kubectl.ok("get events"), /Normal +Started +pod\/web +/);
  match(await kubectl.ok("events --for pod/web"), /Normal +Started +Pod\/web +/);
  match((await kubectl.run("events --for pod/other")).err, /^No events found in /);
  match(await kubectl.ok("get events.events.k8s.io"), /Normal +Started +pod\/web +/);
});

test("a pod is described with its containers and what happened to it", async (kubectl) => {
  await readyPod(kubectl);
  const said = await kubectl.ok("describe pod web");
  match(said, /Status: +Running\n/);
  match(said, /IP: +127\./);
  match(said, /Image: +web\n/);
  match(said, /Ready +True/);
  match(said, /Normal +Scheduled +/);
  match(said, /Normal +Started +/);
});

test("a deployment and a node are described", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: deployment("web", { replicas: 2 }) });
  await kubectl.ok("rollout status deployment/web --timeout=30s");
  const said = await kubectl.ok("describe deployment web");
  match(said, /2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/);
  match(said, /ScalingReplicaSet .* Scaled up replica set web-\w+ from 0 to 2/);
  const node = (await kubectl.ok("get nodes -o name")).trim();
  const about = await kubectl.ok(`describe ${node}`);
  match(about, /Ready +True/);
  match(about, new RegExp(`${kubectl.namespace} +web-`));
});

test("what is not there is not found, and what is not served is said to be so", async (kubectl) => {
  match(await kubectl.refused("get pod web"), /^Error from server \(NotFound\): pods "web" not found\n$/);
  match(await kubectl.refused("get secrets"), /doesn't have a resource type "secrets"/);
  const secret = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "x" } });
  match(
    await kubectl.refused("create -f -", [], { input: secret }),
    /no matches for kind "Secret" in version "v1"/,
  );
  const job = JSON.stringify({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "x" } });
  match(
    await kubectl.refused("create -f -", [], { input: job }),
    /no matches for kind "Job" in version "batch\/v1"/,
  );
});

test("the API explains itself", async (kubectl) => {
  match(
    await kubectl.ok("explain pod.spec.containers"),
    /FIELD: containers <\[\]Container>[\s\S]*\n {2}image\t<string>/,
  );
  match(await kubectl.ok("explain deployment.spec.strategy"), /GROUP: +apps\n/);
  match(await kubectl.ok("api-resources"), /\ndeployments +deploy +apps\/v1 +true +Deployment\n/);
  match(await kubectl.ok("api-versions"), /^apps\/v1\n[\s\S]*\nv1\n$/);
  match(await kubectl.ok("version"), /Server Version: v1\.\d+\.\d+\+autocrane\n/);
  match(await kubectl.ok("cluster-info"), /control plane.* is running at .*https:\/\/127\./);
  doesNotMatch(await kubectl.ok("get --raw /openapi/v3"), /batch/);
});

test("who am I and what may I is answered in words", async (kubectl) => {
  for (const line of ["auth whoami", "auth can-i get pods"]) {
    const { code, out, err } = await kubectl.run(line);
    match(code === 0 ? out : err, /yes|kubernetes-admin|AutoCrane's embedded cluster/);
  }
});
