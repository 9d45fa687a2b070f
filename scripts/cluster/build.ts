/**
 * Builds etcd, kube-apiserver and kube-controller-manager from their Go modules, once a version.
 *
 * @module
 */
import { join } from "node:path";
import { etcd, kubernetes } from "../versions.ts";

/** The programs of a control plane. */
export const programs = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;

/** Tells a person what happens, a line at a time. */
export type Say = (line: string) => void;

/** Where the programs are, or why they cannot be had. */
export type Binaries = { readonly folder: string } | { readonly missing: string };

/** The programs where an earlier build left them; never builds. */
export async function findBinaries(): Promise<Binaries> {
  const go = await goVersion();
  const folder = cacheFolder(go ?? "any");
  const found = await Promise.all(programs.map((name) => exists(join(folder, name))));
  if (found.every(Boolean)) return { folder };
  const why = go === undefined
    ? "Go is not installed, so the control plane cannot be built"
    : "not built yet: run the task cluster build";
  return { missing: why };
}

/**
 * The programs, built now if no earlier run has: about 5 minutes on 2 cores.
 *
 * @throws Error that says what Go said, where the build fails
 */
export async function ensureBinaries(say: Say): Promise<Binaries> {
  const found = await findBinaries();
  if ("folder" in found) return found;
  const go = await goVersion();
  if (go === undefined) return found;
  const target = cacheFolder(go);
  const parent = join(target, "..");
  await Deno.mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const work = await Deno.makeTempDir({ dir: parent, prefix: "building-" });
  try {
    say(
      `Building etcd ${etcd} and Kubernetes ${kubernetes.version} with ${go}, once: about 5 minutes on 2 cores.`,
    );
    await buildEtcd(work, say);
    await buildKubernetes(work, say);
    await publish(join(work, "bin"), target);
    say(`Built into ${target}.`);
    return { folder: target };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** A build that was killed could not clean up after itself; none takes an hour. */
async function removeAbandoned(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    const path = join(parent, name);
    const { mtime } = await Deno.stat(path);
    if (!name.startsWith("building-") || Date.now() - (mtime?.getTime() ?? 0) < 3_600_000) continue;
    await Deno.remove(path, { recursive: true });
  }
}

/** Two builds at once both end well: whoever comes second finds the folder there. */
async function publish(from: string, target: string): Promise<void> {
  try {
    await Deno.rename(from, target);
  } catch (error) {
    if ("missing" in await findBinaries()) throw error;
  }
}

function cacheFolder(go: string): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(cache, "autocrane", `control-plane-${kubernetes.version}-etcd-${etcd}-${go}`);
}

async function goVersion(): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("go", { args: ["env", "GOVERSION"], stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

async function buildEtcd(work: string, say: Say): Promise<void> {
  const module = join(work, "etcd");
  const program = "go.etcd.io/etcd/server/v3";
  await Deno.mkdir(module);
  await Deno.writeTextFile(join(module, "go.mod"), await moduleAround(program, etcd));
  await Deno.writeTextFile(join(module, "tools.go"), tools([program]));
  await goBuild(module, join(work, "bin", "etcd"), [program], "-s -w", say);
}

async function buildKubernetes(work: string, say: Say): Promise<void> {
  const module = join(work, "kubernetes");
  await Deno.mkdir(module);
  const packages = ["kube-apiserver", "kube-controller-manager"].map((name) =>
    `k8s.io/kubernetes/cmd/${name}`
  );
  await Deno.writeTextFile(
    join(module, "go.mod"),
    await moduleAround("k8s.io/kubernetes", kubernetes.version),
  );
  await Deno.writeTextFile(join(module, "tools.go"), tools(packages));
  const [major, minor] = kubernetes.version.split(".");
  const version = "k8s.io/component-base/version";
  const stamp = `-X ${version}.gitVersion=v${kubernetes.version} ` +
    `-X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  await goBuild(module, join(work, "bin") + "/", packages, `-s -w ${stamp}`, say);
}

/**
 * A go.mod that asks for one module, with the Go that the module asks for. Kubernetes' own go.mod asks for its
 * libraries as v0.0.0 from folders beside it; from outside, each is replaced by its published version.
 */
async function moduleAround(wanted: string, version: string): Promise<string> {
  const { stdout } = await go(["mod", "download", "-json", `${wanted}@v${version}`], "/");
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  const upstream = await Deno.readTextFile(GoMod);
  const libraries = [...upstream.matchAll(/^\s*(k8s\.io\/[a-z-]+) v0\.0\.0(?:\s|$)/gm)].map(([, name]) =>
    name
  );
  return [
    "module autocrane.test/programs",
    /^go \S+/m.exec(upstream)?.[0] ?? "",
    `require ${wanted} v${version}`,
    ...libraries.map((name) => `replace ${name} => ${name} v${kubernetes.libraries}`),
    "",
  ].join("\n\n");
}

/** A file that imports the programs, so that their modules are wanted. */
function tools(packages: readonly string[]): string {
  const imports = packages.map((name) => `import _ "${name}"`).join("\n");
  return `//go:build tools\n\npackage tools\n\n${imports}\n`;
}

async function goBuild(
  folder: string,
  output: string,
  packages: readonly string[],
  ldflags: string,
  say: Say,
) {
  const began = performance.now();
  say(`Building ${packages.join(", ")} ...`);
  await Deno.mkdir(join(output, ".."), { recursive: true });
  if (output.endsWith("/")) await Deno.mkdir(output, { recursive: true });
  await go(["build", "-trimpath", "-ldflags", ldflags, "-o", output, ...packages], folder);
  say(`  done in ${Math.round((performance.now() - began) / 1000)} s.`);
}

async function go(args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const { success, stdout, stderr } = await new Deno.Command("go", {
    args: [...args],
    cwd,
    env: { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off", GOTOOLCHAIN: "auto" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    const said = decoder.decode(stderr).trim().split("\n").slice(-15).join("\n");
    throw new Error(`go ${args.slice(0, 2).join(" ")} failed:\n${said}`);
  }
  return { stdout: decoder.decode(stdout) };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
