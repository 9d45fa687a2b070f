/**
 * Reads a version's manifest and trusts nothing in it.
 *
 * @module
 */
import { type ContentId, parseContentId } from "../../contract/ids.ts";
import { BadVersion } from "./bad_version.ts";
import { bitsOfTitle } from "./bucket.ts";
import { arrayOf, digestOf, type Fields, objectOf, parseJson, textOf, wholeOf } from "./fields.ts";
import { maxLayers, maxManifestBytes, maxTableBytes, maxTableRawBytes } from "./limits.ts";
import { annotation, type Layer, type Manifest, mediaType, type Position, tableKind } from "./manifest.ts";
import { endOfArchiveFrame, skippableHeaderBytes } from "./zstd.ts";

/**
 * Reads a manifest; every field that is used is checked. Whether the bytes are those that were asked for is the
 * caller's to check, by their digest.
 *
 * @throws BadVersion that says what is wrong
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > maxManifestBytes) {
    throw refuse(`it has ${bytes.length} bytes, and at most ${maxManifestBytes} are taken`);
  }
  const fields = objectOf(parseJson(bytes, "it", refuse), "it", refuse);
  if (fields.schemaVersion !== 2 || fields.mediaType !== mediaType.manifest) {
    throw refuse(`it is not of the type ${mediaType.manifest}`);
  }
  const list = arrayOf(fields.layers, "layers", refuse);
  if (list.length === 0 || list.length > maxLayers) {
    throw refuse(`it has ${list.length} layers, and 1 to ${maxLayers} are taken`);
  }
  const layers = list.map((value, index) => readLayer(value, `layers[${index}]`));
  if (new Set(layers.map(({ digest }) => digest)).size < layers.length) {
    throw refuse("it lists a layer twice");
  }
  return { version: readVersion(fields), config: readConfig(fields.config), layers };
}

function refuse(problem: string): BadVersion {
  return new BadVersion(`Cannot read the version's manifest: ${problem}.`);
}

function readVersion({ annotations }: Fields): ContentId {
  const value = objectOf(annotations, "annotations", refuse)[annotation.content];
  const version = parseContentId(textOf(value, annotation.content, refuse));
  if (version === undefined) throw refuse(`${annotation.content} is no content identity`);
  return version;
}

function readConfig(value: unknown): Manifest["config"] {
  const config = objectOf(value, "config", refuse);
  if (config.mediaType !== mediaType.config) throw refuse(`config is not of the type ${mediaType.config}`);
  return {
    digest: digestOf(config.digest, "config.digest", refuse),
    size: wholeOf(config.size, "config.size", refuse, 1),
  };
}

/**
 * Reads a layer as a manifest lists it.
 *
 * @param what for the error: which layer it is
 * @throws BadVersion that says what is wrong
 */
export function readLayer(value: unknown, what: string): Layer {
  const fields = objectOf(value, what, refuse);
  if (fields.mediaType !== mediaType.layer) throw refuse(`${what} is not of the type ${mediaType.layer}`);
  const annotations = objectOf(fields.annotations, `${what}.annotations`, refuse);
  const title = textOf(annotations[annotation.title], `${what}.title`, refuse);
  if (bitsOfTitle(title) === undefined) throw refuse(`${what}.title is no layer's name`);
  const layer: Layer = {
    digest: digestOf(fields.digest, `${what}.digest`, refuse),
    size: wholeOf(fields.size, `${what}.size`, refuse, 1),
    title,
    table: readTablePosition(annotations[annotation.tablePosition], `${what}.manifest-position`),
    tableDigest: digestOf(annotations[annotation.tableDigest], `${what}.manifest-checksum`, refuse),
    ...(annotations[annotation.tarSplitPosition] !== undefined && {
      tarSplit: readPosition(annotations[annotation.tarSplitPosition], `${what}.tarsplit-position`, 3),
    }),
  };
  checkPlaces(layer, what);
  return layer;
}

function readTablePosition(value: unknown, what: string): Position {
  const position = readPosition(value, what, 4);
  if (position.length > maxTableBytes || position.rawLength > maxTableRawBytes) {
    throw refuse(
      `${what} tells of a table of more than ${maxTableBytes} or, decompressed, ${maxTableRawBytes} bytes`,
    );
  }
  return position;
}

/** `offset:length:rawlength`, and for tables the kind as a fourth part. */
function readPosition(value: unknown, what: string, count: 3 | 4): Position {
  const text = textOf(value, what, refuse);
  const parts = /^(?:0|[1-9]\d{0,15})(?::(?:0|[1-9]\d{0,15}))*$/.test(text)
    ? text.split(":").map(Number)
    : [];
  if (parts.length !== count || !parts.every(Number.isSafeInteger)) {
    throw refuse(`${what} is not ${count} numbers with ":" between`);
  }
  if (count === 4 && parts[3] !== tableKind) throw refuse(`${what} tells of a table of another kind`);
  const [offset, length, rawLength] = parts as [number, number, number];
  return { offset, length, rawLength };
}

/** The table comes after a tar's end at least, and all of it is in the blob. */
function checkPlaces({ size, table, tarSplit }: Layer, what: string): void {
  const first = endOfArchiveFrame.length + skippableHeaderBytes;
  for (const [name, { offset, length }] of Object.entries({ table, ...(tarSplit && { tarSplit }) })) {
    if (offset < first || length === 0 || offset + length > size) {
      throw refuse(`${what}: the ${name} is not in the blob`);
    }
  }
}
