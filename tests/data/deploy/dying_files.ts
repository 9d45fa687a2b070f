/**
 * A file system on which the process is killed, as it were: from one operation on nothing is done any more.
 *
 * @module
 */
import { type Files, systemFiles } from "../../../lib/data/fetch/files.ts";
import { temporaryPrefix } from "../../../lib/data/publish.ts";

/** What happens to a process that was killed: it does not go on. */
export class Killed extends Error {}

/** How an operation that is being done ends: not begun, or with half of its bytes. */
export type Death = "before" | "halfway";

/** Files that die at one of their operations. */
export class DyingFiles {
  /** Operations so far. */
  count = 0;
  readonly #real = systemFiles();
  readonly #at: number;
  readonly #how: Death;

  /** @param at the operation that is not done, or half of it; none where it is infinite */
  constructor(at: number, how: Death) {
    this.#at = at;
    this.#how = how;
  }

  /** The file system. */
  get files(): Files {
    const real = this.#real;
    const step = <A extends unknown[], R>(work: (...args: A) => R) => (...args: A): R => {
      this.#step(() => {});
      return work(...args);
    };
    return {
      makeFolder: step(real.makeFolder),
      create: (path, content, mode) => {
        this.#step(() => Deno.writeFileSync(path, half(content), { mode: 0o644 }));
        real.create(path, content, mode);
      },
      writeAt: (path, offset, content) => {
        this.#step(() => real.writeAt(path, offset, half(content)));
        real.writeAt(path, offset, content);
      },
      finish: (path, mode) => {
        this.#step(() => Deno.chmodSync(path, mode));
        real.finish(path, mode);
      },
      close: (path) => {
        this.#step(() => Deno.chmodSync(path, 0o555));
        real.close(path);
      },
      chmod: step(real.chmod),
      link: step(real.link),
      copy: (from, to) => {
        this.#step(() => Deno.writeFileSync(to, half(Deno.readFileSync(from))));
        real.copy(from, to);
      },
      symlink: (target, path) => {
        this.#step(() => Deno.symlinkSync(target, path));
        real.symlink(target, path);
      },
      rename: step(real.rename),
      remove: step(real.remove),
      removeTree: (path) => Promise.resolve(this.#removeTree(path)),
      publish: step(real.publish),
      publishFile: async (path, content, mode) => {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        const temporary = beside(path);
        this.#step(() => Deno.writeFileSync(temporary, half(bytes)));
        await Deno.writeFile(temporary, bytes, { mode });
        this.#step(() => {});
        await Deno.rename(temporary, path);
      },
      publishLink: async (target, path) => {
        const temporary = beside(path);
        this.#step(() => {});
        await Deno.symlink(target, temporary);
        this.#step(() => {});
        await Deno.rename(temporary, path);
      },
    };
  }

  #step(halfway: () => void): void {
    this.count++;
    if (this.count === this.#at && this.#how === "halfway") halfway();
    if (this.count >= this.#at) throw new Killed("killed");
  }

  #removeTree(path: string): void {
    const info = lstat(path);
    if (!info) return;
    if (info.isDirectory) {
      Deno.chmodSync(path, 0o755);
      for (const { name } of [...Deno.readDirSync(path)]) this.#removeTree(`${path}/${name}`);
    }
    this.#step(() => {});
    Deno.removeSync(path);
  }
}

function half(content: Uint8Array): Uint8Array {
  return content.subarray(0, Math.floor(content.length / 2));
}

function beside(path: string): string {
  return `${path.slice(0, path.lastIndexOf("/"))}/${temporaryPrefix}${crypto.randomUUID()}`;
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
