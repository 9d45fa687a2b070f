/** Formats sources as `deno fmt` does, with the repository's settings. */
import { fileURLToPath } from "node:url";

/** Runs `deno fmt` on every source. Throws with its message when one does not parse. */
export async function format(sources: Map<string, string>, config: URL): Promise<Map<string, string>> {
  const formatted = new Map<string, string>();
  for (const [name, source] of sources) formatted.set(name, await formatOne(name, source, config));
  return formatted;
}

async function formatOne(name: string, source: string, config: URL): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", fileURLToPath(config), "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // The output must be read while the input is written, or both wait once a pipe is full.
  const output = command.output();
  await new Blob([source]).stream().pipeTo(command.stdin);
  const { success, stdout, stderr } = await output;
  if (!success) throw new Error(`Cannot format ${name}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
