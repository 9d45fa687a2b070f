/**
 * `deno task bench [PART...]`: what AutoCrane costs, beside yardsticks of the same machine. `data` stands for every
 * part that begins so.
 *
 * @module
 */
import { dataParts } from "./data.ts";
import { decisionFigures } from "./decision.ts";
import { type Figure, tableOf } from "./figure.ts";
import { memoryFigures } from "./memory.ts";
import { probeFigures } from "./probe.ts";

/** What can be measured, in this order where nothing is named. */
const parts: Readonly<Record<string, (folder: string) => Promise<Figure[]>>> = {
  decision: decisionFigures,
  probe: probeFigures,
  memory: memoryFigures,
  ...dataParts,
};

const encoder = new TextEncoder();

function say(text: string): void {
  Deno.stdout.writeSync(encoder.encode(text));
}

async function measure(names: readonly string[]): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "autocrane-bench-" });
  try {
    const figures: Figure[] = [];
    for (const name of names) figures.push(...await parts[name]!(folder));
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const asked = Deno.args.flatMap((name) => name === "data" ? Object.keys(dataParts) : [name]);
const names = asked.length > 0 ? asked : Object.keys(parts);
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  say(`There is no part "${unknown}": expected ${Object.keys(parts).join(", ")}.\n`);
  Deno.exit(2);
}
say(`Measuring ${names.join(", ")}: about 25 minutes for all.\n`);
say(tableOf(await measure(names)));
Deno.exit(0);
