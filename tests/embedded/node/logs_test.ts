import { equal, match, ok, rejects } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { script, staying } from "./support/scripts.ts";
import { namespace, onNode } from "./support/node.ts";

onNode("a log is read with the API's options", async (node) => {
  await node.pod("web", {
    containers: [script("app", "echo one; echo two; echo three >&2; exec sleep 600")],
  });
  await node.logWith("web", "three");
  await node.logWith("web", "two");
  const logs = (options: Parameters<typeof pods.getPodLog>[1]) => pods.getPodLog("web", options);
  const pods = node.core.namespace(namespace);
  equal((await logs({})).split("\n").length, 4);
  equal((await logs({ tailLines: 1 })).split("\n").length, 2);
  equal((await logs({ limitBytes: 5 })).length, 5);
  match(await logs({ timestamps: true }), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (one|three)\n/);
});

onNode("a log is followed until the container ends", async (node) => {
  await node.pod("web", {
    restartPolicy: "Never",
    containers: [script("app", "echo one; sleep 0.3; echo two")],
  });
  await node.logWith("web", "one");
  equal(await node.log("web", { follow: true }), "one\ntwo\n");
});

onNode("a log is followed to the end of a pod that is deleted", async (node) => {
  await node.pod("web", {
    containers: [script("app", "trap 'echo bye; exit 0' TERM; echo hi; while :; do sleep 0.05; done")],
  });
  await node.logWith("web", "hi");
  const followed = node.log("web", { follow: true });
  await node.remove("web");
  equal(await followed, "hi\nbye\n");
});

onNode("the run before the present one can be read as well", async (node) => {
  const text =
    "if [ -e $HOME/ran ]; then echo second; exec sleep 600; fi; touch $HOME/ran; echo first; exit 1";
  await node.pod("web", { containers: [script("app", text)] });
  await node.logWith("web", "second");
  equal(await node.log("web", { previous: true }), "first\n");
});

onNode("while a container waits to be restarted its last run can be read", async (node) => {
  await node.pod("web", { containers: [script("app", "echo crashed; exit 1")] });
  await node.podThat(
    "waits",
    "web",
    ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
  );
  equal(await node.log("web"), "crashed\n");
});

onNode("what cannot be read is refused in the kubelet's words", async (node) => {
  await node.pod("web", { containers: [staying("app"), { name: "other", image: "none" }] });
  await node.podThat(
    "is refused",
    "web",
    ({ status }) => status?.containerStatuses?.[1]?.state?.waiting?.reason === "ErrImagePull",
  );
  await rejects(
    node.log("web", { previous: true }),
    /previous terminated container "app" in pod "web" not found/,
  );
  await rejects(
    node.log("web", { container: "other" }),
    /container "other" in pod "web" is waiting to start: image can't be pulled/,
  );
  await node.pod("late", {
    containers: [staying("app")],
    volumes: [{ name: "v", nfs: { server: "x", path: "/" } }],
  });
  await node.event("late", "FailedMount");
  await rejects(node.log("late"), /container "app" in pod "late" is waiting to start: ContainerCreating/);
});

onNode("a very talkative container does not fill the memory", async (node) => {
  await node.pod("web", { restartPolicy: "Never", containers: [script("app", "seq 1 1000000")] });
  await node.phase("web", "Succeeded");
  const log = await node.log("web");
  ok(log.length < 1024 * 1024);
  await until("the last line is kept", () => log.endsWith("\n1000000\n"));
});
