/**
 * A data version on the wire: what a pod is asked to have (`request.data.autocrane.io/NAME`) and what it has
 * (`status.data.autocrane.io/NAME`, and the deployer's GET `/status`).
 *
 * @module
 */
import { type ContentId, type Digest, parseContentId, parseDigest } from "./ids.ts";
import { cleanText } from "./text.ts";

/** One packed version of a source. */
export interface DataVersion {
  /** `<unix time in hex>-<commit>.tar`, the version's name at the repository. */
  readonly path: string;
  /** SHA-256 of the tar that the older route serves, upper-case hex. */
  readonly hash: string;
  /** When it was made, seconds since 1970. */
  readonly time: number;
  /** Its OCI manifest: what is fetched. */
  readonly digest: Digest;
  /** Its content: what known good, rejected and new go by. */
  readonly version: ContentId;
}

/** How far a pod is with the version it was asked to have. */
export type DataState = "downloading" | "applied" | "failed";

/**
 * Why an apply failed. `digest` (bytes that are not what was asked for), `content` (a version that breaks the
 * format or a limit) and `notify` (the application refused it) speak against the version; `network`, `repository`
 * (it answers, but not with the version) and `disk` against where the pod is; `request` against the request itself.
 */
export const applyFaults = [
  "digest",
  "content",
  "notify",
  "network",
  "repository",
  "disk",
  "request",
] as const;

/** One of {@link applyFaults}. */
export type ApplyFault = (typeof applyFaults)[number];

/** What a deployer says of one data deployment. */
export interface DataStatus extends DataVersion {
  readonly state: DataState;
  /** For people: one clean line. */
  readonly message: string;
  /** Why, where the state is `failed`. */
  readonly fault?: ApplyFault;
  /** The version that is in place while it is another one than the one that is told of. */
  readonly live?: DataVersion;
  /** When every evicting watchdog of the pod had been probed since `applied`, seconds since 1970: the prober's. */
  readonly probed?: number;
}

/** What a deployer says where a data deployment has no version and is asked for none that can be read. */
export type VersionlessStatus = Pick<DataStatus, "state" | "message" | "fault">;

const states: readonly DataState[] = ["downloading", "applied", "failed"];

/** Most bytes of a status' message. */
const maxMessageBytes = 300;

/** Most characters of an annotation's value that is looked at. */
const maxEncoded = 16_384;

/** Writes a request as its annotation's value: base64 of JSON. */
export function formatDataRequest(version: DataVersion): string {
  return encode(versionFields(version));
}

/** Reads a request's annotation, or says in words why it is none. */
export function parseDataRequest(value: string): DataVersion | { readonly problem: string } {
  const fields = decode(value);
  return "problem" in fields ? fields : readVersion(fields.fields);
}

/** Writes a status as its annotation's value. */
export function formatDataStatus(status: DataStatus): string {
  return encode(statusFields(status));
}

/** Reads a status' annotation, or says in words why it is none. */
export function parseDataStatus(value: string): DataStatus | { readonly problem: string } {
  const fields = decode(value);
  return "problem" in fields ? fields : readStatus(fields.fields);
}

/**
 * Writes the body of a deployer's GET `/status`: an object of statuses by the data deployment's name. One without a
 * version is for people: {@link parseStatusReport} leaves it out.
 */
export function formatStatusReport(statuses: ReadonlyMap<string, DataStatus | VersionlessStatus>): string {
  return JSON.stringify(Object.fromEntries([...statuses].map(([name, one]) => [name, statusFields(one)])));
}

/** Reads the body of a deployer's GET `/status`; statuses that cannot be read are left out. */
export function parseStatusReport(body: string): Map<string, DataStatus> | { readonly problem: string } {
  const fields = parseObject(body);
  if ("problem" in fields) return fields;
  const statuses = new Map<string, DataStatus>();
  for (const [name, value] of Object.entries(fields.fields)) {
    const status = isObject(value) ? readStatus(value) : undefined;
    if (status && !("problem" in status)) statuses.set(name, status);
  }
  return statuses;
}

type Fields = Readonly<Record<string, unknown>>;

function encode(fields: Fields): string {
  const bytes = new TextEncoder().encode(JSON.stringify(fields));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function decode(value: string): { readonly fields: Fields } | { readonly problem: string } {
  if (value.length > maxEncoded) return { problem: `is longer than ${maxEncoded} characters` };
  try {
    const bytes = Uint8Array.from(atob(value.trim()), (char) => char.charCodeAt(0));
    return parseObject(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { problem: "is not base64 of JSON" };
  }
}

function parseObject(text: string): { readonly fields: Fields } | { readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { fields: value } : { problem: "is not a JSON object" };
  } catch {
    return { problem: "is not JSON" };
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A version's fields as they are written wherever one is. */
export function versionFields({ path, hash, time, digest, version }: DataVersion): Fields {
  return { Path: path, Hash: hash, UnixTimestampSeconds: time, Digest: digest, Version: version };
}

/** Reads what {@link versionFields} writes, or says in words what is wrong. */
export function readVersion(fields: Fields): DataVersion | { readonly problem: string } {
  const { Path: path, Hash: hash, UnixTimestampSeconds: time } = fields;
  const digest = parseDigest(String(fields.Digest ?? ""));
  const version = parseContentId(String(fields.Version ?? ""));
  if (typeof path !== "string" || parsePath(path) === undefined) return { problem: "has no valid Path" };
  if (typeof hash !== "string" || !/^[0-9A-F]{64}$/.test(hash)) return { problem: "has no valid Hash" };
  if (!Number.isSafeInteger(time) || Number(time) < 0) {
    return { problem: "has no valid UnixTimestampSeconds" };
  }
  if (digest === undefined) return { problem: "has no valid Digest" };
  if (version === undefined) return { problem: "has no valid Version" };
  return { path, hash, time: Number(time), digest, version };
}

function statusFields(status: DataStatus | VersionlessStatus): Fields {
  const { state, message, fault, live, probed } = status as DataStatus;
  return {
    ...("digest" in status && versionFields(status)),
    State: state,
    Message: cleanText(message, maxMessageBytes),
    ...(fault !== undefined && { Fault: fault }),
    ...(live && { Live: versionFields(live) }),
    ...(probed !== undefined && { Probed: probed }),
  };
}

function readStatus(fields: Fields): DataStatus | { readonly problem: string } {
  const version = readVersion(fields);
  if ("problem" in version) return version;
  const state = states.find((one) => one === fields.State);
  if (state === undefined) return { problem: "has no known State" };
  const fault = applyFaults.find((one) => one === fields.Fault);
  const live = isObject(fields.Live) ? readVersion(fields.Live) : undefined;
  const probed = fields.Probed;
  return {
    ...version,
    state,
    message: cleanText(typeof fields.Message === "string" ? fields.Message : "", maxMessageBytes),
    ...(fault !== undefined && { fault }),
    ...(live && !("problem" in live) && { live }),
    ...(Number.isSafeInteger(probed) && { probed: Number(probed) }),
  };
}

/** A version's name at the repository. `commit` is a git commit, or for folders the beginning of the content identity. */
export function formatPath(time: number, commit: string): string {
  return `${time.toString(16)}-${commit}.tar`;
}

/** Reads `<unix time in hex>-<commit>.tar`, or `undefined`. */
export function parsePath(path: string): { readonly time: number; readonly commit: string } | undefined {
  const match = /^([0-9a-f]{1,11})-([0-9a-f]{7,64})\.tar$/.exec(path);
  return match ? { time: parseInt(match[1]!, 16), commit: match[2]! } : undefined;
}
