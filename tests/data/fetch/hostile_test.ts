import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { faultOf } from "../../../lib/data/deploy/faults.ts";
import { Failure } from "../../../lib/runtime/failure.ts";
import { zstdCompressSync } from "node:zlib";
import { namesIn, onStage, type Stage } from "../deploy/stage.ts";
import { digestOf } from "../version/support.ts";
import { craft, type Crafted, MemorySource } from "./hostile.ts";

const text = (path: string, content = "x"): Crafted => ({ path, content });
const link = (path: string, target: string): Crafted => ({ path, target });

/** Tries to put a version in place; nothing may be there afterwards. */
async function refused(stage: Stage, { version, source }: ReturnType<typeof craft>): Promise<Failure> {
  const location = stage.open();
  const error = await stage.place(location, version, { source }).catch((error) => error);
  ok(error instanceof Failure, `it was taken: ${error}`);
  deepEqual(namesIn(stage.path), [".versions"]);
  deepEqual(namesIn(stage.folder), ["data", "upstream"]);
  return error;
}

const hostile: [string, Crafted[][], RegExp][] = [
  ["a path that leaves", [[text("../out")]], /"\.\.\/out"/],
  ["a path that leaves on its way", [[text("a/../../out")]], /"a\/\.\.\/\.\.\/out"/],
  ["an absolute path", [[text("/tmp/out")]], /"\/tmp\/out"/],
  ["a path that is none", [[text("")]], /""/],
  ["a NUL in a path", [[text("a\0b")]], /NUL/],
  ["a link that leaves", [[link("a", "../../etc")]], /"a"/],
  ["an absolute link", [[link("a", "/etc/passwd")]], /"a"/],
  [
    "a link that leaves by way of another",
    [[text("d/e/f"), link("d/up", ".."), link("l", "d/up/../../etc")]],
    /"l"/,
  ],
  ["a file under a link", [[link("a", "b"), text("a/out"), text("b/c")]], /"a"/],
  ["a file under a link of another layer", [[link("a", ".")], [text("a/out")]], /"a"/],
  ["a file under a file", [[text("a"), text("a/b")]], /"a"/],
  ["an entry that is there twice", [[text("a")], [text("a", "y")]], /"a"/],
  [
    "names that differ only in their Unicode form",
    [[text("\u0065\u0301")], [text("\u00e9")]],
    /Unicode form/,
  ],
  ["a name that is too long", [[text("n".repeat(256))]], /255 bytes/],
  ["a tree that is too deep", [[text("d/".repeat(200) + "f")]], /deep/],
  ["a file that says it is huge", [[{ path: "a", content: "x", size: 1 << 21 }]], /"a"/],
];
for (const [what, layers, words] of hostile) {
  Deno.test(`${what} is refused by name, and nothing is written`, () =>
    onStage(async (stage) => {
      const error = await refused(stage, craft(...layers));
      equal(faultOf(error), "content");
      ok(words.test(error.message), error.message);
      deepEqual(namesIn(`${stage.path}/.versions`).filter((name) => !/^\.(lock|table)/.test(name)), []);
    }));
}

const bombs: [string, Uint8Array][] = [
  ["more than it says", zstdCompressSync(new Uint8Array(512 << 20))],
  ["less than it says", zstdCompressSync(new Uint8Array(4))],
  [
    "its content and more behind it",
    new Uint8Array([...zstdCompressSync(new Uint8Array(6)), ...zstdCompressSync(new Uint8Array(4))]),
  ],
  ["no frame at all", new Uint8Array(40)],
];
for (const [what, frame] of bombs) {
  Deno.test(`a frame with ${what} is refused, and takes no memory`, () =>
    onStage(async (stage) => {
      const before = Deno.memoryUsage().rss;
      const error = await refused(stage, craft([{ path: "a", content: "0123456789", frame }]));
      equal(faultOf(error), "digest");
      ok(Deno.memoryUsage().rss - before < 200 << 20);
    }));
}

Deno.test("a layer's table that decompresses to more than its manifest says is refused", () =>
  onStage(async (stage) => {
    const { version, source } = craft([text("a")]);
    const manifest = JSON.parse(new TextDecoder().decode(source.blobs.get(version.digest)));
    const [layer] = manifest.layers;
    const [name] = Object.keys(layer.annotations).filter((key) => key.endsWith("manifest-position"));
    layer.annotations[name!] = layer.annotations[name!].replace(/:\d+:1$/, ":7:1");
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    const blobs = new Map([...source.blobs, [digestOf(bytes), bytes]]);
    const error = await refused(stage, {
      version: { ...version, digest: digestOf(bytes) },
      source: new MemorySource(blobs),
    });
    equal(faultOf(error), "content");
  }));

Deno.test("whatever a manifest says, it is refused or taken, and nothing else happens", () =>
  onStage(async (stage) => {
    const { version, source } = craft([text("a"), text("b/c")], [text("d")]);
    const manifest = JSON.parse(new TextDecoder().decode(source.blobs.get(version.digest)));
    const paths = pathsIn(manifest);
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("-1:5:9:1", "0:0:0:1", "1e9", 2 ** 53, -1, "sha256:x"),
    );
    const change = fc.tuple(fc.constantFrom(...paths), odd);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = new TextEncoder().encode(
          JSON.stringify(changes.reduce(withChange, structuredClone(manifest))),
        );
        const digest = digestOf(bytes);
        const changed = new MemorySource(new Map([...source.blobs, [digest, bytes]]));
        const error = await stage.place(stage.open(), { ...version, digest }, { source: changed }).catch((
          one,
        ) => one);
        ok(!(error instanceof Error) || error instanceof Failure, `${error}`);
        deepEqual(namesIn(stage.folder), ["data", "upstream"]);
      }),
      { numRuns: 300 },
    );
  }));

type Path = readonly (string | number)[];

/** Paths to every value in a JSON value. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}

// deno-lint-ignore no-explicit-any -- any JSON
function withChange(root: any, [path, value]: [Path, unknown]): any {
  let at = root;
  for (const key of path.slice(0, -1)) {
    if (typeof at?.[key] !== "object" || at[key] === null) return root;
    at = at[key];
  }
  at[path.at(-1)!] = value;
  return root;
}
