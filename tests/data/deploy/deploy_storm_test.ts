/** Slow: kills deployers, as processes, at random instants, while somebody reads. */
import { deepEqual, ok } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { serveRegistry } from "../fetch/upstream.ts";
import { command } from "../../cmd/run.ts";
import { annotationsOf, writeAnnotations } from "./pod.ts";
import { filesOf, readOnAndOn } from "./reader.ts";
import { expectNothingLeft, expectTree, onStage, type Stage } from "./stage.ts";
import type { Made } from "../fetch/upstream.ts";

const fileCount = 60;

/** How a version is named in its own files, and its number in the order in which they were made. */
const names = ["one", "two", "three"];

async function makeAll({ upstream }: Stage): Promise<Made[]> {
  const made: Made[] = [];
  for (const [index, name] of names.entries()) {
    const large = new Uint8Array(1_200_000).map((_, i) => (i * (index + 3)) % 251);
    made.push(await upstream.make({ ...filesOf(name, fileCount), large, shared: "the same in all" }));
  }
  return made;
}

/** Runs `storm` while somebody reads; afterwards a version is put in place and nothing else may be there. */
async function whileReading(stage: Stage, storm: (versions: Made[]) => Promise<void>): Promise<void> {
  const versions = await makeAll(stage);
  const stop = new AbortController();
  const reading = readOnAndOn(stage.path, fileCount, stop.signal);
  try {
    await storm(versions);
  } finally {
    stop.abort();
  }
  const { reads, overtaken, wrong } = await reading;
  deepEqual(wrong, []);
  ok(reads > 100 && overtaken < reads / 20, `${reads} readings, ${overtaken} overtaken`);
  for (const version of versions.slice(0, 2)) await stage.place(stage.open(), version);
  await expectTree(stage, "tree-2");
  expectNothingLeft(stage, { versions: versions.slice(0, 2), links: ["web"] });
}

/** Starts a process, waits until it says a word, lets it run for a moment, and kills it. */
async function killOne(child: Deno.ChildProcess, word: RegExp, ms: number): Promise<void> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = "";
    while (!word.test(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the process ended by itself: ${text}`);
      text += value;
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  }
}

Deno.test("400 deployers are killed, two at a time: readers see only whole versions, nothing is left", () =>
  onStage(async (stage) => {
    await whileReading(stage, async (versions) => {
      const script = new URL("./victim.ts", import.meta.url).pathname;
      const args = [
        "run",
        "-q",
        "-A",
        "--no-check",
        script,
        stage.path,
        stage.upstream.layout,
        JSON.stringify(versions),
      ];
      const worker = async () => {
        for (let kills = 0; kills < 200; kills++) {
          const child = new Deno.Command(Deno.execPath(), {
            args,
            stdin: "null",
            stdout: "piped",
            stderr: "inherit",
          })
            .spawn();
          await killOne(child, /ready/, Math.random() * 60);
        }
      };
      await Promise.all([worker(), worker()]);
    });
  }));

Deno.test("the program itself is killed 80 times, also while it starts, and gets there", () =>
  onStage(async (stage) => {
    const file = `${stage.folder}/annotations`;
    await using registry = serveRegistry((digest) => stage.upstream.read(digest));
    const start = () => {
      const args = ["--Pod:AnnotationsFile", file, "--LISTEN_PORT=0", "--LISTEN_HOST=127.0.0.1"];
      return command(args, { program: "datadeploy" }).spawn();
    };
    await whileReading(stage, async (versions) => {
      const ask = (turn: number) => {
        const requests = { web: versions[turn % versions.length] };
        return writeAnnotations(file, annotationsOf({ url: registry.url, location: stage.path, requests }));
      };
      for (let kills = 0; kills < 80; kills++) {
        await ask(kills);
        const child = start();
        const said = child.stderr.pipeTo(new WritableStream()).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 80 + Math.random() * 250));
        await ask(kills + 1);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
        child.kill("SIGKILL");
        await Promise.all([child.status, child.stdout.cancel(), said]);
      }
      const child = start();
      const said = child.stderr.pipeTo(new WritableStream()).catch(() => {});
      try {
        const wanted = versions[80 % versions.length]!.digest.slice(7);
        await until(
          "the last version is in place",
          () => Deno.readLinkSync(`${stage.path}/web`).endsWith(wanted),
        );
      } finally {
        child.kill("SIGKILL");
        await Promise.all([child.status, child.stdout.cancel(), said]);
      }
    });
  }));
