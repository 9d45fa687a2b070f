/**
 * How AutoCrane's programs are run from this checkout.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

/** What a program may do on its machine. */
const permissions = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-sys=hostname,cpus,statfs",
];

/** How V8 is told to use memory where users run the programs: by the task `autocrane`. */
export const v8Flags: readonly string[] = config.tasks.autocrane.command.match(/--v8-flags=\S+/) ?? [];

/** The file that is every program. */
export const entry: string = fileURLToPath(new URL("../cmd/autocrane.ts", import.meta.url));

/** The command that a mode and its arguments follow. */
export const programLine: readonly string[] = [
  Deno.execPath(),
  "run",
  "-q",
  ...v8Flags,
  ...permissions,
  entry,
];
