/**
 * Unpacks a version from a layout folder.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import { exitCode, Failure, messageOf } from "../../runtime/failure.ts";
import { readIndex } from "../version/layout.ts";
import { buildTree } from "./build_tree.ts";
import { systemFiles } from "./files.ts";
import { layoutSource } from "./layout_source.ts";
import { readVersion } from "./read_version.ts";
import { statOf } from "./stamp.ts";

/** What was unpacked. */
export interface Unpacked {
  readonly digest: Digest;
  /** Files, links and empty folders. */
  readonly entries: number;
}

/**
 * Unpacks the only version of a layout, or the one with this tag or digest, into a new folder. The folder appears
 * whole or not at all.
 *
 * @param name a tag or a digest
 * @throws Failure where the layout has no such version, the folder is there already, or something is wrong
 */
export async function unpackLayout(
  layout: string,
  folder: string,
  signal: AbortSignal,
  name?: string,
): Promise<Unpacked> {
  const to = folder.replace(/(?<=.)\/+$/, "");
  const digest = await choose(layout, name);
  if (statOf(to)) {
    throw new Failure(
      `Cannot unpack into "${to}": it is there already. Name a new folder.`,
      exitCode.couldNot,
    );
  }
  const source = layoutSource(layout);
  const { layers } = await readVersion({ source, digest }, signal);
  const files = systemFiles();
  const target = `${to}.partial-${crypto.randomUUID()}`;
  try {
    await buildTree({ source, layers, target, files }, signal);
    files.rename(target, to);
  } catch (cause) {
    if (statOf(target)) await files.removeTree(target);
    if (cause instanceof Failure || signal.aborted) throw cause;
    throw new Failure(`Cannot unpack into "${to}": ${messageOf(cause)}`, exitCode.couldNot, { cause });
  }
  return { digest, entries: layers.reduce((sum, { entries }) => sum + entries.length, 0) };
}

async function choose(layout: string, name: string | undefined): Promise<Digest> {
  const all = await readIndex(layout);
  const named = name === undefined ? all : all.filter(({ tag, digest }) => tag === name || digest === name);
  if (named.length === 1) return named[0]!.digest;
  const which = name === undefined ? "versions" : `versions "${name}"`;
  const known = all.map(({ tag, digest }) => tag ?? digest).join(", ") || "none";
  throw new Failure(
    `Cannot tell which version of the layout ${layout} is meant: it has ${named.length} ${which}. It has: ${known}.`,
    named.length === 0 ? exitCode.notFound : exitCode.wrongUse,
  );
}
