/**
 * Where everything of a deployer's folder is.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";

/** The folder, in the location, that holds finished versions and what is known of them. */
const versionsFolder = ".versions";

/** Beginnings of names in that folder; a finished version's name is the 64 digits of its manifest's digest. */
export const nameOf = {
  /** A tree that is being made. */
  partial: ".partial-",
  /** A tree that is being deleted. */
  gone: ".gone-",
  /** What is known of a finished version. */
  state: ".state-",
  /** A layer's table of contents, by its digest. */
  table: ".table-",
  /** The version that a data deployment had before, as a link. */
  previous: ".previous-",
  /** Says that an application was not told yet of what is in place. */
  untold: ".untold-",
} as const;

/** The 64 digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/** Whether a name is that of a finished version. */
export function isVersionName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** The paths in one location. */
export class Places {
  /** The folder of versions. */
  readonly versions: string;
  /** The file whose lock says who may change anything here. */
  readonly lock: string;

  /** @param location the absolute folder that data is deployed to */
  constructor(readonly location: string) {
    this.versions = `${location}/${versionsFolder}`;
    this.lock = `${this.versions}/.lock`;
  }

  version(digest: Digest): string {
    return `${this.versions}/${hexOf(digest)}`;
  }

  partial(digest: Digest): string {
    return `${this.versions}/${nameOf.partial}${hexOf(digest)}`;
  }

  /** A name that nobody has. */
  gone(): string {
    return `${this.versions}/${nameOf.gone}${crypto.randomUUID()}`;
  }

  state(digest: Digest): string {
    return `${this.versions}/${nameOf.state}${hexOf(digest)}`;
  }

  table(digest: Digest): string {
    return `${this.versions}/${nameOf.table}${hexOf(digest)}`;
  }

  /** What applications read. */
  link(name: string): string {
    return `${this.location}/${name}`;
  }

  previous(name: string): string {
    return `${this.versions}/${nameOf.previous}${name}`;
  }

  untold(name: string): string {
    return `${this.versions}/${nameOf.untold}${name}`;
  }

  /** The target of a data deployment's link: relative, so that each container may see the location elsewhere. */
  target(digest: Digest): string {
    return `${versionsFolder}/${hexOf(digest)}`;
  }
}

/** The version that a link leads to, or `undefined` where it is none of ours or not there. */
export function linkedVersion(path: string): Digest | undefined {
  try {
    const name = /^(?:\.versions\/)?([0-9a-f]{64})$/.exec(Deno.readLinkSync(path))?.[1];
    return name === undefined ? undefined : `sha256:${name}` as Digest;
  } catch {
    // Nothing, or no link, is there.
    return undefined;
  }
}
