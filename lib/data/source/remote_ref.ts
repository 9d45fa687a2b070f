/**
 * Finding what a ref names among what `git ls-remote` lists.
 *
 * @module
 */

/** A ref at the upstream. */
export interface RemoteRef {
  /** The commit that it names; an annotated tag is followed to its commit. */
  readonly commit: string;
  /** Its whole name, as `refs/heads/main`. */
  readonly name: string;
}

/** Whether a text is the whole name of a commit: it never moves. */
export function isCommit(ref: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ref);
}

/** Whether a text may be the beginning of a commit's name. */
export function mayAbbreviateCommit(ref: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(ref);
}

/** What `git ls-remote` is asked for. `undefined` is the upstream's default branch. */
export function patternsFor(ref: string | undefined): string[] {
  return candidates(ref).flatMap((name) => name.startsWith("refs/tags/") ? [name, `${name}^{}`] : [name]);
}

/** The ref that is meant, of those listed: a branch before a tag of the same name, as `git clone --branch` does. */
export function findRef(listed: string, ref: string | undefined): RemoteRef | undefined {
  const commits = new Map(
    listed.split("\n").map((line) => {
      const [commit = "", name = ""] = line.split("\t");
      return [name, commit] as const;
    }),
  );
  for (const name of candidates(ref)) {
    const commit = commits.get(`${name}^{}`) ?? commits.get(name);
    if (commit !== undefined && isCommit(commit)) return { commit, name };
  }
  return undefined;
}

function candidates(ref: string | undefined): string[] {
  if (ref === undefined || ref === "HEAD") return ["HEAD"];
  return ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}
