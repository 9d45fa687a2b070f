/**
 * Images: there are none to pull, only names of command lines on this machine.
 *
 * @module
 */

/** The command lines that images stand for, by the images' names. */
export type Images = Readonly<Record<string, readonly string[]>>;

/**
 * The names by which an image may be known, the most exact first: as it is, without tag and digest, without
 * its registry, and its last part alone.
 *
 * @example
 * ```ts
 * import { namesOf } from "./images.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(namesOf("r.io/shop/web:1.2"), ["r.io/shop/web:1.2", "r.io/shop/web", "shop/web", "web"]);
 * ```
 */
export function namesOf(image: string): string[] {
  const bare = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const parts = bare.split("/");
  const hasRegistry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0]!);
  const local = hasRegistry ? parts.slice(1).join("/") : bare;
  return [...new Set([image, bare, local, parts.at(-1)!])];
}

/** The command line that an image stands for; `undefined` where it stands for none. */
export function entrypointOf(image: string, images: Images): readonly string[] | undefined {
  const name = namesOf(image).find((one) => Object.hasOwn(images, one));
  return name === undefined ? undefined : images[name];
}

/** What to tell somebody whose image is not known. */
export function unknownImage(image: string, images: Images): string {
  const known = Object.keys(images).sort().join(", ") || "none";
  return `image "${image}" is not known to AutoCrane's embedded cluster, whose pods are local processes: ` +
    `it knows ${known}; or let the container's command name an executable or a .ts file of this machine`;
}
