/**
 * A pod's volumes: folders on this machine.
 *
 * @module
 */
import { join } from "node:path";
import type { HostPathVolumeSource, Volume } from "../../../k8s/core_v1.ts";
import { messageOf } from "../../runtime/failure.ts";
import { BadReference } from "./field_ref.ts";
import { PublishedFolder } from "./published_folder.ts";
import { filesOf, type FileSources } from "./volume_files.ts";

/** A volume that cannot be set up, in the kubelet's words. */
export class MountFailure extends Error {
  override readonly name = "MountFailure";

  /** Says which volume it is, and why. */
  constructor(volume: string, why: string, options?: ErrorOptions) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${why}`, options);
  }
}

/** The volumes of one pod, once they are set up. */
export class Volumes {
  /** The real folders, by the volumes' names. */
  readonly folders: ReadonlyMap<string, string>;
  readonly #filled: readonly { readonly volume: Volume; readonly folder: PublishedFolder }[];

  private constructor(
    folders: ReadonlyMap<string, string>,
    filled: readonly { readonly volume: Volume; readonly folder: PublishedFolder }[],
  ) {
    this.folders = folders;
    this.#filled = filled;
  }

  /**
   * Sets up volumes, each in a folder of its name within `root`; what is there from an attempt before goes.
   *
   * @throws MountFailure for the first that cannot be set up
   */
  static async setUp(volumes: readonly Volume[], root: string, sources: FileSources): Promise<Volumes> {
    const folders = new Map<string, string>();
    const filled: { volume: Volume; folder: PublishedFolder }[] = [];
    await Deno.remove(root, { recursive: true }).catch(() => {});
    for (const volume of volumes) {
      try {
        checkName(volume.name);
        const path = await folderOf(volume, join(root, volume.name));
        folders.set(volume.name, path);
        const files = filesOf(volume, sources);
        if (!files) continue;
        const folder = new PublishedFolder(path);
        folder.publish(files);
        filled.push({ volume, folder });
      } catch (cause) {
        throw new MountFailure(volume.name, messageOf(cause), { cause });
      }
    }
    return new Volumes(folders, filled);
  }

  /** Brings files in step with what they tell of. Where that is not to be had any more, they stay. */
  refresh(sources: FileSources): void {
    for (const { volume, folder } of this.#filled) {
      try {
        folder.publish(filesOf(volume, sources)!);
      } catch (error) {
        if (!(error instanceof BadReference)) throw error;
      }
    }
  }
}

/** A volume's folder is of its name: what is no name must not lead to another folder. */
function checkName(name: string): void {
  if (!/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new BadReference("its name must be a lowercase RFC 1123 label");
  }
}

/** Kinds of volumes that are folders of the pod. */
const ours = ["emptyDir", "downwardAPI", "configMap", "projected"] as const;

async function folderOf(volume: Volume, own: string): Promise<string> {
  if (volume.hostPath) return await hostFolder(volume.hostPath);
  if (ours.some((kind) => volume[kind])) {
    await Deno.mkdir(own, { recursive: true });
    return own;
  }
  const kind = Object.keys(volume).find((name) => name !== "name") ?? "no source";
  throw new BadReference(
    `${kind}: not supported by AutoCrane's embedded cluster: use one of ${ours.join(", ")}, hostPath`,
  );
}

/** A path of this machine, checked and made as its type asks for. */
async function hostFolder({ path, type }: HostPathVolumeSource): Promise<string> {
  if (type === "DirectoryOrCreate") await Deno.mkdir(path, { recursive: true });
  if (type === "FileOrCreate") {
    await Deno.open(path, { create: true, append: true }).then((file) => file.close());
  }
  const info = await Deno.stat(path).catch(() => undefined);
  const fits = type?.startsWith("Directory")
    ? info?.isDirectory
    : type?.startsWith("File")
    ? info?.isFile
    : info;
  if (!fits) throw new BadReference(`hostPath type check failed: ${path} is not a ${kindOf(type)}`);
  return path;
}

function kindOf(type: string | undefined): string {
  if (type?.startsWith("Directory")) return "directory";
  return type?.startsWith("File") ? "file" : "path of this machine";
}
