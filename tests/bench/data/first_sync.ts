/**
 * A first sync, beside the unpacking of the same files by `zstd -d | tar x`, and the memory that it takes.
 *
 * @module
 */
import { join } from "node:path";
import type { DataVersion } from "../../../lib/contract/data_version.ts";
import { source } from "../../cluster/support/data_ground.ts";
import { type Figure, median } from "../figure.ts";
import { cpuOf, peakMemory } from "./cost.ts";
import { missingTool, mountTmpfs, run } from "./tools.ts";
import { type Deployer, Rig } from "./rig.ts";
import { manySmall, treeOf } from "./tree.ts";

/** First syncs, each of a deployer of its own. */
const rounds = 7;

/** Most times that a first sync may take of `zstd -d | tar x`, and most anonymous memory, MiB. */
const aim = { ratio: 3, memory: 64 };

interface Sync {
  readonly wall: number;
  readonly cpu: number;
  /** The most anonymous memory, MiB. */
  readonly peak: number;
  /** `zstd -d | tar x` of the same version. */
  readonly unpacked: { readonly wall: number; readonly cpu: number };
}

/** Measures first syncs and unpackings turn by turn, in memory, so that no disk is measured. */
export async function firstSyncFigures(folder: string): Promise<Figure[]> {
  const missing = await missingTool("zstd", "tar", "curl");
  if (missing !== undefined) return [{ what: "first sync", value: "skipped", meaning: missing }];
  await using tmpfs = await mountTmpfs(join(folder, "tmpfs"));
  if (!tmpfs) return [{ what: "first sync", value: "skipped", meaning: "only root can mount a tmpfs" }];
  await using rig = await Rig.start(folder);
  const version = await rig.push(treeOf(manySmall));
  const archive = join(tmpfs.folder, "archive.tar.zst");
  await run("curl", ["-sf", "-o", archive, `${rig.repository.url}/${source}/${version.path}`]);
  const seen: Sync[] = [];
  for (let n = 0; n < rounds; n++) {
    const unpacked = await unpack(archive, tmpfs.folder);
    await using deployer = await rig.deploy({ within: tmpfs.folder });
    seen.push({ unpacked, ...await oneSync(deployer, version) });
  }
  return figures(seen);
}

async function oneSync(deployer: Deployer, version: DataVersion): Promise<Omit<Sync, "unpacked">> {
  const before = cpuOf(deployer.pid);
  let wall = 0;
  const peak = await peakMemory(deployer.pid, async () => {
    wall = await deployer.swapped(version);
    await deployer.applied(version);
  });
  return { wall, cpu: cpuOf(deployer.pid) - before, peak };
}

/** What people would do by hand. */
async function unpack(archive: string, within: string): Promise<Sync["unpacked"]> {
  const folder = await Deno.makeTempDir({ dir: within });
  try {
    const began = performance.now();
    const line = 'TIMEFORMAT="%U %S"; time { zstd -dc "$1" | tar x -C "$2"; }';
    const times = await run("bash", ["-c", line, "unpack", archive, folder]);
    const wall = performance.now() - began;
    const [user, system] = times.trim().split(" ").map(Number);
    if ((await Array.fromAsync(Deno.readDir(join(folder, "part-000")))).length !== 100) {
      throw new Error(`zstd and tar did not unpack ${archive} whole`);
    }
    return { wall, cpu: 1000 * (user! + system!) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function figures(seen: readonly Sync[]): Figure[] {
  const wall = median(seen.map((one) => one.wall));
  const hand = median(seen.map(({ unpacked }) => unpacked.wall));
  const ratio = median(seen.map((one) => one.wall / one.unpacked.wall));
  const memory = Math.max(...seen.map(({ peak }) => peak));
  const cpu = median(seen.map((one) => one.cpu)) / median(seen.map(({ unpacked }) => unpacked.cpu));
  return [
    {
      what: "yardstick: zstd -d | tar x",
      value: `${hand.toFixed(0)} ms`,
      meaning: "the same version as one archive, 10,000 files of 100 MB, on tmpfs: nothing is verified",
    },
    {
      what: "first sync",
      value: `${wall.toFixed(0)} ms`,
      meaning:
        `from the request to the swap, over HTTP, verified; ${cpu.toFixed(1)} times the processor time; ` +
        "git-sync: 1,840 ms",
    },
    {
      what: "first sync / (zstd -d | tar x)",
      value: ratio.toFixed(2),
      aim: `at most ${aim.ratio}`,
      met: ratio <= aim.ratio,
      meaning: `the same as a ratio, the median of ${seen.length} pairs`,
    },
    {
      what: "first sync, memory",
      value: `${memory.toFixed(0)} MiB`,
      aim: `at most ${aim.memory} MiB`,
      met: memory <= aim.memory,
      meaning: `the deployer's anonymous memory at its highest in any of ${seen.length} first syncs`,
    },
  ];
}
