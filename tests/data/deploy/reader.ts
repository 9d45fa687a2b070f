/**
 * Reads a live folder again and again, as an application does, and tells what it should never find.
 *
 * @module
 */

/** What a reader found. */
export interface Findings {
  /** Whole versions that were read. */
  reads: number;
  /** Readings during which the version was replaced twice, so that it was removed. */
  overtaken: number;
  /** What should never be, in words. */
  readonly wrong: string[];
}

/** The files of a version: each begins with the version's own word. */
export function filesOf(version: string, count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let i = 0; i < count; i++) files[`f${i % 5}/${i}`] = `${version} ${i}`.padEnd(300, ".");
  return files;
}

/** Reads `<location>/web` until the signal aborts. */
export async function readOnAndOn(
  location: string,
  count: number,
  signal: AbortSignal,
): Promise<Findings> {
  const findings: Findings = { reads: 0, overtaken: 0, wrong: [] };
  let seen = false;
  while (!signal.aborted) {
    seen = readOnce(`${location}/web`, count, seen, findings);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return findings;
}

/** @returns whether there has been a version */
function readOnce(link: string, count: number, seen: boolean, findings: Findings): boolean {
  let folder: string;
  try {
    folder = Deno.realPathSync(link);
  } catch (error) {
    if (seen) findings.wrong.push(`no version in place: ${error}`);
    return seen;
  }
  const words = new Set<string>();
  try {
    for (let i = 0; i < count; i++) {
      words.add(Deno.readTextFileSync(`${folder}/f${i % 5}/${i}`).split(" ")[0]!);
    }
  } catch (error) {
    if (isThere(folder)) findings.wrong.push(`torn: ${error}`);
    else findings.overtaken++;
    return true;
  }
  if (words.size !== 1) findings.wrong.push(`a mix of ${[...words].join(", ")}`);
  findings.reads++;
  return true;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
