import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { pass, until } from "../../cluster/support/wait.ts";
import { alive, script, staying } from "./support/scripts.ts";
import { namespace, onNode, TestNode } from "./support/node.ts";

/** The process ids that a container has printed. */
async function pids(node: TestNode, name: string, count: number): Promise<number[]> {
  return await until(`${count} processes of ${name}`, async () => {
    const found = (await node.log(name)).trim().split(/\s+/).map(Number).filter(Boolean);
    return found.length >= count && found;
  });
}

/** Says its own id and that of a child, then waits. In arguments `$$` is one dollar sign. */
const family = "sleep 600 & echo $$$$ $!; wait";
const stubborn = `trap '' TERM; ${family}`;

onNode("a deleted pod's processes get SIGTERM, and all their children end", async (node) => {
  await node.pod("web", { containers: [script("app", family)] });
  const all = await pids(node, "web", 2);
  const pod = await node.get("web");
  await node.remove("web");
  ok(!all.some(alive));
  await until("the folder is gone", () => Deno.stat(node.folderOf(pod)).then(() => false, () => true));
});

onNode("the last status of a deleted pod tells how its containers ended", async (node) => {
  const seen: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const event of node.core.namespace(namespace).watchPodList({ signal: stop.signal })) {
      if (event.type !== "DELETED") continue;
      const { status } = event.object;
      const end = status?.containerStatuses?.[0]?.state?.terminated;
      seen.push(`${status?.phase} ${end?.exitCode} ${end?.reason}`);
    }
  })().catch(() => {});
  await node.pod("web", { containers: [script("app", "trap 'exit 0' TERM; while :; do sleep 0.05; done")] });
  await node.ready("web");
  await node.remove("web");
  await until("the end is seen", () => seen.length > 0);
  stop.abort();
  await watching;
  deepEqual(seen, ["Succeeded 0 Completed"]);
});

onNode("what does not end by SIGTERM is killed when the grace period is over, not before", async (node) => {
  await node.pod("web", { containers: [script("app", stubborn)] });
  const all = await pids(node, "web", 2);
  const began = performance.now();
  const removing = node.remove("web", 3);
  await pass(2500);
  ok(all.some(alive));
  await removing;
  ok(performance.now() - began < 4500);
  ok(!all.some(alive));
});

onNode("a grace period that is made shorter is obeyed", async (node) => {
  await node.pod("web", { containers: [script("app", stubborn)] });
  await pids(node, "web", 2);
  await node.core.namespace(namespace).deletePod("web", { gracePeriodSeconds: 600 });
  await node.event("web", "Killing");
  const began = performance.now();
  await node.remove("web", 1);
  ok(performance.now() - began < 3000);
});

onNode("a pod that is deleted by force is killed at once", async (node) => {
  await node.pod("web", { containers: [script("app", stubborn)] });
  const all = await pids(node, "web", 2);
  const pod = await node.get("web");
  await node.core.namespace(namespace).deletePod("web", { gracePeriodSeconds: 0 });
  await rejects(node.get("web"));
  await until("its processes have ended", () => !all.some(alive), 3000);
  await until("its folder is gone", () => Deno.stat(node.folderOf(pod)).then(() => false, () => true));
});

onNode("a pod of the same name may come while the old one is being killed", async (node) => {
  await node.pod("web", { containers: [script("app", stubborn)] });
  const old = await pids(node, "web", 2);
  await node.core.namespace(namespace).deletePod("web", { gracePeriodSeconds: 0 });
  await node.pod("web", { containers: [staying("app")] });
  await node.ready("web");
  await until("the old one's processes have ended", () => !old.some(alive));
});

onNode("sidecars end after the main containers, the last one first", async (node) => {
  const volumeMounts = [{ name: "order", mountPath: "/order" }];
  const folder = await Deno.makeTempDir();
  try {
    const say = (name: string) =>
      script(name, `trap 'echo ${name} >> /order/log; exit 0' TERM; while :; do sleep 0.05; done`, {
        volumeMounts,
      });
    await node.pod("web", {
      initContainers: [{ ...say("a"), restartPolicy: "Always" }, { ...say("b"), restartPolicy: "Always" }],
      containers: [say("app")],
      volumes: [{ name: "order", hostPath: { path: folder } }],
    });
    await node.ready("web");
    await node.remove("web");
    deepEqual((await Deno.readTextFile(`${folder}/log`)).trim().split("\n"), ["app", "b", "a"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

onNode("the preStop hook runs before SIGTERM, in the container's environment", async (node) => {
  const folder = await Deno.makeTempDir();
  try {
    const volumeMounts = [{ name: "out", mountPath: "/out" }];
    const preStop = { exec: { command: ["sh", "-c", "sleep 0.3; echo $WHO > /out/hook"] } };
    const text = "trap 'cat /out/hook > /out/seen; exit 0' TERM; while :; do sleep 0.05; done";
    const env = [{ name: "WHO", value: "hook of web" }];
    await node.pod("web", {
      containers: [script("app", text, { volumeMounts, env, lifecycle: { preStop } })],
      volumes: [{ name: "out", hostPath: { path: folder } }],
    });
    await node.ready("web");
    await node.remove("web");
    equal(await Deno.readTextFile(`${folder}/seen`), "hook of web\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

onNode("a preStop hook that fails is told, and one that takes too long is cut short", async (node) => {
  const hook = (command: string) => ({ preStop: { exec: { command: ["sh", "-c", command] } } });
  await node.pod("a", { containers: [staying("app", { lifecycle: hook("echo broken; exit 1") })] });
  await node.pod("b", { containers: [staying("app", { lifecycle: hook("sleep 600") })] });
  await node.ready("a");
  await node.ready("b");
  const began = performance.now();
  await Promise.all([node.remove("a", 1), node.remove("b", 1)]);
  ok(performance.now() - began < 4000);
  equal((await node.event("a", "FailedPreStopHook")).message, "PreStopHook failed: broken");
});

onNode("a hook may just wait, so that others hear of the end first", async (node) => {
  await node.pod("web", {
    containers: [staying("app", { lifecycle: { preStop: { sleep: { seconds: 1 } } } })],
  });
  await node.ready("web");
  const began = performance.now();
  await node.remove("web");
  ok(performance.now() - began >= 1000);
});

onNode("a container may ask for another signal", async (node) => {
  const text = "trap 'echo usr1; exit 0' USR1; trap '' TERM; while :; do sleep 0.05; done";
  await node.pod("web", { containers: [script("app", text, { lifecycle: { stopSignal: "SIGUSR1" } })] });
  await node.ready("web");
  const began = performance.now();
  await node.remove("web", 10);
  ok(performance.now() - began < 5000);
});

onNode("a pod that is deleted before it could start goes at once", async (node) => {
  await node.pod("web", { containers: [{ name: "app", image: "no-such-image" }] });
  await node.event("web", "Failed");
  await node.remove("web");
});

onNode("a pod with a finalizer stays as it is, its processes gone", async (node) => {
  await node.pod("web", { containers: [staying("app")] }, { finalizers: ["example.com/hold"] });
  await node.ready("web");
  await node.core.namespace(namespace).deletePod("web");
  const { status } = await node.podThat("has ended", "web", ({ status }) => status?.phase === "Failed");
  match(status?.containerStatuses?.[0]?.state?.terminated?.reason ?? "", /Error/);
  await node.core.namespace(namespace).patchPod("web", {
    type: "merge",
    body: { metadata: { finalizers: [] } },
  });
  await node.gone("web");
});

Deno.test("when the node ends, its pods' processes end in order, and within seconds", async () => {
  const node = await TestNode.start();
  await node.pod("good", { containers: [script("app", `trap 'echo bye >&2; exit 0' TERM; ${family}`)] });
  await node.pod("bad", { containers: [script("app", stubborn)] });
  const all = [...await pids(node, "good", 2), ...await pids(node, "bad", 2)];
  const began = performance.now();
  await node.end();
  ok(performance.now() - began < 6000);
  ok(!all.some(alive));
  await rejects(Deno.stat(node.folder), Deno.errors.NotFound);
});
