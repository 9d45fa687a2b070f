/**
 * A program for a test to kill: it guards processes that ignore SIGTERM, and a folder.
 *
 * @module
 */
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { Guard } from "../../lib/runtime/guard.ts";
import { writeOut } from "../../lib/runtime/output.ts";

const folder = Deno.args[0]!;
const guard = Guard.start({ clock });
await guard.remove(folder);
const decoder = new TextDecoder();
let child = "";
let known = false;
const parent = await guard.run({
  line: ["/bin/sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait"],
  env: { PATH: "/usr/bin:/bin" },
  cwd: folder,
  output: (bytes) => {
    child += decoder.decode(bytes);
    tell();
  },
});
const other = await guard.run({
  line: ["/bin/sh", "-c", "exec sleep 600"],
  env: { PATH: "/usr/bin:/bin" },
  cwd: folder,
  output: () => {},
});
known = true;
tell();

/** Says the ids of all three, once they are known. */
function tell(): void {
  if (!known || !child.includes("\n")) return;
  writeOut(`${parent.pid} ${other.pid} ${child.trim()}\n`);
}
