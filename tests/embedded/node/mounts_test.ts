import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import type { Container } from "../../../k8s/core_v1.ts";
import { type Mount, mountsOf, withRealPaths } from "../../../lib/embedded/node/mounts.ts";
import { PublishedFolder } from "../../../lib/embedded/node/published_folder.ts";
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

async function inVolume(body: (volume: string) => void): Promise<void> {
  const volume = await Deno.makeTempDir();
  try {
    body(volume);
  } finally {
    await Deno.remove(volume, { recursive: true });
  }
}

/** The mounts of a container that has one volume, `data`. */
function mountsIn(volume: string, ...volumeMounts: NonNullable<Container["volumeMounts"]>): Mount[] {
  const variables = new Map([["POD", "web"]]);
  return mountsOf(container("app", { volumeMounts }), new Map([["data", volume]]), variables);
}

Deno.test("a mount may be of a part of its volume, which is made where it is not there", () =>
  inVolume((volume) => {
    const found = mountsIn(
      volume,
      { name: "data", mountPath: "/data/", subPath: "a/b" },
      { name: "data", mountPath: "/logs", subPathExpr: "$(POD)/logs" },
      { name: "none", mountPath: "/none" },
    );
    const [a, logs] = [join(volume, "a/b"), join(volume, "web/logs")];
    deepEqual(found, [{ path: "/data", real: a }, { path: "/logs", real: logs }]);
    for (const path of [a, logs]) ok(Deno.statSync(path).isDirectory);
  }));

Deno.test("a part that is a file stays one, and nothing can be made within it", () =>
  inVolume((volume) => {
    Deno.writeTextFileSync(join(volume, "file"), "x");
    mountsIn(volume, { name: "data", mountPath: "/data", subPath: "file" });
    equal(Deno.readTextFileSync(join(volume, "file")), "x");
    throws(
      () => mountsIn(volume, { name: "data", mountPath: "/data", subPath: "file/x" }),
      /^BadReference: failed to create subPath directory for volumeMount "data": /,
    );
  }));

Deno.test("nothing is made in a volume that Kubernetes fills", () =>
  inVolume((volume) => {
    new PublishedFolder(volume).publish(new Map());
    mountsIn(volume, { name: "data", mountPath: "/data", subPath: "later" });
    throws(() => Deno.statSync(join(volume, "later")), Deno.errors.NotFound);
  }));

Deno.test("a sub-path does not lead out of its volume", () => {
  for (const subPath of ["../x", "a/../../x", "/x"]) {
    throws(
      () => mountsIn("/v/data", { name: "data", mountPath: "/data", subPath }),
      /must be a path within the volume/,
    );
  }
});
