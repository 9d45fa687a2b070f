/**
 * Finding the program that a command names.
 *
 * @module
 */
import { resolve } from "node:path";

/** A program that cannot be started, in words that container runtimes use. */
export class NoProgram extends Error {
  override readonly name = "NoProgram";
}

/** Where programs are looked for. */
export interface Whereabouts {
  /** Folders of executables, as in `PATH`. */
  readonly path: string;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** The command line that runs a script whose path follows, as `deno run -A`. */
  readonly deno: readonly string[];
}

const script = /\.(?:ts|js|mjs)$/;

/**
 * The command line that starts what a command names: an executable by its path or found on `PATH`, or a
 * script, which Deno runs.
 *
 * @throws NoProgram where there is no such file, or it cannot be executed
 */
export async function findProgram(
  [name = "", ...args]: readonly string[],
  where: Whereabouts,
): Promise<string[]> {
  if (script.test(name)) {
    const path = resolve(where.cwd, name);
    if (!await isFile(path)) throw new NoProgram(`exec: "${path}": no such file or directory`);
    return [...where.deno, path, ...args];
  }
  if (name.includes("/")) return [await executable(resolve(where.cwd, name)), ...args];
  for (const folder of where.path.split(":").filter(Boolean)) {
    const path = resolve(where.cwd, folder, name);
    if (name !== "" && await isExecutable(path)) return [path, ...args];
  }
  throw new NoProgram(
    `exec: "${name}": executable file not found in $PATH (containers are processes of this machine)`,
  );
}

async function executable(path: string): Promise<string> {
  if (await isExecutable(path)) return path;
  const why = await isFile(path) ? "permission denied" : "no such file or directory";
  throw new NoProgram(`exec: "${path}": ${why} (containers are processes of this machine)`);
}

async function isFile(path: string): Promise<boolean> {
  return (await statOf(path))?.isFile ?? false;
}

async function isExecutable(path: string): Promise<boolean> {
  const info = await statOf(path);
  return info !== undefined && info.isFile && (info.mode === null || (info.mode & 0o111) !== 0);
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}
