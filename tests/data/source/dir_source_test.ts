import { equal, notEqual, rejects } from "node:assert/strict";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { DirSource } from "../../../lib/data/source/dir_source.ts";
import { calm } from "./sources.ts";

async function withFolder(test: (folder: string, source: DirSource) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "autocrane-dir-" });
  try {
    await Deno.mkdir(`${folder}/deep/er`, { recursive: true });
    await Deno.writeTextFile(`${folder}/deep/er/f`, "1");
    await test(folder, new DirSource(folder, systemClock));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a folder is the same until something in it changes: content, name, mode, or that it is there", async () => {
  await withFolder(async (folder, source) => {
    const changes: (() => Promise<void>)[] = [
      () => Deno.writeTextFile(`${folder}/deep/er/f`, "22"),
      () => Deno.rename(`${folder}/deep/er/f`, `${folder}/deep/er/g`),
      () => Deno.chmod(`${folder}/deep/er/g`, 0o755),
      () => Deno.mkdir(`${folder}/empty`),
      () => Deno.symlink("deep", `${folder}/link`),
      () => Deno.remove(`${folder}/deep`, { recursive: true }),
    ];
    let before = await source.look(calm);
    for (const [i, change] of changes.entries()) {
      equal(await source.look(calm), before);
      await change();
      const after = await source.look(calm);
      notEqual(after, before, `change ${i}`);
      before = after;
    }
  });
});

Deno.test("a folder is packed when it was left alone for a moment", async () => {
  await withFolder(async (folder, source) => {
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 4; i++) {
        await Deno.writeTextFile(`${folder}/f${i}`, "x");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      writing = false;
    })();
    const tree = await source.fetch(await source.look(calm), calm);
    equal(writing, false);
    equal(tree.folder, folder);
    equal(tree.still, false);
    await writer;
  });
});

Deno.test("a folder that is not there is told", async () => {
  await rejects(
    new DirSource("/gone/for/ever", systemClock).look(calm),
    /Cannot read the folder "\/gone\/for\/ever"/,
  );
});
