/**
 * A process that puts versions in place, one after the other, until it is killed: `victim.ts LOCATION LAYOUT
 * VERSIONS`, the last as JSON.
 *
 * @module
 */
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { Location } from "../../../lib/data/deploy/location.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import { layoutSource } from "../../../lib/data/fetch/layout_source.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { silentLog as log } from "../../support/silent_log.ts";

const [path, layout, json] = Deno.args;
const versions: DataVersion[] = JSON.parse(json!);
const source = layoutSource(layout!);
const { signal } = new AbortController();
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
for (let turn = Math.floor(Math.random() * versions.length);; turn++) {
  // As after a restart: nothing is remembered.
  const location = new Location(path!, { files: systemFiles(), clock, log });
  const version = versions[turn % versions.length]!;
  const asked = () => [version.digest];
  await location.place({ name: "web", version, source, tell: false, asked }, signal);
}
