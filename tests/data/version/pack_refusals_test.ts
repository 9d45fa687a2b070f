import { rejects } from "node:assert/strict";
import { defaultLimits } from "../../../lib/data/version/limits.ts";
import { packFolder } from "../../../lib/data/version/pack.ts";
import { inStore, plant, run } from "./support.ts";

const fifo = (path: string) => run("mkfifo", [path]);
const refusals: readonly (readonly [string, (tree: string) => unknown, RegExp])[] = [
  ["a named pipe", (tree) => fifo(`${tree}/pipe`), /entry "pipe" is a named pipe/],
  ["a link out", (tree) => plant(tree, { "in/out": { link: "../.." } }), /Entry "in\/out" is a link to/],
  [
    "an absolute link",
    (tree) => plant(tree, { "out": { link: "/etc/passwd" } }),
    /entry "out" has an absolute/,
  ],
  ["two Unicode forms", (tree) => plant(tree, { "\u00e9": "", "e\u0301": "" }), /only in its Unicode form/],
  [
    "a name that is not UTF-8",
    (tree) => run("sh", ["-c", `printf x > "$(printf '${tree}/bad\\377')"`]),
    /not UTF-8/,
  ],
  [
    "a target that is not UTF-8",
    (tree) => run("sh", ["-c", `ln -s "$(printf 'x\\377')" '${tree}/bad'`]),
    /"bad" has a target that is not UTF-8/,
  ],
  ["a path that is too deep", (tree) => plant(tree, { [Array(129).fill("d").join("/")]: "" }), /129 deep/],
];

Deno.test("what no version may hold is refused by name", () =>
  inStore(async ({ store, tree }) => {
    for (const [what, make, message] of refusals) {
      const at = `${tree}/${what}`;
      await Deno.mkdir(at);
      await make(at);
      await rejects(packFolder(at, store), { name: "BadVersion", message }, what);
    }
  }));

Deno.test("a socket is refused by name", () =>
  inStore(async ({ store, tree }) => {
    using _listener = Deno.listen({ transport: "unix", path: `${tree}/socket` });
    await rejects(packFolder(tree, store), /entry "socket" is a socket/);
  }));

Deno.test("a folder past a limit is refused by the entry that passes it", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { "a": "12345", "b": "12345", "c": "" });
    const over = (limits: Partial<typeof defaultLimits>) =>
      packFolder(tree, store, { limits: { ...defaultLimits, ...limits } });
    await rejects(over({ entries: 2 }), /more than 2 entries/);
    await rejects(over({ fileBytes: 4 }), /"a" is 5 bytes large/);
    await rejects(over({ totalBytes: 9 }), /more than 9 bytes with entry "b"/);
  }));

Deno.test("a folder that is not there, or is a file, is told so", () =>
  inStore(async ({ store, tree }) => {
    plant(tree, { "file": "" });
    await rejects(packFolder(`${tree}/nowhere`, store), /Cannot pack .*nowhere: .* cannot be listed/);
    await rejects(packFolder(`${tree}/file`, store), /cannot be listed/);
  }));
