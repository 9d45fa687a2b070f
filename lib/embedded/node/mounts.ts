/**
 * Where a container finds its volumes. There is no file system of its own to mount them in, so where its
 * manifest names a path of a mount, the volume's real folder is named instead.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Container, VolumeMount } from "../../../k8s/core_v1.ts";
import { messageOf } from "../../runtime/failure.ts";
import { expand } from "./expand.ts";
import { BadReference } from "./field_ref.ts";

/** One mount: what the manifest says, and what is there. */
export interface Mount {
  /** Without a slash at its end. */
  readonly path: string;
  /** A folder, or a file where a sub-path names one. */
  readonly real: string;
}

/**
 * A container's mounts. That a mount is read-only cannot be enforced here. A sub-path that is not there is
 * made, as a folder.
 *
 * @param folders the real folders of the pod's volumes
 * @throws BadReference where a sub-path leads out of its volume or cannot be made
 */
export function mountsOf(
  { volumeMounts = [] }: Container,
  folders: ReadonlyMap<string, string>,
  variables: ReadonlyMap<string, string>,
): Mount[] {
  return volumeMounts.flatMap((mount) => {
    const folder = folders.get(mount.name);
    return folder === undefined ? [] : [mountOf(mount, folder, variables)];
  });
}

function mountOf(mount: VolumeMount, folder: string, variables: ReadonlyMap<string, string>): Mount {
  const { mountPath, subPath, subPathExpr } = mount;
  const within = subPath ?? expand(subPathExpr ?? "", variables);
  if (within.startsWith("/") || within.split("/").includes("..")) {
    throw new BadReference(
      `subPath "${within}" of the volume "${mount.name}" must be a path within the volume`,
    );
  }
  const real = within === "" ? folder : join(folder, within);
  if (!existsSync(real) && !isFilled(folder)) makeFolder(real, mount);
  return { path: mountPath.replace(/\/+$/, ""), real };
}

/** Whether Kubernetes fills a volume: a folder made there would be in the way of a file that comes later. */
function isFilled(folder: string): boolean {
  return existsSync(join(folder, "..data"));
}

function makeFolder(path: string, { name }: VolumeMount): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (cause) {
    const why = messageOf(cause);
    throw new BadReference(`failed to create subPath directory for volumeMount "${name}": ${why}`, { cause });
  }
}

/**
 * Puts the real folders in the place of mount paths: where a path begins with one, at the text's beginning or
 * after what cannot be part of a path.
 *
 * @example
 * ```ts
 * import { withRealPaths } from "./mounts.ts";
 * import { equal } from "node:assert/strict";
 *
 * const mounts = [{ path: "/etc/podinfo", real: "/run/pod-1/podinfo" }];
 * equal(withRealPaths("--file=/etc/podinfo/labels", mounts), "--file=/run/pod-1/podinfo/labels");
 * equal(withRealPaths("/etc/podinformation", mounts), "/etc/podinformation");
 * ```
 */
export function withRealPaths(text: string, mounts: readonly Mount[]): string {
  const real = new Map(mounts.filter(({ path }) => path !== "").map((mount) => [mount.path, mount.real]));
  if (real.size === 0) return text;
  const paths = [...real.keys()].sort((a, b) => b.length - a.length).map(RegExp.escape).join("|");
  const beginning = new RegExp(`(?<=^|file://|[^\\w./-])(?:${paths})(?![\\w.-])`, "g");
  return text.replace(beginning, (path) => real.get(path)!);
}
