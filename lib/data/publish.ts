/**
 * The one way in which files and folders of data appear: whole or not at all, and on the disk.
 *
 * @module
 */

/** Writes a file under a temporary name, and puts it in its place once it is on the disk. */
export async function publishFile(path: string, content: Uint8Array | string, mode = 0o644): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeSynced(temporary, content, mode);
    await publish(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Puts what is finished under `from` in its place. Replaces a file or link at `to`. Both are in one file system;
 * the content of `from` is on the disk already ({@link syncPath}).
 */
export async function publish(from: string, to: string): Promise<void> {
  await Deno.rename(from, to);
  await syncPath(folderOf(to));
}

/** Makes, or replaces, a symbolic link in one step. */
export async function publishLink(target: string, path: string): Promise<void> {
  const temporary = temporaryBeside(path);
  await Deno.symlink(target, temporary);
  try {
    await publish(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Waits until a file's content, or a folder's list of names, is on the disk. */
export async function syncPath(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

/** Names with this beginning are unfinished: whoever owns the folder removes them when it starts. */
export const temporaryPrefix = ".tmp-";

function temporaryBeside(path: string): string {
  return `${folderOf(path)}/${temporaryPrefix}${crypto.randomUUID()}`;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

async function writeSynced(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.sync();
}
