/**
 * `deno task ok`: everything that a change must pass, in under two minutes. The quick tests only: `deno task test`
 * runs the ones against a real control plane as well.
 *
 * @module
 */
import { runTests, slow, summary } from "./check/run_tests.ts";
import { say } from "./check/say.ts";

const sources = ["cmd", "lib", "k8s", "scripts", "tests", "mod.ts"];

/** One check: what `deno` is run with. */
const checks: Readonly<Record<string, readonly string[]>> = {
  "the lock file is in step": ["install", "--frozen", "--entrypoint", "cmd/autocrane.ts"],
  format: ["fmt", "--check", "-q"],
  lint: ["lint", "-q"],
  types: ["check", "-q", ...sources],
  docs: ["doc", "--lint", "mod.ts", "k8s/mod.ts"],
  "examples in docs": ["test", "-q", "-A", "--doc", "--no-check", "lib", "mod.ts"],
  "generated code in step": ["task", "-q", "generate", "--check"],
};

/** Runs one check; prints what it said where it fails. */
async function passes(name: string, args: readonly string[]): Promise<boolean> {
  const began = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args] }).output();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`${success ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (!success) { for (const output of [stdout, stderr]) Deno.stdout.writeSync(output); }
  return success;
}

let failed = 0;
for (const [name, args] of Object.entries(checks)) if (!await passes(name, args)) failed++;
const jobs = navigator.hardwareConcurrency;
const counts = await runTests(["tests"], { ignore: [...slow], jobs, terse: true });
say(summary(counts));
if (failed > 0 || counts.failed > 0) {
  say(`Not ok: ${failed} checks and ${counts.failed} tests failed.`);
  Deno.exit(1);
}
say("All is well.");
