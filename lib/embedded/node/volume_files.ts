/**
 * What is in the volumes that Kubernetes fills: downward API, ConfigMaps, projections of both and of tokens.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type {
  ConfigMap,
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  Pod,
  Volume,
  VolumeProjection,
} from "../../../k8s/core_v1.ts";
import { type ConfigMapLookup, configMapOf } from "./config_map_ref.ts";
import { BadReference, fieldValue, type PodFacts, resourceValue } from "./field_ref.ts";

/** One file. */
export interface VolumeFile {
  readonly content: Uint8Array;
  /** Its permissions, as `0o644`. */
  readonly mode: number;
}

/** A volume's files by their paths in it. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

/** What files are made of. */
export interface FileSources {
  readonly pod: Pod;
  readonly facts: PodFacts;
  readonly configMap: ConfigMapLookup;
  /** The pod's own token. */
  readonly token: string;
}

/** A file's permissions where nobody says otherwise. */
const usualMode = 0o644;

const encoder = new TextEncoder();

/**
 * A volume's files; `undefined` where it is no volume that Kubernetes fills.
 *
 * @throws BadReference where something that belongs into it cannot be had
 */
export function filesOf(volume: Volume, sources: FileSources): VolumeFiles | undefined {
  const projections = projectionsOf(volume);
  if (!projections) return undefined;
  const mode = volume.downwardAPI?.defaultMode ?? volume.configMap?.defaultMode ??
    volume.projected?.defaultMode;
  return new Map(projections.flatMap((one) => projected(one, mode ?? usualMode, sources)));
}

/** Each kind of volume that Kubernetes fills, as a projection. */
function projectionsOf({ downwardAPI, configMap, projected }: Volume): VolumeProjection[] | undefined {
  if (downwardAPI) return [{ downwardAPI }];
  if (configMap) return [{ configMap }];
  return projected && (projected.sources ?? []);
}

function projected(projection: VolumeProjection, mode: number, sources: FileSources): [string, VolumeFile][] {
  const { downwardAPI, configMap, serviceAccountToken } = projection;
  if (downwardAPI) return (downwardAPI.items ?? []).map((item) => downwardFile(item, mode, sources));
  if (configMap) return configMapFiles(configMap, mode, sources);
  if (serviceAccountToken) return [[serviceAccountToken.path, file(sources.token, mode)]];
  throw new BadReference(
    `projected ${Object.keys(projection).join(", ")}: not supported by AutoCrane's embedded cluster`,
  );
}

function downwardFile(
  { path, mode, fieldRef, resourceFieldRef }: DownwardAPIVolumeFile,
  usual: number,
  { pod, facts }: FileSources,
): [string, VolumeFile] {
  const text = fieldRef
    ? fieldValue(fieldRef, pod, facts)
    : resourceFieldRef
    ? resourceValue(resourceFieldRef, pod, undefined, facts)
    : "";
  return [path, file(text, mode ?? usual)];
}

function configMapFiles(
  source: ConfigMapProjection,
  mode: number,
  sources: FileSources,
): [string, VolumeFile][] {
  const found = configMapOf(source, sources.configMap);
  if (!found) return [];
  const contents = contentsOf(found);
  if (!source.items) return [...contents].map(([key, content]) => [key, { content, mode }]);
  return source.items.flatMap(({ key, path, mode: own }): [string, VolumeFile][] => {
    const content = contents.get(key);
    if (content) return [[path, { content, mode: own ?? mode }]];
    if (source.optional) return [];
    throw new BadReference(`configmap references non-existent config key: ${key}`);
  });
}

function contentsOf({ data = {}, binaryData = {} }: ConfigMap): Map<string, Uint8Array> {
  return new Map([
    ...Object.entries(data).map(([key, text]) => [key, encoder.encode(text)] as const),
    ...Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, "base64")] as const),
  ]);
}

function file(text: string, mode: number): VolumeFile {
  return { content: encoder.encode(text), mode };
}
