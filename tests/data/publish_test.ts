import { equal, ok, rejects } from "node:assert/strict";
import { publishFile, publishLink, syncPath } from "../../lib/data/publish.ts";
import { inFolder } from "./version/support.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a published file has its content and mode, and nothing lies beside it", () =>
  inFolder(async (folder) => {
    await publishFile(`${folder}/state`, "first");
    await publishFile(`${folder}/state`, new TextEncoder().encode("second"), 0o600);
    equal(await Deno.readTextFile(`${folder}/state`), "second");
    equal((await Deno.stat(`${folder}/state`)).mode! & 0o777, 0o600);
    equal(names(folder).join(), "state");
  }));

Deno.test("a file that cannot be put in its place leaves the old one, and nothing beside it", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/state/inside`, { recursive: true });
    await rejects(publishFile(`${folder}/state`, "new"));
    equal(names(folder).join(), "state");
    equal(names(`${folder}/state`).join(), "inside");
  }));

Deno.test("a published link replaces the link to a folder, and writes nothing into that folder", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/one`);
    await Deno.mkdir(`${folder}/two`);
    await publishLink("one", `${folder}/live`);
    await publishLink("two", `${folder}/live`);
    equal(await Deno.readLink(`${folder}/live`), "two");
    equal(names(`${folder}/one`).length + names(`${folder}/two`).length, 0);
    equal(names(folder).join(), "live,one,two");
  }));

Deno.test("a reader that looks all the while sees the old file or the new one, never part of one", () =>
  inFolder(async (folder) => {
    const contents = ["a", "b"].map((letter) => letter.repeat(200_000));
    await publishFile(`${folder}/state`, contents[0]!);
    let done = false;
    let looks = 0;
    const reader = (async () => {
      while (!done) {
        ok(contents.includes(await Deno.readTextFile(`${folder}/state`)));
        looks++;
      }
    })();
    for (let i = 0; i < 50; i++) await publishFile(`${folder}/state`, contents[i % 2]!);
    done = true;
    await reader;
    ok(looks > 0);
  }));

Deno.test("a folder's list of names can be put on the disk", () => inFolder((folder) => syncPath(folder)));
