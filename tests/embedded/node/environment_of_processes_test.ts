import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Container } from "../../../k8s/core_v1.ts";
import { onNode, type TestNode } from "./support/node.ts";

/** What a container's process has for variables. */
async function seen(
  node: TestNode,
  more: Partial<Container>,
  spec: { automountServiceAccountToken?: boolean } = {},
): Promise<Record<string, string>> {
  const app = { name: "app", image: "any", command: ["/usr/bin/env"], ...more };
  await node.pod("web", { restartPolicy: "Never", containers: [app], ...spec });
  await node.phase("web", "Succeeded");
  const lines = (await node.log("web")).trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

onNode("a process has the container's variables, and of ours none but those that are meant", async (node) => {
  Deno.env.set("NODE_TEST_SECRET", "ours");
  const variables = await seen(node, { env: [{ name: "A", value: "1" }, { name: "a.b", value: "$(A)2" }] });
  Deno.env.delete("NODE_TEST_SECRET");
  const folder = node.folderOf(await node.get("web"));
  const { DENO_DIR: _, ...rest } = variables;
  deepEqual(rest, {
    PATH: "/usr/bin:/bin",
    HOME: join(folder, "containers", "app", "home"),
    TMPDIR: join(folder, "containers", "app", "tmp"),
    HOSTNAME: "web",
    KUBECONFIG: join(folder, "kubeconfig"),
    KUBERNETES_SERVICE_HOST: "127.0.0.1",
    KUBERNETES_SERVICE_PORT: "6443",
    A: "1",
    "a.b": "12",
  });
});

onNode("a pod finds a kubeconfig with its own token, which nobody else may read", async (node) => {
  const { KUBECONFIG } = await seen(node, {});
  match(await Deno.readTextFile(KUBECONFIG!), /pods-token/);
  equal((await Deno.stat(KUBECONFIG!)).mode! & 0o777, 0o600);
});

onNode("a pod that wants no token has no way to the API", async (node) => {
  const variables = await seen(node, {}, { automountServiceAccountToken: false });
  ok(!Object.keys(variables).some((name) => name.startsWith("KUBE")));
});

onNode("args are expanded, and command takes the image's place", async (node) => {
  await node.pod("web", {
    restartPolicy: "Never",
    containers: [{
      name: "app",
      image: "sh",
      command: ["echo", "$(GREETING)"],
      args: ["$(WHO)", "$$(WHO)", "$(NOBODY)"],
      env: [{ name: "GREETING", value: "hello" }, { name: "WHO", value: "$(GREETING) world" }],
    }],
  });
  await node.phase("web", "Succeeded");
  equal(await node.log("web"), "hello hello world $(WHO) $(NOBODY)\n");
});

onNode("a container runs in the folder that it names, or else in the node's", async (node) => {
  const app = (name: string, workingDir?: string) => ({
    name,
    image: "any",
    command: ["/bin/pwd"],
    workingDir,
  });
  await node.pod("web", { restartPolicy: "Never", containers: [app("here"), app("there", "/usr")] });
  await node.phase("web", "Succeeded");
  equal(await node.log("web"), `${node.folder}\n`);
  equal(await node.log("web", { container: "there" }), "/usr\n");
});

onNode("a script is run by Deno, with the arguments that follow", async (node) => {
  await Deno.writeTextFile(
    join(node.folder, "tell.ts"),
    "console.log(Deno.args.join('+'), typeof (1 as number))",
  );
  await node.pod("web", {
    restartPolicy: "Never",
    containers: [{ name: "app", image: "any", command: ["./tell.ts"], args: ["a", "b"] }],
  });
  await node.phase("web", "Succeeded");
  equal(await node.log("web"), "a+b number\n");
});
