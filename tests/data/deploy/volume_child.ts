/**
 * A process that puts versions into a volume: `volume_child.ts LOCATION LAYOUT STEPS`, the last as JSON: versions,
 * `fill` (the next one finds a disk that fills up on the way), `free`, or `read-only`. Prints what came of it.
 *
 * @module
 */
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { faultOf } from "../../../lib/data/deploy/faults.ts";
import { Location } from "../../../lib/data/deploy/location.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import { layoutSource } from "../../../lib/data/fetch/layout_source.ts";
import { messageOf } from "../../../lib/runtime/failure.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { silentLog as log } from "../../support/silent_log.ts";
import { run } from "../version/support.ts";
import { namesIn } from "./stage.ts";

const [path, layout, json] = Deno.args as [string, string, string];
const steps: (DataVersion | "fill" | "free" | "read-only")[] = JSON.parse(json);
const location = new Location(path, { files: systemFiles(), clock, log });
const faults: string[] = [];
const messages: string[] = [];

/** Takes the room after it was looked for: another program may do so at any time. */
async function place(version: DataVersion, fill: boolean): Promise<void> {
  const real = layoutSource(layout);
  const read: typeof real.read = async (digest, range, signal) => {
    if (fill && range.length > 100_000) await Deno.writeFile(`${path}/others`, new Uint8Array(1_500_000));
    return await real.read(digest, range, signal);
  };
  try {
    const asked = () => [version.digest];
    const { signal } = new AbortController();
    await location.place({ name: "web", version, source: { ...real, read }, tell: false, asked }, signal);
    faults.push("applied");
    messages.push("");
  } catch (error) {
    faults.push(faultOf(error));
    messages.push(messageOf(error));
  }
}

const versions = steps.filter((step) => typeof step === "object");
const fills = steps.includes("fill");
if (fills) {
  await place(versions[0]!, false);
  await place(versions[1]!, true);
  await Deno.remove(`${path}/others`);
  await place(versions[1]!, false);
} else {
  for (const step of steps) {
    if (step === "read-only") await run("mount", ["-o", "remount,ro", path]);
    else await place(step as DataVersion, false);
  }
}
const content = `${Deno.statSync(`${path}/web/a`).size}`;
Deno.stdout.writeSync(
  new TextEncoder().encode(JSON.stringify({ faults, messages, content, names: namesIn(path) })),
);
