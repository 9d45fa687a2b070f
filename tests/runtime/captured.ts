/**
 * What a program says on its standard output and standard error while a test runs it.
 *
 * @module
 */

/** One run's result and its words. */
export interface Captured<T> {
  readonly result: T;
  readonly out: string;
  readonly err: string;
}

/** Runs `work` and keeps what it writes synchronously, instead of showing it. */
export async function captured<T>(work: () => Promise<T>): Promise<Captured<T>> {
  const said = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  const names = ["stdout", "stderr"] as const;
  const before = names.map((name) => Deno[name].writeSync);
  for (const name of names) {
    Deno[name].writeSync = (bytes) => {
      said[name] += decoder.decode(bytes);
      return bytes.length;
    };
  }
  try {
    const result = await work();
    return { result, out: said.stdout, err: said.stderr };
  } finally {
    names.forEach((name, i) => Deno[name].writeSync = before[i]!);
  }
}
