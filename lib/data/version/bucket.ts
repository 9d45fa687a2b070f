/**
 * Which layer an entry goes to: a trie over the bits of its path's hash, so that one changed file changes one
 * layer, and a tree that grows splits a layer and leaves the others.
 *
 * @module
 */
import { maxLayers } from "./limits.ts";

/** Entries that share the first bits of their paths' hashes. */
export interface Bucket<T> {
  /** `0` and `1`; empty where the tree is one layer. */
  readonly bits: string;
  /** In the order in which they were dealt. */
  readonly entries: readonly T[];
}

/** Entries at which a bucket is still one layer. */
const bucketEntries = 512;

/**
 * Deals entries to buckets: a pure function of their paths. There are at most {@link maxLayers}; past that buckets
 * hold twice as much, until they are few enough.
 */
export function bucketsOf<T extends { readonly path: string }>(entries: readonly T[]): Bucket<T>[] {
  const hashed = entries.map((entry) => ({ entry, hash: hashOf(entry.path) }));
  for (let limit = bucketEntries;; limit *= 2) {
    const buckets = split(hashed, "", limit);
    if (buckets.length <= maxLayers) return buckets;
  }
}

interface Hashed<T> {
  readonly entry: T;
  readonly hash: number;
}

function split<T>(hashed: readonly Hashed<T>[], bits: string, limit: number): Bucket<T>[] {
  // Names that were made to share all bits are one large layer, and that is all.
  if (hashed.length <= limit || bits.length === hashBits) {
    return [{ bits, entries: hashed.map(({ entry }) => entry) }];
  }
  const sides: [Hashed<T>[], Hashed<T>[]] = [[], []];
  for (const one of hashed) sides[bitAt(one.hash, bits.length)].push(one);
  // A side without entries is no layer.
  return sides.flatMap((inside, bit) => inside.length > 0 ? split(inside, `${bits}${bit}`, limit) : []);
}

function bitAt(hash: number, index: number): 0 | 1 {
  return (hash >>> (hashBits - 1 - index)) & 1 ? 1 : 0;
}

const hashBits = 32;

/**
 * FNV-1a over a path's UTF-16 units, stirred as MurmurHash3 does at its end, so that the first bits are as good as
 * the last. It only deals entries out; SHA-256 would take a quarter of the time of packing again after one change.
 */
function hashOf(path: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The name of a bucket's layer, as `oras pull` would store it. */
export function layerTitle(bits: string): string {
  return `layer${bits && `-${bits}`}.tar.zst`;
}

/** The bits in a layer's name, or `undefined` where it is named otherwise. */
export function bitsOfTitle(title: string): string | undefined {
  return /^layer(?:-([01]{1,32}))?\.tar\.zst$/.exec(title)?.slice(1).map((bits) => bits ?? "")[0];
}
