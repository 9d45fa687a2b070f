/**
 * Versions of random trees, and of a large file. It takes a while.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { checkTree } from "../../../lib/data/version/tree.ts";
import { defaultLimits } from "../../../lib/data/version/limits.ts";
import { packFolder } from "../../../lib/data/version/pack.ts";
import {
  archiveOf,
  entriesOf,
  has,
  inFolder,
  inStore,
  packed,
  plant,
  readTree,
  run,
  untar,
} from "./support.ts";

/** Names in all trees together. */
const wantedNames = 20_000;
const namesInTree = 1000;

const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789._-") },
  { weight: 2, arbitrary: fc.constantFrom(..." \n\t\r\\\"'*?$`;|&<>()[]{}!#~%@:,=+\u007f\u0001\u001b") },
  { weight: 2, arbitrary: fc.integer({ min: 0xa1, max: 0x2ffff }).map((code) => String.fromCodePoint(code)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("é", "ß", "漢", "😀", "\u{10ffff}", "\uffee", "ﷺ", "\u202e", "\u200d"),
  },
);

const text = (minLength: number, maxLength: number) =>
  fc.array(unit, { minLength, maxLength }).map((units) => fit(units.join("")));
const usual = text(1, 12);
const name = fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: text(100, 255) });

/** Makes text a name that a file system takes: 255 bytes, and neither "." nor "..". */
function fit(text: string): string {
  const plain = text.toWellFormed().replace(/[/\0\ufffd]/g, "_");
  return plain === "." || plain === ".." ? "dots" : cut(plain, 255);
}

function cut(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read) || "_";
}

type Node = { readonly kind: "file" | "tool" | "link" | "folder"; readonly content: string };

const node: fc.Arbitrary<Node> = fc.record({
  kind: fc.constantFrom("file", "file", "file", "tool", "link", "folder"),
  content: fc.oneof(
    fc.constant(""),
    usual,
    fc.nat({ max: 9999 }).map((n) => `repeated ${n} `.repeat(n % 500)),
  ),
});

const path = fc.oneof(
  { weight: 8, arbitrary: fc.array(name, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 40, max: 110 }), usual).map(deep) },
).map((names) => names.join("/"));

/** Deep ones share their folders: a thousand of each depth would be all that is tried. */
function deep([depth, name]: readonly [number, string]): string[] {
  return [...Array<string>(depth).fill("d"), name.replaceAll(".", "_")];
}

/** Random paths, less those that cannot be in one tree with what came before. */
const tree = fc.array(fc.tuple(path, node), { minLength: namesInTree, maxLength: namesInTree, size: "max" });

Deno.test({
  name: "20,000 random names survive: what the tables tell and what tar unpacks is what was packed",
  ignore: !has("zstd") || !has("tar"),
  async fn() {
    let names = 0;
    for (let seed = 1; names < wantedNames; seed++) {
      const [nodes] = fc.sample(tree, { numRuns: 1, seed });
      names += await survives(nodes!);
    }
    ok(names >= wantedNames, `${names}`);
  },
});

async function survives(nodes: readonly (readonly [string, Node])[]): Promise<number> {
  let names = 0;
  await inStore(async ({ store, tree, folder }) => {
    for (const [path, one] of nodes) names += plantNode(tree, path, one);
    const version = await packFolder(tree, store);
    deepEqual(version.entries, await readTree(tree));
    deepEqual(entriesOf(store, version.manifest), version.entries);
    checkTree(version.entries, defaultLimits);
    await untar(archiveOf(store, version.manifest.layers), `${folder}/out`);
    deepEqual(await readTree(`${folder}/out`), version.entries);
    equal((await packed(`${folder}/out`)).digest, version.digest);
  });
  return names;
}

/** Puts a node into a folder, unless it would be refused for what is there already; tells how many names it added. */
function plantNode(tree: string, path: string, { kind, content }: Node): number {
  if (path.normalize("NFC") !== path) return 0;
  try {
    if (Deno.lstatSync(`${tree}/${path}`)) return 0;
  } catch {
    // It is not there, or something above it is a file.
  }
  try {
    const link = { link: fit(content) };
    if (kind === "folder") plant(tree, { [`${path}/`]: "" });
    else plant(tree, { [path]: kind === "file" ? content : kind === "tool" ? { program: content } : link });
    return 1;
  } catch {
    return 0;
  }
}

/** Packs a folder, and tells the most memory that it took. */
const measured = `
  const { LayerStore } = await import(Deno.args[2] + "layer_store.ts");
  const { packFolder } = await import(Deno.args[2] + "pack.ts");
  using store = await LayerStore.open(Deno.args[1]);
  const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
  const before = peak();
  await packFolder(Deno.args[0], store);
  console.log(peak() - before);
`;

Deno.test({
  name: "packing a file of 600 MB takes no more memory than one of 60 MB",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/measured.ts`, measured);
      const modules = new URL("../../../lib/data/version/", import.meta.url).href;
      const grown: number[] = [];
      for (const megabytes of [60, 600]) {
        await Deno.mkdir(`${folder}/tree`);
        await Deno.truncate(await createdFile(`${folder}/tree/large`), megabytes * 1_000_000);
        const out = await run(Deno.execPath(), [
          ...["run", "-q", "--no-check", "-A", `${folder}/measured.ts`],
          ...[`${folder}/tree`, `${folder}/store`, modules],
        ]);
        grown.push(Number(new TextDecoder().decode(out)) / 1024);
        await Deno.remove(`${folder}/tree`, { recursive: true });
      }
      ok(grown[1]! < grown[0]! + 32, `grew by ${grown.map(Math.round).join(" and ")} MiB`);
    }),
});

async function createdFile(path: string): Promise<string> {
  (await Deno.create(path)).close();
  return path;
}
