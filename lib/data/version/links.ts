/**
 * Where a tree's symbolic links lead.
 *
 * @module
 */
import { BadVersion, shown } from "./bad_version.ts";
import type { EntryShape } from "./entry.ts";
import type { Limits } from "./limits.ts";
import { parentOf } from "./path.ts";

/** Links that Linux follows on one path before it gives up. */
const maxHops = 40;

/** Names that are walked through for all links of a tree: one that needs more is made to keep its reader busy. */
const maxSteps = 10_000_000;

/**
 * Follows every link as the kernel would, through other links too.
 *
 * @throws BadVersion that names a link that leads out of the tree. One that leads nowhere in the tree is fine.
 */
export function checkLinks(entries: readonly EntryShape[], limits: Limits): void {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "link") links.set(entry.path, entry.target);
  let steps = 0;
  for (const [path, target] of links) {
    const walk = follow(path, target, links, limits);
    steps += walk.steps;
    if (walk.leaves) {
      throw new BadVersion(
        `Entry ${shown(path)} is a link to ${shown(target)}, which leads out of the tree. ` +
          `Only links that stay in it are taken.`,
      );
    }
    if (steps > maxSteps) throw new BadVersion(`Entry ${shown(path)} is one link too many to follow.`);
  }
}

interface Walk {
  readonly leaves: boolean;
  readonly steps: number;
}

function follow(link: string, target: string, links: ReadonlyMap<string, string>, limits: Limits): Walk {
  const ahead = target.split("/").reverse();
  let at = parentOf(link);
  let hops = 0;
  let steps = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    steps++;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at === "") return { leaves: true, steps };
      at = parentOf(at);
      continue;
    }
    const next = at === "" ? name : `${at}/${name}`;
    const through = links.get(next);
    if (through === undefined) {
      // Nothing can be there, and the way on is not worth its length.
      if (next.length > 2 * limits.pathBytes) return { leaves: true, steps };
      at = next;
    } else {
      if (++hops > maxHops) return { leaves: false, steps };
      ahead.push(...through.split("/").reverse());
    }
  }
  return { leaves: false, steps };
}
