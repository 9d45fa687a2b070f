/**
 * One changed file among many: what is fetched, how long it takes until it is live, and what it costs.
 *
 * @module
 */
import process from "node:process";
import { join } from "node:path";
import { type Figure, median } from "../figure.ts";
import { cpuOf } from "./cost.ts";
import { CountingRelay } from "./relay.ts";
import { type Deployer, Rig } from "./rig.ts";
import { mountTmpfs } from "./tools.ts";
import { changedFile, manySmall, pathOf, treeOf } from "./tree.ts";

/** Changes that count; one more comes first. */
const changes = 9;

/** Most bytes fetched, milliseconds from request to swap, milliseconds of processor time. */
const aim = { bytes: 64 << 10, wall: 120, cpu: 110 };

/** What git-sync takes for the same, on the machine on which the aims were set. */
const peer = "git-sync, polling each second: 0.8 to 1.9 s after the push, 1,100 ms of processor time";

/** What one change took. */
interface Change {
  readonly bytes: number;
  readonly requests: number;
  readonly wall: number;
  readonly cpu: number;
}

/** Measures single changes, one after another; in memory where that can be, so that no disk is measured. */
export async function changeFigures(folder: string): Promise<Figure[]> {
  await using tmpfs = await mountTmpfs(join(folder, "tmpfs"));
  const within = tmpfs?.folder ?? folder;
  await using rig = await Rig.start(folder);
  await using relay = new CountingRelay(rig.repository.url);
  const first = await rig.push(treeOf(manySmall));
  const deployer = await rig.deploy({ url: relay.url, within });
  await deployer.swapped(first);
  await deployer.applied(first);
  const seen: Change[] = [];
  const links: number[] = [];
  for (let n = 0; n <= changes; n++) {
    const change = await oneChange(rig, relay, deployer, n);
    const bare = linksOnly(await Deno.realPath(deployer.live), join(within, "links"));
    if (n === 0) continue;
    seen.push(change);
    links.push(bare);
  }
  return figures(seen, links, tmpfs ? "on tmpfs" : "on the disk of temporary folders");
}

/** Milliseconds of processor time for a tree of hardlinks to another one, and its removal: no deployer takes less. */
function linksOnly(from: string, to: string): number {
  const before = process.cpuUsage();
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) {
    Deno.mkdirSync(join(to, name));
    for (const file of Deno.readDirSync(join(from, name))) {
      Deno.linkSync(join(from, name, file.name), join(to, name, file.name));
    }
  }
  Deno.removeSync(to, { recursive: true });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function oneChange(rig: Rig, relay: CountingRelay, deployer: Deployer, n: number): Promise<Change> {
  const path = pathOf(n * 997 % manySmall.files);
  const version = await rig.push(new Map([[path, changedFile(manySmall.bytes, n)]]));
  const before = { bytes: relay.received, requests: relay.requests, cpu: cpuOf(deployer.pid) };
  const wall = await deployer.swapped(version);
  await deployer.applied(version);
  const cpu = cpuOf(deployer.pid) - before.cpu;
  return { wall, cpu, bytes: relay.received - before.bytes, requests: relay.requests - before.requests };
}

function figures(seen: readonly Change[], links: readonly number[], where: string): Figure[] {
  const of = (what: keyof Change) => seen.map((one) => one[what]);
  const [bytes, wall, cpu] = [median(of("bytes")), median(of("wall")), median(of("cpu"))];
  const shown = (what: keyof Change, digits = 0) =>
    `${median(of(what)).toFixed(digits)} (${Math.min(...of(what)).toFixed(digits)} to ${
      Math.max(...of(what)).toFixed(digits)
    })`;
  const tree = `one changed file among 10,000 files of 100 MB, ${where}`;
  return [
    {
      what: "yardstick: 10,000 hardlinks",
      value: `${median(links).toFixed(0)} ms`,
      meaning:
        `processor time for links to all files and their removal, ${where}: what every whole new tree takes`,
    },
    {
      what: "change, fetched",
      value: `${(bytes / 1024).toFixed(1)} KB`,
      aim: `at most ${aim.bytes >> 10} KB`,
      met: bytes <= aim.bytes,
      meaning: `${tree}: bytes from the repository in ${median(of("requests"))} requests, heads and all`,
    },
    {
      what: "change, request to swap",
      value: `${shown("wall")} ms`,
      aim: `at most ${aim.wall} ms`,
      met: wall <= aim.wall,
      meaning: `from the request in the annotations file until the link leads to the new version; ${peer}`,
    },
    {
      what: "change, deployer",
      value: `${shown("cpu")} ms`,
      aim: `at most ${aim.cpu} ms`,
      met: cpu <= aim.cpu,
      meaning:
        "processor time of the deployer, from the request until the tree that it keeps no more is gone",
    },
  ];
}
