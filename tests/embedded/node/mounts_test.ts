import { deepEqual, equal, throws } from "node:assert/strict";
import { mountsOf, withRealPaths } from "../../../lib/embedded/node/mounts.ts";
import { container } from "./build.ts";

const mounts = [
  { path: "/etc/podinfo", real: "/run/v/podinfo" },
  { path: "/etc", real: "/run/v/etc" },
  { path: "/tmp", real: "/tmp/pod/v/tmp" },
];

const examples: Record<string, string> = {
  "/etc/podinfo": "/run/v/podinfo",
  "/etc/podinfo/labels": "/run/v/podinfo/labels",
  "/etc/hosts": "/run/v/etc/hosts",
  "--file=/etc/podinfo/labels": "--file=/run/v/podinfo/labels",
  "cat /etc/podinfo/labels /etc/hosts": "cat /run/v/podinfo/labels /run/v/etc/hosts",
  '{"path":"/etc/podinfo"}': '{"path":"/run/v/podinfo"}',
  "/a:/etc:/b": "/a:/run/v/etc:/b",
  "file:///etc/podinfo/labels": "file:///run/v/podinfo/labels",
  "http://host/etc/podinfo": "http://host/etc/podinfo",
  "/srv/etc/podinfo": "/srv/etc/podinfo",
  "./etc/podinfo": "./etc/podinfo",
  "/etcetera": "/etcetera",
  "/etc.d": "/etc.d",
  "/tmp/x": "/tmp/pod/v/tmp/x",
};

for (const [text, real] of Object.entries(examples)) {
  Deno.test(`${text} becomes ${real}`, () => equal(withRealPaths(text, mounts), real));
}

Deno.test("without mounts nothing changes", () => equal(withRealPaths("/etc/x", []), "/etc/x"));

Deno.test("a mount may be of a part of its volume", () => {
  const volumeMounts = [
    { name: "data", mountPath: "/data/", subPath: "a/b" },
    { name: "data", mountPath: "/logs", subPathExpr: "$(POD)/logs" },
    { name: "none", mountPath: "/none" },
  ];
  const found = mountsOf(
    container("app", { volumeMounts }),
    new Map([["data", "/v/data"]]),
    new Map([["POD", "web"]]),
  );
  deepEqual(found, [{ path: "/data", real: "/v/data/a/b" }, { path: "/logs", real: "/v/data/web/logs" }]);
});

Deno.test("a sub-path does not lead out of its volume", () => {
  for (const subPath of ["../x", "a/../../x", "/x"]) {
    const one = container("app", { volumeMounts: [{ name: "data", mountPath: "/data", subPath }] });
    throws(
      () => mountsOf(one, new Map([["data", "/v/data"]]), new Map()),
      /must be a path within the volume/,
    );
  }
});
