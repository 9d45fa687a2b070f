import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { expectNothingLeft, expectTree, namesIn, onStage } from "./stage.ts";

const large = new Uint8Array(2_500_000).map((_, i) => i % 253);
const changed = large.map((byte, i) => i === 1_500_000 ? byte ^ 1 : byte);

Deno.test("a version is put in place whole, and the one before is kept", () =>
  onStage(async (stage) => {
    const { upstream, path, open, place } = stage;
    const versions = [
      await upstream.make({
        "a": "1",
        "sub/b": "2",
        "run": { program: "x" },
        "hollow/": "",
        "l": { link: "sub/b" },
      }),
      await upstream.make({ "a": "changed", "sub/b": "2", "l": { link: "a" } }),
      await upstream.make({ "a": "again", "new/deep/c": "3" }),
    ];
    const location = open();
    for (const [index, version] of versions.entries()) {
      const before = await place(location, version);
      equal(before, versions[index - 1]?.digest);
      await expectTree(stage, `tree-${index + 1}`);
    }
    expectNothingLeft(stage, { versions: versions.slice(1), links: ["web"] });
    equal(await Deno.readLink(`${path}/web`), `.versions/${versions[2]!.digest.slice(7)}`);
  }));

Deno.test("files that did not change are the same files, and only what changed is fetched", () =>
  onStage(async (stage) => {
    const { upstream, path, open, place } = stage;
    const things: Record<string, string | Uint8Array> = { large };
    for (let i = 0; i < 2000; i++) things[`f${i % 20}/${i}`] = `file ${i} `.repeat(50);
    const first = await upstream.make(things);
    const second = await upstream.make({
      ...things,
      large: changed,
      "f3/3": "another",
      "moved": things["f4/4"]!,
    });
    let fetched = 0;
    const location = open({ fetched: (bytes) => fetched += bytes });
    await place(location, first);
    fetched = 0;
    await place(location, second);
    await expectTree(stage, "tree-2");
    const ino = (digest: string, file: string) =>
      Deno.statSync(`${path}/.versions/${digest.slice(7)}/${file}`).ino;
    equal(ino(first.digest, "f5/5"), ino(second.digest, "f5/5"));
    ok(ino(first.digest, "f3/3") !== ino(second.digest, "f3/3"));
    ok(fetched < 10_000, `${fetched} bytes were fetched`);
  }));

Deno.test("going back to the version before fetches nothing", () =>
  onStage(async (stage) => {
    const { upstream, open, place } = stage;
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    const location = open();
    await place(location, first);
    await place(location, second);
    const away = {
      manifest: () => Promise.reject(new Error("away")),
      read: () => Promise.reject(new Error("away")),
    };
    await place(open(), first, { source: away });
    await expectTree(stage, "tree-1");
  }));

Deno.test("two data deployments of one source share its version", () =>
  onStage(async (stage) => {
    const { upstream, open, place } = stage;
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    const location = open();
    await Promise.all([place(location, first), place(location, first, { name: "api" })]);
    await place(location, second, { asked: [first.digest, second.digest] });
    await expectTree(stage, "tree-2");
    await expectTree(stage, "tree-1", "api");
    expectNothingLeft(stage, { versions: [first, second], links: ["api", "web"] });
  }));

for (
  const [what, make] of [
    ["folder", (path: string) => Deno.mkdirSync(path)],
    ["file", (path: string) => Deno.writeTextFileSync(path, "mine")],
    ["link", (path: string) => Deno.symlinkSync("/var/empty", path)],
  ] as const
) {
  Deno.test(`a ${what} of somebody else's in a link's place is left alone and told`, () =>
    onStage(async ({ upstream, path, open, place }) => {
      const version = await upstream.make({ a: "1" });
      make(`${path}/web`);
      await rejects(place(open(), version), {
        fault: "disk",
        message: new RegExp(`a ${what} is there that no deployer made\\. Move it away`),
      });
      equal((await Deno.lstat(`${path}/web`)).isSymlink, what === "link");
      if (what === "link") equal(await Deno.readLink(`${path}/web`), "/var/empty");
    }));
}

Deno.test("a folder of versions that is a link is not followed", () =>
  onStage(async (stage) => {
    const { upstream, folder, path, open, place } = stage;
    const version = await upstream.make({ a: "1" });
    await place(open(), version);
    await Deno.rename(`${path}/.versions`, `${folder}/elsewhere`);
    await Deno.symlink(`${folder}/elsewhere`, `${path}/.versions`);
    const before = namesIn(`${folder}/elsewhere`);
    const location = open();
    location.store.trust(version.digest);
    equal(location.store.inPlace("web"), undefined);
    const message = /^Cannot use ".+\/\.versions" for data: it is no folder\. Move it away\.$/;
    await rejects(place(location, await upstream.make({ a: "2" })), { fault: "disk", message });
    deepEqual(namesIn(`${folder}/elsewhere`), before);
  }));

Deno.test("a folder that is not there is a volume that was not mounted", () =>
  onStage(async ({ upstream, path, open, place }) => {
    const version = await upstream.make({ a: "1" });
    await Deno.remove(path);
    await rejects(place(open(), version), { fault: "disk", message: /Is the volume mounted/ });
  }));

Deno.test("a request for other content than its manifest has is refused", () =>
  onStage(async ({ upstream, path, open, place }) => {
    const [first, second] = [await upstream.make({ a: "1" }), await upstream.make({ a: "2" })];
    await rejects(place(open(), { ...first, version: second.version }), { fault: "request" });
    deepEqual(namesIn(path), [".versions"]);
  }));

Deno.test("what stands in the way of a tree from an attempt before is replaced", () =>
  onStage(async (stage) => {
    const { upstream, path, open, place } = stage;
    const version = await upstream.make({ "a/b": "1", large });
    const partial = `${path}/.versions/.partial-${version.digest.slice(7)}`;
    await Deno.mkdir(`${partial}/a`, { recursive: true });
    await Deno.writeTextFile(`${partial}/a/b`, "2");
    await Deno.writeFile(`${partial}/large`, large.subarray(0, 1_100_000));
    await Deno.chmod(`${partial}/a`, 0o555);
    await place(open(), version);
    await expectTree(stage, "tree-1");
  }));
