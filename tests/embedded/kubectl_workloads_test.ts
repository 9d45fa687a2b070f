/**
 * What kubectl's users do with workloads and pods in an embedded cluster.
 *
 * @module
 */
import { equal, match } from "node:assert/strict";
import { until } from "../cluster/support/wait.ts";
import type { Kubectl, Said } from "./support/kubectl.ts";
import { deployment, pod, withKubectl } from "./support/kubectl_suite.ts";

const test = withKubectl();

/** Creates a Deployment and waits until it is there. */
async function rolledOut(kubectl: Kubectl, replicas = 1): Promise<void> {
  await kubectl.ok("create -f -", [], { input: deployment("web", { replicas }) });
  await kubectl.ok("rollout status deployment/web --timeout=30s");
}

const images = (kubectl: Kubectl) =>
  kubectl.ok("get pods -o", ['jsonpath={.items[?(@.status.phase=="Running")].spec.containers[*].image}']);

test("a new image is rolled out, seen in the history, and undone", async (kubectl) => {
  await rolledOut(kubectl);
  await kubectl.ok("set image deployment/web app=web:2");
  match(await kubectl.ok("rollout status deployment/web --timeout=30s"), /successfully rolled out/);
  await until("only the new pod is left", async () => await images(kubectl) === "web:2");
  match(await kubectl.ok("rollout history deployment/web"), /\n1 +<none>\n2 +<none>\n/);
  match(await kubectl.ok("rollout history deployment/web --revision=2"), /Image:\s+web:2/);
  equal(await kubectl.ok("rollout undo deployment/web"), "deployment.apps/web rolled back\n");
  await kubectl.ok("rollout status deployment/web --timeout=30s");
  await until("only the old image is left", async () => await images(kubectl) === "web");
});

test("a restart makes new pods", async (kubectl) => {
  await rolledOut(kubectl);
  const before = await kubectl.ok("get pods -o name");
  await kubectl.ok("rollout restart deployment/web");
  await kubectl.ok("rollout status deployment/web --timeout=30s");
  await kubectl.ok(`wait --for=delete ${before.trim()} --timeout=30s`);
  match(await kubectl.ok("get pods -o name"), /^pod\/web-\w+-\w{5}\n$/);
});

test("a paused rollout waits until it is resumed", async (kubectl) => {
  await rolledOut(kubectl);
  await kubectl.ok("rollout pause deployment/web");
  await kubectl.ok("set image deployment/web app=web:2");
  await using status = kubectl.start("rollout status deployment/web --timeout=30s");
  await status.says(/Waiting for deployment "web" rollout to finish/);
  equal(await images(kubectl), "web");
  await kubectl.ok("rollout resume deployment/web");
  match(await status.end(), /successfully rolled out/);
});

test("a deployment is scaled up and down", async (kubectl) => {
  await rolledOut(kubectl);
  await kubectl.ok("scale deployment web --replicas=3");
  await kubectl.ok("rollout status deployment/web --timeout=30s");
  equal((await kubectl.ok("get pods -o name")).trim().split("\n").length, 3);
  await kubectl.ok("scale deployment web --current-replicas=3 --replicas=0");
  await kubectl.ok("wait --for=delete pod -l app=web --timeout=30s");
  match(
    await kubectl.refused("scale deployment web --current-replicas=3 --replicas=1"),
    /Expected replicas to be 3/,
  );
});

test("logs are read, followed, cut and stamped", async (kubectl) => {
  await kubectl.ok("create -f -", [], {
    input: pod("web", { containers: [speaking("app", "one"), speaking("side", "two")] }),
  });
  await kubectl.ok("wait --for=condition=Ready pod/web --timeout=30s");
  await until("it spoke", async () => await kubectl.ok("logs web -c app") === "one\n");
  equal(await kubectl.ok("logs web -c side"), "two\n");
  match(await kubectl.ok("logs web -c app --timestamps"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z one\n$/);
  equal(await kubectl.ok("logs web -c app --tail=0"), "");
  match(await kubectl.ok("logs web --all-containers --prefix"), /\[pod\/web\/side\] two/);
  match(await kubectl.refused("logs web -c other"), /container other is not valid for pod web/);
  await using followed = kubectl.start("logs -f web -c app");
  await followed.says(/one\n/);
  await kubectl.ok("delete pod web");
  equal(await followed.end(), "one\nbye\n");
});

const speaking = (name: string, word: string) => ({ name, image: "web", args: [word] });

test("the log of the run before is kept", async (kubectl) => {
  const containers = [{ name: "app", image: "fail", args: ["oh no"] }];
  await kubectl.ok("create -f -", [], { input: pod("web", { containers }) });
  await until("it was restarted", async () => /web +0\/1 +\S+ +[1-9]/.test(await kubectl.ok("get pod web")));
  equal(await kubectl.ok("logs web --previous"), "oh no\n");
  match(await kubectl.refused("logs web --previous -c app --tail=x"), /invalid argument/);
});

test("a pod that ends well is Completed", async (kubectl) => {
  const containers = [{ name: "app", image: "echo", args: ["done"] }];
  await kubectl.ok("create -f -", [], { input: pod("once", { containers, restartPolicy: "Never" }) });
  await kubectl.ok("wait --for=jsonpath={.status.phase}=Succeeded pod/once --timeout=30s");
  match(await kubectl.ok("get pod once"), /once +0\/1 +Completed +0/);
  equal(await kubectl.ok("logs once"), "done\n");
});

test("pods are deleted gracefully, at once, and without waiting", async (kubectl) => {
  for (const name of ["one", "two", "three", "four"]) {
    await kubectl.ok("create -f -", [], { input: pod(name) });
    await kubectl.ok(`wait --for=condition=Ready pod/${name} --timeout=30s`);
  }
  match(await kubectl.ok("delete pod one --grace-period=1"), /^pod "one" (?:force )?deleted/);
  match(await kubectl.ok("delete pod two --now"), /^pod "two" (?:force )?deleted/);
  match(await kubectl.ok("delete pod three --force --grace-period=0"), /pod "three" force deleted/);
  match(await kubectl.ok("delete pod four --wait=false"), /^pod "four" deleted/);
  await until("all are gone", async () => await kubectl.ok("get pods -o name") === "");
});

test("a condition is waited for, and not for ever", async (kubectl) => {
  await rolledOut(kubectl);
  equal(
    await kubectl.ok("wait --for=condition=Available deployment/web --timeout=30s"),
    "deployment.apps/web condition met\n",
  );
  match(
    await kubectl.refused("wait --for=condition=Nonsense deployment/web --timeout=1s"),
    /timed out waiting for the condition/,
  );
});

/** Drains the node and takes it back, whatever comes of it: other tests need it. */
async function drained(
  kubectl: Kubectl,
  timeout: string,
  meanwhile: () => Promise<void> = nothing,
): Promise<Said> {
  const name = await kubectl.ok("get nodes -o jsonpath={.items[0].metadata.name}");
  try {
    const drain = await kubectl.run(`drain ${name} --force --timeout=${timeout} --pod-selector=app=web`);
    await meanwhile();
    return drain;
  } finally {
    equal(await kubectl.ok(`uncordon ${name}`), `node/${name} uncordoned\n`);
  }
}

const nothing = () => Promise.resolve();

test("a node is drained and taken back", async (kubectl) => {
  await rolledOut(kubectl);
  const before = (await kubectl.ok("get pods -o name")).trim();
  const { code, out, err } = await drained(kubectl, "30s", async () => {
    match(await kubectl.ok("get nodes"), /Ready,SchedulingDisabled/);
    await until(
      "its successor waits",
      async () => /web-\S+ +0\/1 +Pending/.test(await kubectl.ok("get pods")),
    );
  });
  equal(code, 0, err);
  match(out, new RegExp(`${before} evicted`));
  await kubectl.ok("rollout status deployment/web --timeout=30s");
});

test("a budget holds a drain back", async (kubectl) => {
  await rolledOut(kubectl);
  const budget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
  };
  await kubectl.ok("create -f -", [], { input: JSON.stringify(budget) });
  await until("it allows nothing", async () => /web +1 +N\/A +0 /.test(await kubectl.ok("get pdb")));
  const { code, err } = await drained(kubectl, "1s");
  equal(code, 1);
  match(err, /Cannot evict pod as it would violate the pod's disruption budget/);
});

test("what cannot be done in a local process is refused in words", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: pod("web") });
  await kubectl.ok("wait --for=condition=Ready pod/web --timeout=30s");
  const words = /not supported by AutoCrane's embedded cluster/;
  match(await kubectl.refused("exec web -- ls"), words);
  match(await kubectl.refused("attach web"), words);
  match(await kubectl.refused("cp web:/etc/hosts /tmp/none"), words);
  match(await kubectl.refused("port-forward web 0:80"), words);
});
