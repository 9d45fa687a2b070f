/**
 * A source: where data comes from, and how a tree of it comes into a folder to be packed.
 *
 * @module
 */

/** A tree in a folder of this machine. */
export interface FetchedTree {
  /** The folder; only the next fetch of the same source changes it, where the source is not the folder itself. */
  readonly folder: string;
  /** The commit, where the upstream has commits. */
  readonly commit: string | undefined;
  /** When it was made, seconds since 1970. */
  readonly time: number;
  /** Whether nobody but the source writes there: then it need not be looked at for changes while it is packed. */
  readonly still: boolean;
}

/** One upstream. Its methods are called one at a time. */
export interface Source {
  /** Whether {@linkcode Source.fetch} can bring any commit that is asked for, and not just the newest. */
  readonly hasCommits: boolean;
  /**
   * What the upstream has now, in a word: the same word, the same content.
   *
   * @throws Error that says in words why the upstream could not be asked
   */
  look(signal: AbortSignal): Promise<string>;
  /**
   * Brings what {@linkcode Source.look} named, or a commit, into a folder.
   *
   * @throws Error that says in words why it could not be brought
   */
  fetch(revision: string, signal: AbortSignal): Promise<FetchedTree>;
}
