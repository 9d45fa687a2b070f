/**
 * Generates the Kubernetes client in `k8s/` from the OpenAPI documents in `k8s/spec`.
 *
 * `--check` writes nothing and fails when the committed files differ. `--update` renews the documents first.
 */
import { parseArgs } from "node:util";
import { say } from "./check/say.ts";
import { format } from "./generate/format.ts";
import { HEADER } from "./generate/module.ts";
import { sources } from "./generate/modules.ts";
import { readSpec } from "./generate/spec.ts";
import { updateSpec } from "./generate/update.ts";

const ROOT = new URL("../", import.meta.url);
const CLIENT = new URL("k8s/", ROOT);
const SPEC = new URL("spec/", CLIENT);

/** Every generated file by its name, as it should stand in `k8s/`. */
export function generate(): Promise<Map<string, string>> {
  return format(sources(readSpec(SPEC)), new URL("deno.json", ROOT));
}

/** The names of the files that are not what the generator would write, or that it would no longer write. */
export function differing(files: Map<string, string>): string[] {
  const present = new Map(
    [...Deno.readDirSync(CLIENT)].filter(({ name }) => name.endsWith(".ts")).map(({ name }) => [
      name,
      Deno.readTextFileSync(new URL(name, CLIENT)),
    ]),
  );
  const stale = [...files].filter(([name, text]) => present.get(name) !== text);
  const leftOver = [...present].filter(([name, text]) => !files.has(name) && text.startsWith(HEADER));
  return [...stale, ...leftOver].map(([name]) => name);
}

async function main(): Promise<number> {
  const options = { check: { type: "boolean" }, update: { type: "boolean" } } as const;
  const { values } = parseArgs({ args: Deno.args, options });
  if (values.update) await updateSpec(SPEC);

  const files = await generate();
  const stale = differing(files);
  if (values.check) {
    if (stale.length === 0) return 0;
    say(`k8s/ is not what scripts/generate.ts writes: ${stale.join(", ")}. Run: deno task generate`);
    return 1;
  }
  for (const name of stale) await renew(new URL(name, CLIENT), files.get(name));
  say(stale.length === 0 ? "k8s/ is up to date." : `Renewed ${stale.join(", ")}.`);
  return 0;
}

function renew(file: URL, text: string | undefined): Promise<void> {
  return text === undefined ? Deno.remove(file) : Deno.writeTextFile(file, text);
}

if (import.meta.main) Deno.exit(await main());
