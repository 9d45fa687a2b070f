import { deepEqual } from "node:assert/strict";
import { dirname, relative } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

/** What each room may import beside itself. Arrows point one way, so no room can be in a cycle of rooms. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "lib/contract": [],
  "lib/runtime": [],
  "k8s": [],
  "lib/kube": ["k8s", "lib/runtime"],
  "lib/http": ["lib/runtime"],
  "lib/manifests": ["k8s"],
  "lib/embedded": ["k8s", "lib/kube", "lib/runtime"],
  "lib/watchdog": ["k8s", "lib/contract", "lib/kube", "lib/runtime"],
  "lib/orchestrator": ["k8s", "lib/contract", "lib/kube", "lib/runtime"],
  "lib/data": ["k8s", "lib/contract", "lib/kube", "lib/runtime"],
  "cmd": [
    "k8s",
    "lib/contract",
    "lib/data",
    "lib/http",
    "lib/kube",
    "lib/orchestrator",
    "lib/runtime",
    "lib/watchdog",
  ],
  "scripts": ["k8s", "lib/contract", "lib/embedded", "lib/kube", "lib/runtime"],
  "mod.ts": ["k8s", "lib/contract", "lib/kube", "lib/runtime", "lib/watchdog"],
};

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly type?: { readonly specifier: string };
    }[];
  }[];
}

/** Which of our modules imports which, types included, from every program, the demo and every library entry. */
async function arrows(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const entry of await entries()) {
    for (const { specifier, dependencies = [] } of (await graphOf(entry)).modules) {
      const from = ours(specifier);
      if (from === undefined) continue;
      const targets = dependencies.map(({ code, type }) => ours((code ?? type)?.specifier ?? ""));
      found.set(from, targets.filter((target) => target !== undefined));
    }
  }
  return found;
}

async function entries(): Promise<string[]> {
  const names = ["mod.ts", "k8s/mod.ts", "lib/manifests/roles.ts", "scripts/demo.ts"];
  for await (const { name } of Deno.readDir(`${root}cmd`)) names.push(`cmd/${name}`);
  return names;
}

async function graphOf(entry: string): Promise<Graph> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${root}${entry}`],
    cwd: root,
  }).output();
  if (!success) throw new Error(`Cannot read the module graph of ${entry}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Graph;
}

function ours(specifier: string): string | undefined {
  return specifier.startsWith("file:") && specifier.endsWith(".ts")
    ? relative(root, new URL(specifier).pathname)
    : undefined;
}

/** The room that a file is in: `lib/kube`, `cmd`, `mod.ts`. */
function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? `lib/${second}` : first;
}

/** Modules that import each other, directly or by way of others, in the order of the arrows. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

const graph = await arrows();

Deno.test("no room imports another against the arrows", () => {
  const wrong = [...graph].flatMap(([from, targets]) =>
    targets
      .filter((to) => roomOf(from) !== roomOf(to) && !mayImport[roomOf(from)]?.includes(roomOf(to)))
      .map((to) => `${from} -> ${to}`)
  );
  deepEqual(wrong, []);
});

Deno.test("no module imports itself by way of others", () => deepEqual(cycles(graph), []));

Deno.test("every module of lib is used by a program, or exported", async () => {
  const unused: string[] = [];
  for await (const path of files("lib")) if (!graph.has(path)) unused.push(path);
  deepEqual(unused, []);
});

Deno.test("only the contract spells keys of autocrane.io", async () => {
  const spelled: string[] = [];
  for (const folder of ["lib", "cmd"]) {
    for await (const path of files(folder)) {
      if (roomOf(path) === "lib/contract") continue;
      const text = await Deno.readTextFile(`${root}${path}`);
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      if (code.includes("autocrane.io/")) spelled.push(path);
    }
  }
  deepEqual(spelled, []);
});

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

Deno.test("a room's folder is one that the arrows know", async () => {
  const rooms: string[] = [];
  for await (const path of files("lib")) rooms.push(dirname(path).split("/").slice(0, 2).join("/"));
  deepEqual([...new Set(rooms)].filter((room) => !Object.hasOwn(mayImport, room)), []);
});
