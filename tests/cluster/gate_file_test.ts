import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { answerOf, type GateBody } from "./support/gate.ts";
import { Program } from "./support/program.ts";
import { until } from "./support/wait.ts";

/** A downward API volume as the kubelet keeps it: each version a folder, `..data` a link that is swapped. */
class DownwardVolume {
  readonly path: string;
  #version = 0;

  constructor(readonly folder: string) {
    this.path = join(folder, "annotations");
  }

  /** Writes all annotations anew, as the kubelet's atomic writer does. */
  async write(annotations: Record<string, string>): Promise<void> {
    const version = `..2026_01_31_12_00_00.${++this.#version}`;
    const lines = Object.entries(annotations).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    await Deno.mkdir(join(this.folder, version));
    await Deno.writeTextFile(join(this.folder, version, "annotations"), lines.join("\n"));
    const data = join(this.folder, "..data");
    const old = await Deno.readLink(data).catch(() => undefined);
    await Deno.symlink(version, `${data}_tmp`);
    await Deno.rename(`${data}_tmp`, data);
    if (old === undefined) await Deno.symlink("..data/annotations", this.path);
    else await Deno.remove(join(this.folder, old), { recursive: true });
  }
}

/** A gate that reads a volume: no kubeconfig, no service account, no cluster. */
async function onVolume(
  body: (gate: Program, volume: DownwardVolume) => Promise<void>,
  args: string[] = [],
  prepare: (volume: DownwardVolume) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "podinfo"));
    const volume = new DownwardVolume(join(folder, "podinfo"));
    await prepare(volume);
    const settings = [`--Pod:AnnotationsFile=${volume.path}`, ...args];
    await using gate = await Program.start({ mode: "watchdoghealthz", args: settings, folder });
    await body(gate, volume);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const answers = (gate: Program, what: string, fits: (body: GateBody) => boolean) =>
  until(`the gate answers ${what}`, async () => {
    const body = await answerOf(gate);
    return fits(body) && body;
  });

const status = (level: string, message: string) => ({
  "status.autocrane.io/disk": `${level}/${new Date().toISOString().slice(0, 19)}/${message}`,
});

Deno.test("from a downward API file the gate follows its pod, through the kubelet's swaps", async () => {
  await onVolume(
    async (gate, volume) => {
      await answers(gate, "200", ({ status }) => status === 200);
      await volume.write({ ...status("error", 'disk "C:\\data"\nis full…'), note: "a=b\n\tc" });
      const bad = await answers(gate, "500", ({ status }) => status === 500);
      deepEqual(bad.waitingFor[0], 'watchdog disk: disk "C:\\data" is full…');
      for (let i = 0; i < 30; i++) await volume.write(status("error", `swap ${i}`));
      await answers(gate, "the newest", ({ waitingFor }) => waitingFor[0] === "watchdog disk: swap 29");
      await volume.write(status("info", "error cleared"));
      const cleared = await answers(gate, "what it waits for", ({ waitingFor }) => waitingFor.length === 1);
      match(cleared.waitingFor[0]!, /^[12] s more without watchdog errors$/);
      const well = await answers(gate, "200 again", ({ status }) => status === 200);
      ok(well.ageSeconds! <= 1 && well.stale === undefined, "what is read twice a second is not old");
    },
    ["--Watchdogs:MinReadySeconds=2"],
    (volume) => volume.write({ "autocrane.io/started": "2026-01-31T12:00:00Z" }),
  );
});

Deno.test("without its file the gate answers 500 and why; one that goes leaves the last known state", async () => {
  await onVolume(async (gate, volume) => {
    const none = await answers(gate, "why", ({ stale }) => stale !== undefined);
    deepEqual([none.status, none.ageSeconds], [500, undefined]);
    match(none.stale!, /^cannot read .+annotations: No such file or directory/);
    await gate.said("cannot read the annotations file", { error: /No such file/ });

    await volume.write({});
    await answers(gate, "200", ({ status, stale }) => status === 200 && stale === undefined);
    await Deno.remove(volume.path);
    const gone = await answers(gate, "an age", ({ stale, ageSeconds }) => !!stale && ageSeconds! >= 1);
    equal(gone.status, 200);
  });
});

Deno.test("a file that is none of the kubelet's is trouble that names the line", async () => {
  await onVolume(
    async (gate) => {
      const body = await answers(gate, "why", ({ stale }) => stale !== undefined);
      equal(body.status, 500);
      match(body.stale!, /^cannot read .+: line 2 is not key="value"$/);
    },
    [],
    (volume) => Deno.writeTextFile(volume.path, 'a="1"\nhello\n'),
  );
});
