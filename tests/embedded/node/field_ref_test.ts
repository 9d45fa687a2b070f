import { equal, throws } from "node:assert/strict";
import { BadReference, fieldValue, resourceValue } from "../../../lib/embedded/node/field_ref.ts";
import { container, facts, podWith } from "./build.ts";

const pod = podWith({ nodeName: "node-1", serviceAccountName: "web" }, {
  labels: { app: "web" },
  annotations: { "example.com/a": "b" },
});

const fields: Record<string, string> = {
  "metadata.name": "web",
  "metadata.namespace": "shop",
  "metadata.uid": "web-uid",
  "metadata.labels": 'app="web"',
  "metadata.annotations": 'example.com/a="b"',
  "metadata.labels['app']": "web",
  "metadata.labels['none']": "",
  "metadata.labels['constructor']": "",
  "metadata.annotations['toString']": "",
  "metadata.annotations['example.com/a']": "b",
  "spec.nodeName": "node-1",
  "spec.serviceAccountName": "web",
  "status.podIP": "127.9.9.2",
  "status.podIPs": "127.9.9.2",
  "status.hostIP": "127.9.9.1",
};

for (const [fieldPath, value] of Object.entries(fields)) {
  Deno.test(`a container can learn ${fieldPath}`, () => equal(fieldValue({ fieldPath }, pod, facts), value));
}

Deno.test("a field that is not offered is named", () => {
  for (const fieldPath of ["spec.hostname", "constructor"]) {
    throws(() => fieldValue({ fieldPath }, pod, facts), new RegExp(`unsupported fieldPath: ${fieldPath}`));
  }
});

const own = container("app", {
  resources: { limits: { cpu: "1500m", memory: "64Mi" }, requests: { cpu: "70m" } },
});

const resources: [string, string | undefined, string][] = [
  ["limits.cpu", undefined, "2"],
  ["limits.cpu", "1m", "1500"],
  ["requests.cpu", "1m", "70"],
  ["limits.memory", undefined, "67108864"],
  ["limits.memory", "1Mi", "64"],
  ["requests.memory", "1Ki", "65536"],
  ["limits.ephemeral-storage", undefined, "0"],
];

for (const [resource, divisor, value] of resources) {
  Deno.test(`${resource} in units of ${divisor ?? "one"} is ${value}`, () => {
    equal(resourceValue({ resource, divisor }, pod, own, facts), value);
  });
}

Deno.test("a limit that is not set is what the node has", () => {
  equal(resourceValue({ resource: "limits.cpu" }, pod, container("app"), facts), "4");
});

Deno.test("another container's resources can be asked for", () => {
  const both = podWith({ containers: [own, container("other")] });
  equal(resourceValue({ resource: "limits.cpu", containerName: "app" }, both, undefined, facts), "2");
  const missing = { resource: "limits.cpu", containerName: "none" };
  throws(() => resourceValue(missing, both, own, facts), BadReference);
});
