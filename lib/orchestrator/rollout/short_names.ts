/**
 * Names of versions in words for people: with as much of their commits as people look at. Orders take that, too.
 *
 * @module
 */

/** A text with the names of versions in it cut: `6a1b2c3d-3f2a9c1`. */
export function withShortNames(text: string): string {
  return text.replace(/\b([0-9a-f]{7,11}-[0-9a-f]{7})[0-9a-f]+\b/g, "$1");
}
