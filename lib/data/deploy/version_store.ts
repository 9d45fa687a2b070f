/**
 * The finished versions in a location, and what is known of each.
 *
 * @module
 */
import type { DataVersion } from "../../contract/data_version.ts";
import type { Digest } from "../../contract/ids.ts";
import { digestOf } from "../fetch/content.ts";
import type { Files } from "../fetch/files.ts";
import type { Base } from "../fetch/plan.ts";
import type { ReadLayer, ReadVersion } from "../fetch/read_version.ts";
import { statOf } from "../fetch/stamp.ts";
import type { Manifest } from "../version/manifest.ts";
import { parseManifest } from "../version/parse_manifest.ts";
import { KeptTables } from "./kept_tables.ts";
import { isVersionName, linkedVersion, nameOf, type Places } from "./places.ts";
import { formatVersionState, parseVersionState, type VersionState } from "./version_state.ts";

/** A version whose state and tables are here. */
export interface StoredVersion extends ReadVersion {
  readonly state: VersionState;
}

/** Reads and writes what is known; the trees themselves are made elsewhere. Nothing is kept that others may change. */
export class VersionStore {
  readonly places: Places;
  readonly files: Files;
  readonly tables: KeptTables;
  /** Versions whose content this process has seen to be right. */
  readonly #checked = new Set<Digest>();

  constructor(places: Places, files: Files) {
    this.places = places;
    this.files = files;
    this.tables = new KeptTables(places, files);
  }

  /** What is known of a version, if it was finished once. */
  state(digest: Digest): VersionState | undefined {
    let text: string;
    try {
      text = Deno.readTextFileSync(this.places.state(digest));
    } catch {
      // What cannot be read is as if it were not there: the version is fetched, or checked, again.
      return undefined;
    }
    const state = parseVersionState(text);
    return state && digestOf(state.manifest) === digest ? state : undefined;
  }

  /** All that is known of a version without its source; `undefined` where a part is missing. */
  read(digest: Digest): StoredVersion | undefined {
    const state = this.state(digest);
    if (!state) return undefined;
    const manifest = parseManifest(state.manifest);
    const layers = this.#layers(manifest);
    return layers && { state, manifest, bytes: state.manifest, layers };
  }

  /** Whether a finished tree is there, right or not. */
  has(digest: Digest): boolean {
    return statOf(this.places.version(digest))?.isDirectory === true;
  }

  /** Whether the files of a tree that is there need only be looked at, not read. */
  isTrusted(digest: Digest): boolean {
    return this.#checked.has(digest) || this.state(digest)?.synced === true;
  }

  /** Every file of the version was seen to be right. */
  trust(digest: Digest): void {
    this.#checked.add(digest);
  }

  /** Something of the version was seen to be wrong: it is read before it is trusted again. */
  async distrust(digest: Digest): Promise<void> {
    this.#checked.delete(digest);
    const state = this.state(digest);
    if (state?.synced) await this.note({ ...state, synced: false });
  }

  /** Writes what is known of a version. */
  async note(state: VersionState): Promise<void> {
    await this.files.publishFile(this.places.state(state.version.digest), formatVersionState(state));
  }

  /** Whether the folder of versions is there, and a folder itself. */
  isThere(): boolean {
    return statOf(this.places.versions)?.isDirectory === true;
  }

  /** The version that the link of a data deployment leads to, right or not. */
  linkedTo(name: string): Digest | undefined {
    return linkedVersion(this.places.link(name));
  }

  /** The version that a data deployment has, where there is one that can be trusted. */
  inPlace(name: string): DataVersion | undefined {
    const digest = this.linkedTo(name);
    if (digest === undefined || !this.isThere() || !this.has(digest) || !this.isTrusted(digest)) {
      return undefined;
    }
    return this.state(digest)?.version;
  }

  /** Finished versions, in no order. */
  all(): Digest[] {
    return this.names().filter(isVersionName).map((name) => `sha256:${name}` as Digest);
  }

  /** Names in the folder of versions. */
  names(): string[] {
    return [...Deno.readDirSync(this.places.versions)].map(({ name }) => name);
  }

  /** Versions that a link leads to: those in place, whoever put them there, and the ones before. */
  linked(): Set<Digest> {
    const names = [...Deno.readDirSync(this.places.location)].filter(({ isSymlink }) => isSymlink);
    const links = [
      ...names.map(({ name }) => this.places.link(name)),
      ...this.names().filter((name) => name.startsWith(nameOf.previous)).map((name) =>
        `${this.places.versions}/${name}`
      ),
    ];
    return new Set(links.map(linkedVersion).filter((one) => one !== undefined));
  }

  /** The trusted version that has most in common with another one. */
  baseFor({ manifest: { layers } }: ReadVersion): Base | undefined {
    const wanted = new Set(layers.map(({ tableDigest }) => tableDigest));
    let best: { state: VersionState; shared: number } | undefined;
    for (const digest of this.all()) {
      const state = this.isTrusted(digest) ? this.state(digest) : undefined;
      if (!state) continue;
      const manifest = parseManifest(state.manifest);
      const shared = manifest.layers.filter(({ tableDigest }) => wanted.has(tableDigest)).length;
      if (!best || shared > best.shared) best = { state, shared };
    }
    const known = best && this.read(best.state.version.digest);
    return known && { folder: this.places.version(known.state.version.digest), layers: known.layers };
  }

  /** Takes a tree away: nobody can take what is left of it for whole meanwhile. */
  async discard(path: string): Promise<void> {
    if (!statOf(path)) return;
    const gone = this.places.gone();
    this.files.rename(path, gone);
    await this.files.removeTree(gone);
  }

  #layers({ layers }: Manifest): ReadLayer[] | undefined {
    const read: ReadLayer[] = [];
    for (const layer of layers) {
      const entries = this.tables.entries(layer);
      if (!entries) return undefined;
      read.push({ layer, entries });
    }
    return read;
  }
}
