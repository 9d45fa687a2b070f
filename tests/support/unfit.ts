/**
 * Which characters must reach no terminal, so that rooms which may not share code can be held to the same set.
 *
 * @module
 */

/** What they are, and the first and last of them. */
export const unfitToShow: readonly (readonly [string, number, number])[] = [
  ["C0 controls", 0x00, 0x1f],
  ["DEL and C1 controls", 0x7f, 0x9f],
  ["soft hyphen", 0xad, 0xad],
  ["Arabic letter mark", 0x61c, 0x61c],
  ["zero-width characters and marks of direction", 0x200b, 0x200f],
  ["line and paragraph separators", 0x2028, 0x2029],
  ["embeddings and overrides of direction", 0x202a, 0x202e],
  ["word joiner and invisible operators", 0x2060, 0x2064],
  ["isolates, and deprecated formatting characters", 0x2066, 0x206f],
  ["byte order mark", 0xfeff, 0xfeff],
  ["interlinear annotations", 0xfff9, 0xfffb],
  ["halves of surrogate pairs", 0xd800, 0xdfff],
  ["language tag", 0xe0001, 0xe0001],
  ["tag characters", 0xe0020, 0xe007f],
];

/** What people read, in some of their scripts. */
export const fitToShow = "disk /data: 97 % – größer, żółć, наполнен, 満杯, ممتلئ, 😀";
