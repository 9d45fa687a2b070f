import { deepEqual, equal, match, ok } from "node:assert/strict";
import { script, staying } from "./support/scripts.ts";
import { condition, onNode } from "./support/node.ts";

onNode("a pod runs with an address of its own, and its status says so", async (node) => {
  await node.pod("web", { containers: [staying("app")] });
  await node.pod("api", { containers: [staying("app")] });
  const [web, api] = [await node.ready("web"), await node.ready("api")];
  const { status } = web;
  equal(status?.phase, "Running");
  match(status?.podIP ?? "", /^127\./);
  ok(status?.podIP !== api.status?.podIP);
  deepEqual(status?.podIPs, [{ ip: status?.podIP }]);
  const [app] = status?.containerStatuses ?? [];
  match(app?.containerID ?? "", /^process:\/\/\d+$/);
  deepEqual([app?.ready, app?.started, app?.restartCount], [true, true, 0]);
  ok(app?.state?.running?.startedAt);
});

onNode("kubectl describe reads as with any kubelet", async (node) => {
  await node.pod("web", { containers: [staying("app")] });
  await node.ready("web");
  await node.remove("web");
  await node.event("web", "Killing");
  const events = await node.events("web");
  deepEqual(events.map(({ type, reason, message }) => `${type} ${reason} ${message}`), [
    'Normal Pulled Container image "sh" already present on machine',
    "Normal Created Created container: app",
    "Normal Started Started container app",
    "Normal Killing Stopping container app",
  ]);
  const [{ involvedObject, source, count }] = events as [typeof events[number]];
  equal(involvedObject.fieldPath, "spec.containers{app}");
  deepEqual(source, { component: "kubelet", host: "node-1" });
  equal(count, 1);
});

onNode("init containers run one after another, then sidecars, then the main ones", async (node) => {
  const say = (name: string) => script(name, `echo ${name} >> /order/log`, { volumeMounts });
  const stay = (name: string) => script(name, `echo ${name} >> /order/log; exec sleep 600`, { volumeMounts });
  const volumeMounts = [{ name: "order", mountPath: "/order" }];
  const pod = await node.pod("web", {
    initContainers: [say("first"), { ...stay("proxy"), restartPolicy: "Always" }, say("second")],
    containers: [stay("app")],
    volumes: [{ name: "order", emptyDir: {} }],
  });
  const { status } = await node.ready("web");
  const log = await Deno.readTextFile(`${node.folderOf(pod)}/volumes/order/log`);
  deepEqual(log.trim().split("\n"), ["first", "proxy", "second", "app"]);
  const [first, proxy] = status?.initContainerStatuses ?? [];
  equal(first?.state?.terminated?.reason, "Completed");
  deepEqual([first?.ready, first?.started, proxy?.ready, proxy?.started], [true, false, true, true]);
});

onNode("while an init container runs, the pod is Pending and its conditions say why", async (node) => {
  await node.pod("web", { initContainers: [staying("init")], containers: [staying("app")] });
  const { status } = await node.podThat(
    "initializes",
    "web",
    ({ status }) => status?.initContainerStatuses?.[0]?.state?.running !== undefined,
  );
  equal(status?.phase, "Pending");
  equal(condition(status, "Initialized")?.message, "containers with incomplete status: [init]");
  equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, "PodInitializing");
});

onNode("a pod whose containers have done their work has succeeded, and keeps its logs", async (node) => {
  await node.pod("job", { restartPolicy: "Never", containers: [script("app", "echo done")] });
  const { status } = await node.phase("job", "Succeeded");
  const end = status?.containerStatuses?.[0]?.state?.terminated;
  deepEqual([end?.exitCode, end?.reason, end?.signal], [0, "Completed", undefined]);
  equal(condition(status, "Ready")?.reason, "PodCompleted");
  equal(await node.log("job"), "done\n");
  await node.remove("job");
});

onNode("a pod that failed for good has failed, its sidecar ends", async (node) => {
  await node.pod("job", {
    restartPolicy: "Never",
    initContainers: [staying("proxy", { restartPolicy: "Always" })],
    containers: [script("app", "exit 3")],
  });
  const { status } = await node.phase("job", "Failed");
  equal(status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
  const sidecar = status?.initContainerStatuses?.[0]?.state?.terminated;
  deepEqual([sidecar?.exitCode, sidecar?.signal], [143, 15]);
});

onNode("an init container that fails is tried again with longer and longer waits", async (node) => {
  await node.pod("web", { initContainers: [script("init", "exit 1")], containers: [staying("app")] });
  const { status } = await node.podThat(
    "crashes",
    "web",
    ({ status }) => (status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 2,
  );
  equal(status?.phase, "Pending");
});

onNode(
  "a container that crashes is restarted at once, then with waits that its status tells",
  async (node) => {
    await node.pod("web", { containers: [script("app", "echo run; exit 7")] });
    const { status } = await node.podThat("waits", "web", ({ status }) => {
      const app = status?.containerStatuses?.[0];
      return app?.state?.waiting?.reason === "CrashLoopBackOff" && app.restartCount >= 2;
    });
    const [app] = status?.containerStatuses ?? [];
    equal(status?.phase, "Running");
    match(
      app?.state?.waiting?.message ?? "",
      /^back-off \ds restarting failed container=app pod=web_default\(.+\)$/,
    );
    deepEqual([app?.lastState?.terminated?.exitCode, app?.lastState?.terminated?.reason], [7, "Error"]);
    const backOff = await node.event("web", "BackOff");
    match(backOff.message ?? "", /^Back-off restarting failed container app in pod web_default\(/);
  },
);

onNode("what a container's own policy says holds: OnFailure restarts failures alone", async (node) => {
  const text = "if [ -e /state/ran ]; then exit 0; else touch /state/ran; exit 1; fi";
  await node.pod("job", {
    restartPolicy: "OnFailure",
    containers: [script("app", text, { volumeMounts: [{ name: "state", mountPath: "/state" }] })],
    volumes: [{ name: "state", emptyDir: {} }],
  });
  const { status } = await node.phase("job", "Succeeded");
  const [app] = status?.containerStatuses ?? [];
  deepEqual([app?.restartCount, app?.lastState?.terminated?.exitCode], [1, 1]);
});

onNode("a sidecar that ends is restarted, and the pod is initialized all the while", async (node) => {
  await node.pod("web", {
    initContainers: [script("proxy", "sleep 0.1; exit 0", { restartPolicy: "Always" })],
    containers: [staying("app")],
  });
  const { status } = await node.podThat(
    "restarts its sidecar",
    "web",
    ({ status }) =>
      (status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 1 &&
      status?.containerStatuses?.[0]?.state?.running !== undefined,
  );
  equal(condition(status, "Initialized")?.status, "True");
});

onNode("a pod that ended before this node saw it is not run again", async (node) => {
  const pod = await node.core.namespace("default").createPod({
    metadata: { name: "old" },
    spec: { restartPolicy: "Never", containers: [script("app", "echo again")] },
  });
  await node.core.namespace("default").patchPodStatus("old", {
    type: "merge",
    body: { status: { phase: "Succeeded" } },
  });
  await node.client.json({
    method: "POST",
    path: "/api/v1/namespaces/default/pods/old/binding",
    body: {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "old" },
      target: { kind: "Node", name: "node-1" },
    },
  });
  await node.pod("new", { containers: [staying("app")] });
  await node.ready("new");
  deepEqual(await node.events("old"), []);
  equal((await node.get("old")).metadata?.uid, pod.metadata?.uid);
  await node.remove("old");
});

onNode("when all addresses are taken a pod waits, and runs when one is free", async (node) => {
  const names = Array.from({ length: 20 }, (_, n) => `pod-${n}`);
  for (const name of names) await node.pod(name, { containers: [staying("app")] });
  for (const name of names) await node.ready(name);
  await node.pod("last", { containers: [staying("app")] });
  match(
    (await node.event("last", "FailedCreatePodSandBox")).message ?? "",
    /no address is free on this node/,
  );
  await node.remove("pod-0", 0);
  await node.ready("last");
});

onNode(
  "a container that cannot be run in its folder waits, and is not counted as restarted",
  async (node) => {
    const workingDir = "/no/such/folder";
    await node.pod("web", { containers: [staying("app", { workingDir })] });
    const { status } = await node.podThat(
      "is refused",
      "web",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
    );
    const [app] = status?.containerStatuses ?? [];
    equal(app?.state?.waiting?.reason, "CreateContainerError");
    match(app?.state?.waiting?.message ?? "", /Cannot run "\/bin\/sh" in "\/no\/such\/folder"/);
    equal(app?.restartCount, 0);
  },
);

onNode("a container that crashed before and is ended with its pod does not back off", async (node) => {
  const text = "if [ -e $HOME/ran ]; then exec sleep 600; fi; touch $HOME/ran; exit 1";
  await node.pod("web", { containers: [script("app", text)] });
  await node.podThat("runs again", "web", ({ status }) => {
    const app = status?.containerStatuses?.[0];
    return app?.restartCount === 1 && app.state?.running !== undefined;
  });
  await node.remove("web");
  await node.event("web", "Killing");
  ok((await node.events("web")).every(({ reason }) => reason !== "BackOff"));
});
