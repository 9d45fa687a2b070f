import { deepEqual, equal, throws } from "node:assert/strict";
import type { Volume } from "../../../k8s/core_v1.ts";
import { filesOf } from "../../../lib/embedded/node/volume_files.ts";
import { container, facts, podWith } from "./build.ts";

const settings = { data: { "app.conf": "a=1", level: "debug" }, binaryData: { logo: btoa("\x00\x01") } };
const pod = podWith(
  { containers: [container("app", { resources: { limits: { cpu: "2" } } })] },
  { labels: { app: "web" } },
);

/** A volume's files, as `mode content`; `undefined` where Kubernetes does not fill it. */
function files(source: Omit<Volume, "name">): Record<string, string> | undefined {
  const found = filesOf({ name: "v", ...source }, {
    pod,
    facts,
    configMap: (name) => name === "settings" ? settings : undefined,
    token: "the-token",
  });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return found &&
    Object.fromEntries(
      [...found].map(([path, { content, mode }]) => [path, `${mode.toString(8)} ${text(content)}`]),
    );
}

Deno.test("a downward API volume tells of the pod", () => {
  const items = [
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    { path: "cpu", mode: 0o400, resourceFieldRef: { containerName: "app", resource: "limits.cpu" } },
  ];
  deepEqual(files({ downwardAPI: { items, defaultMode: 0o600 } }), { labels: '600 app="web"', cpu: "400 2" });
});

Deno.test("a ConfigMap volume has all keys, or the chosen ones", () => {
  deepEqual(files({ configMap: { name: "settings" } }), {
    "app.conf": "644 a=1",
    level: "644 debug",
    logo: "644 \x00\x01",
  });
  const items = [{ key: "level", path: "log/level", mode: 0o755 }];
  deepEqual(files({ configMap: { name: "settings", items } }), { "log/level": "755 debug" });
});

Deno.test("a projected volume has all of its sources' files", () => {
  const sources = [
    { configMap: { name: "settings", items: [{ key: "level", path: "level" }] } },
    { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
    { serviceAccountToken: { path: "token" } },
  ];
  deepEqual(files({ projected: { sources } }), {
    level: "644 debug",
    name: "644 web",
    token: "644 the-token",
  });
});

Deno.test("what is optional may be missing, and else it is named", () => {
  const items = [{ key: "none", path: "none" }];
  deepEqual(files({ configMap: { name: "none", optional: true } }), {});
  deepEqual(files({ configMap: { name: "settings", items, optional: true } }), {});
  throws(() => files({ configMap: { name: "none" } }), /^BadReference: configmap "none" not found$/);
  throws(() => files({ configMap: { name: "settings", items } }), /references non-existent config key: none/);
  throws(
    () => files({ projected: { sources: [{ secret: { name: "s" } }] } }),
    /projected secret: not supported/,
  );
});

Deno.test("other volumes are not filled", () => equal(files({ emptyDir: {} }), undefined));
