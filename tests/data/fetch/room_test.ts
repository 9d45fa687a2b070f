import { throws } from "node:assert/strict";
import { expectRoom } from "../../../lib/data/fetch/room.ts";

const room = (free: number, ffree = 1000) => () => ({ bavail: free, bsize: 1, files: 1000, ffree });

const cases: [needed: number, free: number, words: string][] = [
  [1500, 700, "about 1500 bytes are needed, 700 bytes are free"],
  [40_000, 0, "about 40 kB are needed, 0 kB are free"],
  [3_000_400, 3_000_300, "about 3001 kB are needed, 3000 kB are free"],
  [250_000_000, 12_000_000, "about 250 MB are needed, 12 MB are free"],
];
for (const [needed, free, words] of cases) {
  Deno.test(`too little room is told in a unit that shows it: ${words}`, () => {
    throws(() => expectRoom("/data", { bytes: needed, names: 0 }, room(free)), {
      fault: "disk",
      message: `Too little room in "/data": ${words}. Give the volume more.`,
    });
  });
}

Deno.test("too few inodes are told, and who does not count them is not asked", () => {
  throws(() => expectRoom("/data", { bytes: 0, names: 5 }, room(1000, 4)), {
    fault: "disk",
    message: /inodes/,
  });
  expectRoom("/data", { bytes: 0, names: 5 }, () => ({ ...room(1000)(), files: 0, ffree: 0 }));
});
