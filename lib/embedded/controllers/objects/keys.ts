/**
 * Keys of objects that have a namespace: `namespace/name`.
 *
 * @module
 */

/** Takes a key apart. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
