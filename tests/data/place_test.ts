import { deepEqual, equal } from "node:assert/strict";
import { isWithin, placeOf } from "../../lib/data/place.ts";

Deno.test("a path is followed as far as it leads, through links", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/real`);
    await Deno.symlink("real", `${folder}/link`);
    deepEqual(await placeOf(`${folder}/link/not/yet`), {
      path: `${folder}/real/not/yet`,
      root: `${folder}/real`,
      missing: ["not", "yet"],
    });
    deepEqual(await placeOf(`${folder}/link/`), { path: `${folder}/real`, root: folder, missing: [] });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a place lies in itself and in what is above it, not in what only begins alike", () => {
  const within: [string, string, boolean][] = [
    ["/a/b", "/a/b", true],
    ["/a/b", "/a", true],
    ["/a", "/", true],
    ["/a/..b", "/a", true],
    ["/a", "/a/b", false],
    ["/ab", "/a", false],
  ];
  for (const [path, other, is] of within) equal(isWithin({ path }, { path: other }), is, `${path} ${other}`);
});
