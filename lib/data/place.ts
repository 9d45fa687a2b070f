/**
 * Where a path leads, whether anything is there yet or not.
 *
 * @module
 */
import { dirname, join, relative, resolve } from "node:path";

/** A place in the file system. */
export interface Place {
  /** Absolute, links followed as far as anything is there. */
  readonly path: string;
  /** The last folder on the way there that is there; for what is there, the folder that holds it. */
  readonly root: string;
  /** What is missing below `root`. */
  readonly missing: readonly string[];
}

/** Follows a path as far as it leads. */
export async function placeOf(path: string): Promise<Place> {
  const missing: string[] = [];
  for (let at = resolve(path);; at = dirname(at)) {
    try {
      const found = await Deno.realPath(at);
      const root = missing.length === 0 ? dirname(found) : found;
      return { path: join(found, ...missing), root, missing };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || at === dirname(at)) throw error;
      missing.unshift(relative(dirname(at), at));
    }
  }
}

/** Whether a place is another one, or lies in it. */
export function isWithin({ path }: Pick<Place, "path">, other: Pick<Place, "path">): boolean {
  const way = relative(other.path, path);
  return way === "" || (way !== ".." && !way.startsWith("../"));
}
