/**
 * An OCI image layout folder: `oci-layout`, `index.json`, and blobs
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md).
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import { publishFile } from "../publish.ts";
import { arrayOf, digestOf, objectOf, parseJson, textOf, wholeOf } from "./fields.ts";
import { mediaType } from "./manifest.ts";

/** A manifest that a layout names. */
export interface TaggedManifest {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Its name in the layout, if it has one. */
  readonly tag?: string;
}

const tagAnnotation = "org.opencontainers.image.ref.name";

/** Makes a folder a layout whose `index.json` names just these manifests. Their blobs are there already. */
export async function writeIndex(folder: string, manifests: readonly TaggedManifest[]): Promise<void> {
  await publishFile(`${folder}/oci-layout`, JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = {
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: manifests.map(({ digest, size, tag }) => ({
      mediaType: mediaType.manifest,
      digest,
      size,
      ...(tag !== undefined && { annotations: { [tagAnnotation]: tag } }),
    })),
  };
  await publishFile(`${folder}/index.json`, JSON.stringify(index));
}

/**
 * Reads which manifests a layout names; those of other types are left out.
 *
 * @throws Failure where the folder is no layout, or its index cannot be read
 */
export async function readIndex(folder: string): Promise<TaggedManifest[]> {
  const refuse = (problem: string) =>
    new Failure(`Cannot read the layout ${folder}: its index.json: ${problem}.`, exitCode.couldNot);
  const index = objectOf(parseJson(await readIndexFile(folder), "it", refuse), "it", refuse);
  return arrayOf(index.manifests, "manifests", refuse)
    .map((one, position) => objectOf(one, `manifests[${position}]`, refuse))
    .filter((one) => one.mediaType === mediaType.manifest)
    .map((one) => {
      const tag = objectOf(one.annotations ?? {}, "annotations", refuse)[tagAnnotation];
      return {
        digest: digestOf(one.digest, "digest", refuse),
        size: wholeOf(one.size, "size", refuse),
        ...(tag !== undefined && { tag: textOf(tag, tagAnnotation, refuse) }),
      };
    });
}

async function readIndexFile(folder: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(`${folder}/index.json`);
  } catch (cause) {
    throw new Failure(
      `Cannot read the layout ${folder}: ${
        messageOf(cause)
      }. Is it a folder that "autocrane data pack" wrote?`,
      cause instanceof Deno.errors.NotFound ? exitCode.notFound : exitCode.couldNot,
      { cause },
    );
  }
}
