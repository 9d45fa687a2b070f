/**
 * One large blob to several clients, beside nginx with the same file.
 *
 * @module
 */
import { randomFillSync } from "node:crypto";
import { join } from "node:path";
import { parseManifest } from "../../../lib/data/version/parse_manifest.ts";
import { Guarded } from "../../../scripts/cluster/process.ts";
import type { Upstream } from "../../../scripts/demo/upstream.ts";
import { source } from "../../cluster/support/data_ground.ts";
import { until } from "../../cluster/support/wait.ts";
import { type Figure, median } from "../figure.ts";
import { cpuOfAll } from "./cost.ts";
import { missingTool, run } from "./tools.ts";
import { Rig } from "./rig.ts";

const bytes = 256 << 20;
const clients = 4;
/** Rounds that count, of each server by turns; one more comes first. */
const rounds = 7;
/** Least part of what nginx serves a second. */
const aim = 0.9;

interface Round {
  /** Bytes a second. */
  readonly rate: number;
  /** Milliseconds of the server's processor time a gigabyte. */
  readonly cpu: number;
}

/** Somebody who serves the blob. */
interface Server {
  readonly url: string;
  readonly pids: readonly number[];
}

/** Measures both servers, turn by turn. */
export async function serveFigures(folder: string): Promise<Figure[]> {
  const missing = await missingTool("nginx", "curl");
  if (missing !== undefined) return [{ what: "blob to 4 clients", value: "skipped", meaning: missing }];
  await using rig = await Rig.start(folder, oneLargeFile);
  const ours = await repositoryWithBlob(rig);
  const file = join(folder, "blob");
  await run("curl", ["-sf", "-o", file, ours.url]);
  await using nginx = await startNginx(folder, rig.address(240));
  const seen = { ours: [] as Round[], nginx: [] as Round[] };
  for (let n = 0; n <= rounds; n++) {
    const [theirs, own] = [await download(nginx), await download(ours)];
    if (n === 0) continue;
    seen.nginx.push(theirs);
    seen.ours.push(own);
  }
  return figures(seen.ours, seen.nginx);
}

/** One file that does not compress, there from the beginning: its layer is hardly larger. */
async function oneLargeFile(folder: string): Promise<Upstream> {
  await Deno.writeFile(join(folder, "large"), noise());
  return { spec: `dir:${folder}`, publish: () => Promise.resolve("") };
}

async function repositoryWithBlob(rig: Rig): Promise<Server> {
  const { digest } = await rig.push(new Map());
  const base = `${rig.repository.url}/v2/${source}`;
  const manifest = parseManifest(await (await fetch(`${base}/manifests/${digest}`)).bytes());
  const [layer] = [...manifest.layers].sort((a, b) => b.size - a.size);
  return { url: `${base}/blobs/${layer!.digest}`, pids: [rig.repository.program.process.pid] };
}

function noise(): Uint8Array {
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1 << 20) randomFillSync(content, at, 1 << 20);
  return content;
}

async function startNginx(folder: string, address: string): Promise<Server & AsyncDisposable> {
  const config = join(folder, "nginx.conf");
  await Deno.writeTextFile(
    config,
    `${Deno.uid() === 0 ? "user root;" : ""}
worker_processes auto;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  ${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder}/${one};`)
        .join(" ")
    }
  server { listen ${address}:8080; root ${folder}; }
}
`,
  );
  const nginx = await Guarded.start({
    command: "nginx",
    args: ["-c", config, "-p", folder],
    log: join(folder, "nginx.log"),
  });
  const url = `http://${address}:8080/blob`;
  await until("nginx answers", async () => {
    const answer = await fetch(url, { method: "HEAD" });
    return answer.ok;
  });
  return {
    url,
    pids: [nginx.pid, ...childrenOf(nginx.pid)],
    [Symbol.asyncDispose]: async () => void await nginx.terminate(),
  };
}

function childrenOf(pid: number): number[] {
  return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(
    Number,
  );
}

/** All clients fetch the whole blob at once. */
async function download({ url, pids }: Server): Promise<Round> {
  const before = cpuOfAll(pids);
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, () => run("curl", ["-sf", "-o", "/dev/null", url])));
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuOfAll(pids) - before;
  return { rate: clients * bytes / seconds, cpu: cpu / (clients * bytes / 1e9) };
}

function figures(ours: readonly Round[], nginx: readonly Round[]): Figure[] {
  const rate = (rounds: readonly Round[]) => median(rounds.map((one) => one.rate));
  const cpu = (rounds: readonly Round[]) => median(rounds.map((one) => one.cpu)).toFixed(0);
  const shown = (rounds: readonly Round[]) => `${(rate(rounds) / 1e9).toFixed(2)} GB/s`;
  const ratio = median(ours.map((one, n) => one.rate / nginx[n]!.rate));
  return [
    {
      what: "yardstick: nginx",
      value: shown(nginx),
      meaning: `one 256 MB file to ${clients} clients (curl) at once; ${
        cpu(nginx)
      } ms of processor time a GB`,
    },
    {
      what: "blob",
      value: shown(ours),
      meaning: `one layer of 256 MB from the repository to the same clients; ${
        cpu(ours)
      } ms of processor time a GB`,
    },
    {
      what: "blob / nginx",
      value: ratio.toFixed(2),
      aim: `at least ${aim}`,
      met: ratio >= aim,
      meaning: `the same as a ratio, the median of ${ours.length} pairs`,
    },
  ];
}
