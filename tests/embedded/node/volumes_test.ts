import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { Volumes } from "../../../lib/embedded/node/volumes.ts";
import { parseAnnotationsFile } from "../../../lib/kube/annotations_file.ts";
import { until } from "../../cluster/support/wait.ts";
import { facts, podWith } from "./build.ts";
import { script, staying } from "./support/scripts.ts";
import { namespace, onNode } from "./support/node.ts";

const sources = { pod: podWith(), facts, configMap: () => undefined, token: "" };

onNode("a container finds its volumes where its manifest says", async (node) => {
  const items = [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }];
  await node.pod("web", {
    containers: [script("app", "cat /etc/podinfo/labels; echo; cat $FILE; echo; exec sleep 600", {
      env: [{ name: "FILE", value: "/etc/podinfo/labels" }],
      volumeMounts: [{ name: "podinfo", mountPath: "/etc/podinfo" }],
    })],
    volumes: [{ name: "podinfo", downwardAPI: { items } }],
  }, { labels: { app: "web" } });
  equal(await node.logWith("web", 'app="web"\napp="web"\n'), 'app="web"\napp="web"\n');
});

onNode("files of the downward API follow the pod at once, all of them together", async (node) => {
  const items = [
    { path: "annotations", fieldRef: { fieldPath: "metadata.annotations" } },
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
  ];
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "podinfo", downwardAPI: { items } }],
  });
  const folder = join(node.folderOf(await node.ready("web")), "volumes", "podinfo");
  const data = await Deno.readLink(join(folder, "..data"));
  const value = 'with "quotes"\nand lines';
  const patch = { type: "merge", body: { metadata: { annotations: { "example.com/a": value } } } } as const;
  const began = performance.now();
  await node.core.namespace(namespace).patchPod("web", patch);
  while (await Deno.readLink(join(folder, "..data")) === data) ok(performance.now() - began < 1000);
  deepEqual(
    { ...parseAnnotationsFile(await Deno.readTextFile(join(folder, "annotations"))) },
    { "example.com/a": value },
  );
  equal(await Deno.readTextFile(join(folder, "labels")), "");
});

onNode("a change that the files do not tell of writes nothing", async (node) => {
  const items = [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }];
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "podinfo", downwardAPI: { items } }],
  });
  const pod = await node.ready("web");
  const link = join(node.folderOf(pod), "volumes", "podinfo", "..data");
  const before = await Deno.readLink(link);
  const patch = (annotations: Record<string, string>) =>
    ({ type: "merge", body: { metadata: { annotations } } }) as const;
  await node.core.namespace(namespace).patchPod("web", patch({ a: "b" }));
  await node.pod("next", { containers: [staying("app")] });
  await node.ready("next");
  equal(await Deno.readLink(link), before);
});

onNode("a ConfigMap's files follow it, and stay when it goes", async (node) => {
  const configMaps = node.core.namespace(namespace);
  await configMaps.createConfigMap({ metadata: { name: "settings" }, data: { level: "info", old: "x" } });
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "cfg", configMap: { name: "settings" } }],
  });
  const folder = join(node.folderOf(await node.ready("web")), "volumes", "cfg");
  equal(await Deno.readTextFile(join(folder, "level")), "info");
  await configMaps.patchConfigMap("settings", {
    type: "merge",
    body: { data: { level: "debug", old: null } },
  });
  await until("the file follows", async () => await Deno.readTextFile(join(folder, "level")) === "debug");
  await rejects(Deno.lstat(join(folder, "old")), Deno.errors.NotFound);
  await configMaps.deleteConfigMap("settings");
  await node.pod("next", { containers: [staying("app")] });
  await node.ready("next");
  equal(await Deno.readTextFile(join(folder, "level")), "debug");
});

onNode("a projected volume holds the pod's token", async (node) => {
  await node.pod("web", {
    containers: [staying("app")],
    volumes: [{ name: "all", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
  });
  const pod = await node.ready("web");
  equal(await Deno.readTextFile(join(node.folderOf(pod), "volumes", "all", "token")), "pods-token");
});

onNode("a host path is made where that is wanted, and else must be there", async (node) => {
  const path = join(node.folder, "host", "deep");
  const mount = { name: "host", mountPath: "/host" };
  const app = script("app", "echo written > /host/file; exec sleep 600", { volumeMounts: [mount] });
  await node.pod("web", {
    containers: [app],
    volumes: [{ name: "host", hostPath: { path, type: "DirectoryOrCreate" } }],
  });
  await node.ready("web");
  await until("the file is there", () => Deno.readTextFile(join(path, "file")).catch(() => undefined));
  await node.pod("bad", {
    containers: [app],
    volumes: [{ name: "host", hostPath: { path: "/no/such", type: "Directory" } }],
  });
  match(
    (await node.event("bad", "FailedMount")).message ?? "",
    /hostPath type check failed: \/no\/such is not a directory/,
  );
});

onNode("two containers of a pod share an emptyDir, each by its own path", async (node) => {
  const mount = (
    mountPath: string,
    subPath?: string,
  ) => [{ name: "shared", mountPath, ...(subPath && { subPath }) }];
  await node.pod("web", {
    initContainers: [
      script("init", "mkdir -p /out/sub; echo hello > /out/sub/file", { volumeMounts: mount("/out") }),
    ],
    containers: [script("app", "cat /in/file; exec sleep 600", { volumeMounts: mount("/in", "sub") })],
    volumes: [{ name: "shared", emptyDir: {} }],
  });
  await node.logWith("web", "hello");
});

Deno.test("a volume whose name leads elsewhere is refused", async () => {
  const root = await Deno.makeTempDir();
  try {
    for (const name of ["../x", "..", ".", "a/b", ""]) {
      await rejects(
        Volumes.setUp([{ name, emptyDir: {} }], join(root, "volumes"), sources),
        /^MountFailure: MountVolume\.SetUp failed for volume ".*" : its name must be a lowercase RFC 1123 label$/,
      );
    }
    deepEqual(await Array.fromAsync(Deno.readDir(root)), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
