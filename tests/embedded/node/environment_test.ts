import { deepEqual, throws } from "node:assert/strict";
import type { Container } from "../../../k8s/core_v1.ts";
import { environmentOf } from "../../../lib/embedded/node/environment.ts";
import { container, facts, podWith } from "./build.ts";

const configMaps: Record<string, Record<string, string>> = {
  settings: { LEVEL: "debug", "log.format": "json" },
};

function variables(more: Partial<Container>): Record<string, string> {
  return Object.fromEntries(environmentOf(container("app", more), {
    pod: podWith(),
    facts,
    configMap: (name) => configMaps[name] && { metadata: { name }, data: configMaps[name] },
    service: { KUBERNETES_SERVICE_HOST: "127.9.9.1" },
  }));
}

const service = { KUBERNETES_SERVICE_HOST: "127.9.9.1" };

Deno.test("values refer to what was defined before them, and to the API server", () => {
  const env = [
    { name: "A", value: "$(B)$(KUBERNETES_SERVICE_HOST)" },
    { name: "B", value: "1" },
    { name: "C", value: "$(B)2" },
    { name: "D" },
  ];
  deepEqual(variables({ env }), { ...service, A: "$(B)127.9.9.1", B: "1", C: "12", D: "" });
});

Deno.test("envFrom gives every key, with a prefix where one is wanted, and env wins", () => {
  const envFrom = [{ configMapRef: { name: "settings" } }, {
    prefix: "APP_",
    configMapRef: { name: "settings" },
  }];
  const env = [{ name: "LEVEL", value: "info" }, { name: "COPY", value: "$(APP_LEVEL)" }];
  deepEqual(variables({ envFrom, env }), {
    ...service,
    LEVEL: "info",
    "log.format": "json",
    APP_LEVEL: "debug",
    "APP_log.format": "json",
    COPY: "debug",
  });
});

Deno.test("a value comes from a key, a field or a resource", () => {
  const env = [
    { name: "L", valueFrom: { configMapKeyRef: { name: "settings", key: "LEVEL" } } },
    { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
  ];
  deepEqual(variables({ env }), { ...service, L: "debug", IP: "127.9.9.2", CPU: "4" });
});

Deno.test("what is optional may be missing", () => {
  const optional = true;
  deepEqual(
    variables({
      envFrom: [{ configMapRef: { name: "none", optional } }, { secretRef: { name: "s", optional } }],
      env: [
        { name: "A", valueFrom: { configMapKeyRef: { name: "none", key: "x", optional } } },
        { name: "B", valueFrom: { configMapKeyRef: { name: "settings", key: "x", optional } } },
        { name: "C", valueFrom: { secretKeyRef: { name: "none", key: "x", optional } } },
      ],
    }),
    service,
  );
});

Deno.test("what is missing is named", () => {
  const from = (valueFrom: NonNullable<Container["env"]>[number]["valueFrom"]) => () =>
    variables({ env: [{ name: "A", valueFrom }] });
  throws(from({ configMapKeyRef: { name: "none", key: "x" } }), /^BadReference: configmap "none" not found$/);
  throws(
    from({ configMapKeyRef: { name: "settings", key: "x" } }),
    /couldn't find key x in ConfigMap shop\/settings/,
  );
  throws(
    from({ configMapKeyRef: { name: "settings", key: "constructor" } }),
    /couldn't find key constructor in ConfigMap shop\/settings/,
  );
  throws(from({ secretKeyRef: { name: "s", key: "x" } }), /secret "s": Secrets are not supported/);
  throws(
    from({ fileKeyRef: { key: "x", path: "p", volumeName: "v" } }),
    /valueFrom fileKeyRef: not supported/,
  );
  throws(() => variables({ envFrom: [{ secretRef: { name: "s" } }] }), /Secrets are not supported/);
});
