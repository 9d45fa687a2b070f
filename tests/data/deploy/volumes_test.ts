import { deepEqual, equal, match } from "node:assert/strict";
import { inFolder } from "../version/support.ts";
import { Upstream } from "../fetch/upstream.ts";

const script = new URL("./volume_child.ts", import.meta.url).pathname;

/** Whether this user may mount: without that these tests cannot be. */
const mayMount = await (async () => {
  try {
    const args = ["-m", "sh", "-c", "mount -t tmpfs none /mnt"];
    return (await new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
})();

/** What a deployer in a mount namespace of its own did. */
interface Outcome {
  readonly faults: readonly string[];
  readonly messages: readonly string[];
  readonly content: string;
  readonly names: readonly string[];
}

/** Mounts a volume, puts the versions into it, one after the other, and tells how that went. */
async function onVolume(folder: string, mount: string, versions: readonly unknown[]): Promise<Outcome> {
  const command = `${mount} && exec "$@"`;
  const run = [Deno.execPath(), "run", "-q", "-A", "--no-check", script];
  const args = [`${folder}/data`, `${folder}/upstream/layout`, JSON.stringify(versions)];
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", command, "sh", ...run, ...args],
    env: { DATA: `${folder}/data` },
  }).output();
  const decoder = new TextDecoder();
  equal(success, true, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

function withVersions(
  things: readonly Record<string, Uint8Array>[],
  work: (folder: string, versions: unknown[]) => Promise<void>,
): Promise<void> {
  return inFolder(async (folder) => {
    using upstream = await Upstream.open(`${folder}/upstream`);
    const versions = [];
    for (const thing of things) versions.push(await upstream.make(thing));
    await Deno.mkdir(`${folder}/data`);
    await work(folder, versions);
  });
}

const random = (bytes: number) => {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
  return all;
};

Deno.test({
  name: "a version for which there is no room is refused before anything is written, and the next one fits",
  ignore: !mayMount,
  fn: () =>
    withVersions(
      [{ a: random(100_000) }, { a: random(3_000_000) }, { a: random(200_000) }],
      async (folder, versions) => {
        const outcome = await onVolume(folder, 'mount -t tmpfs -o size=2m none "$DATA"', versions);
        deepEqual(outcome.faults, ["applied", "disk", "applied"]);
        match(
          outcome.messages[1]!,
          /^Too little room in ".+": about 30\d\d kB are needed, 1\d\d\d kB are free/,
        );
        equal(outcome.content, "200000");
      },
    ),
});

Deno.test({
  name:
    "a disk that fills up while a version is written keeps what is in place, and goes on once there is room",
  ignore: !mayMount,
  fn: () =>
    withVersions(
      [{ a: random(100_000) }, { a: random(900_000), b: random(900_000) }],
      async (folder, versions) => {
        const outcome = await onVolume(folder, 'mount -t tmpfs -o size=3m none "$DATA"', [
          ...versions,
          "fill",
          "free",
        ]);
        deepEqual(outcome.faults, ["applied", "disk", "applied"]);
        match(outcome.messages[1]!, /No space left on device/);
        equal(outcome.content, "900000");
      },
    ),
});

Deno.test({
  name: "a folder that is read-only is told, and what is in it stays in place",
  ignore: !mayMount,
  fn: () =>
    withVersions([{ a: random(1000) }, { a: random(2000) }], async (folder, versions) => {
      const mount = 'mount -t tmpfs none "$DATA"';
      const outcome = await onVolume(folder, mount, [versions[0], "read-only", versions[1]]);
      deepEqual(outcome.faults, ["applied", "disk"]);
      match(outcome.messages[1]!, /Read-only file system/);
      equal(outcome.content, "1000");
    }),
});
