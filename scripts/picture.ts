/**
 * `deno task picture`: draws docs/demo.svg, a recording of the demo on a terminal, from a real run.
 *
 * @module
 */
import { messageOf } from "../lib/runtime/failure.ts";
import { say } from "./check/say.ts";
import { record } from "./picture/record.ts";
import { svgOf } from "./picture/svg.ts";

const target = new URL("../docs/demo.svg", import.meta.url);

try {
  const size = { columns: 118, rows: 40 };
  const frames = await record([Deno.execPath(), "run", "-q", "-A", "scripts/demo.ts", "--once"], size);
  await Deno.writeTextFile(target, svgOf(frames, size));
  say(`Drew docs/demo.svg: ${frames.length} pictures.`);
} catch (error) {
  say(`Cannot draw the demo: ${messageOf(error)}`);
  Deno.exitCode = 1;
}
