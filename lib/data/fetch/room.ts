/**
 * Whether there is room for what is to be written.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { FetchFailure } from "./blob_source.ts";

/** What is going to be written. */
export interface Need {
  readonly bytes: number;
  /** Files, links and folders. */
  readonly names: number;
}

/** Tells of a file system; tests put in theirs. */
export type RoomOf = (path: string) => { bavail: number; bsize: number; files: number; ffree: number };

/**
 * Looks for room before anything is written.
 *
 * @throws FetchFailure where there is too little
 */
export function expectRoom(path: string, { bytes, names }: Need, roomOf: RoomOf = statfsSync): void {
  const { bavail, bsize, files, ffree } = roomOf(path);
  const free = bavail * bsize;
  // Each file takes whole blocks; on average half of one is empty.
  const needed = bytes + names * (bsize / 2);
  if (needed > free) {
    const words = `about ${inUnit(Math.ceil, needed)} are needed, ${
      inUnit(Math.floor, free, needed)
    } are free`;
    throw new FetchFailure("disk", `Too little room in "${path}": ${words}. Give the volume more.`);
  }
  // File systems that make inodes as they need them say 0.
  if (files > 0 && names > ffree) {
    throw new FetchFailure("disk", `Too few inodes in "${path}": ${names} are needed, ${ffree} are free.`);
  }
}

/** Bytes in words, in the unit that shows `scale` best. Rounded apart, two that differ never look the same. */
function inUnit(round: (value: number) => number, bytes: number, scale = bytes): string {
  const [unit, size] = scale < 1e4
    ? ["bytes", 1] as const
    : scale < 1e7
    ? ["kB", 1e3] as const
    : ["MB", 1e6] as const;
  return `${round(bytes / size)} ${unit}`;
}
