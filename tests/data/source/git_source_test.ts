import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { calm, filesIn, newest, sizeOf, Sources } from "./sources.ts";
import { Upstream } from "./upstream.ts";

Deno.test("the default branch's newest commit comes into the folder, and its name and time are told", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const commit = await upstream.push({ "a.txt": "one", "deep/b.txt": "two" });
  const source = sources.git(`git:${upstream.bare}`);
  const tree = await newest(source);
  equal(tree.commit, commit);
  ok(Math.abs(tree.time - Date.now() / 1000) < 60);
  deepEqual(await filesIn(tree.folder), { "a.txt": "one", "deep/b.txt": "two" });
});

Deno.test("a branch, a tag, an annotated tag and a commit can be named", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const first = await upstream.push({ f: "first" });
  await upstream.git("tag", "light");
  await upstream.git("tag", "-a", "heavy", "-m", "annotated");
  const second = await upstream.push({ f: "second" });
  await upstream.git("push", "-q", "origin", "light", "heavy", "HEAD:refs/heads/side/branch");
  const third = await upstream.push({ f: "third" });
  const expected = {
    "": third,
    "#main": third,
    "#side/branch": second,
    "#light": first,
    "#heavy": first,
    "#refs/tags/heavy": first,
    [`#${second}`]: second,
    [`#${second.slice(0, 10)}`]: second,
  };
  for (const [ref, commit] of Object.entries(expected)) {
    equal((await newest(sources.git(`git:${upstream.bare}${ref}`))).commit, commit, ref);
  }
});

Deno.test("a folder of a repository becomes the tree, and a missing one is told", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.push({ "data/x/f": "inside", "data/y": "beside", other: "outside" });
  deepEqual(await filesIn((await newest(sources.git(`git:${upstream.bare}#main:data/x`))).folder), {
    f: "inside",
  });
  await rejects(newest(sources.git(`git:${upstream.bare}#:data/gone`)), /Cannot find a folder "data\/gone"/);
  await rejects(newest(sources.git(`git:${upstream.bare}#:data/y`)), /Cannot find a folder "data\/y"/);
});

Deno.test("a ref that is not there, and an empty repository, are told in words", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await rejects(sources.git(`git:${upstream.bare}`).look(calm), /default branch: is the repository empty/);
  await upstream.push({ f: "" });
  await rejects(sources.git(`git:${upstream.bare}#gone`).look(calm), /branch or tag "gone"/);
  await rejects(
    sources.git(`git:${upstream.root}/gone.git`).look(calm),
    /Cannot ask the upstream: .*gone\.git/,
  );
});

Deno.test("a change touches only the files that differ", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.push({ same: "1", changed: "1", gone: "1", "dir/only": "1" });
  const source = sources.git(`git:${upstream.bare}`);
  const { folder } = await newest(source);
  const before = await Deno.stat(`${folder}/same`);
  await upstream.push({ changed: "2", gone: undefined, "dir/only": undefined, new: "2" });
  await newest(source);
  const after = await Deno.stat(`${folder}/same`);
  deepEqual([after.ino, after.mtime, after.ctime], [before.ino, before.mtime, before.ctime]);
  deepEqual(await filesIn(folder), { same: "1", changed: "2", new: "2" });
});

Deno.test("files come as they were committed, whatever attributes the repository has", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const text = "a\r\nb\n$Id$\n";
  await upstream.push({
    ".gitattributes": "*.txt text=auto eol=crlf ident working-tree-encoding=UTF-16LE\n*.lfs filter=lfs\n",
  });
  await upstream.git("config", "core.attributesFile", "/dev/null");
  // The pushing side would convert as well: it writes the blob as it is.
  const file = `${upstream.root}/raw`;
  await Deno.writeTextFile(file, text);
  const blob = (await upstream.git("hash-object", "-w", "--no-filters", file)).trim();
  for (const name of ["f.txt", "f.lfs"]) {
    await upstream.git("update-index", "--add", "--cacheinfo", `100644,${blob},${name}`);
  }
  await upstream.git("commit", "-q", "-m", "raw");
  await upstream.git("push", "-q", "origin", "HEAD:main");
  const files = await filesIn((await newest(sources.git(`git:${upstream.bare}`))).folder);
  equal(files["f.txt"], text);
  equal(files["f.lfs"], text);
});

Deno.test("links, executable files and odd names come as they are; submodules stay empty folders", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const commit = await upstream.commit({
    "run me": "x",
    "back\\slash": "",
    "new\nline": "",
    "-dash": "",
    "é": "",
  });
  await upstream.git("update-index", "--chmod=+x", "run me");
  const link = `${upstream.root}/link`;
  await Deno.writeTextFile(link, "run me");
  const blob = (await upstream.git("hash-object", "-w", link)).trim();
  await upstream.git("update-index", "--add", "--cacheinfo", `120000,${blob},link`);
  await upstream.git("update-index", "--add", "--cacheinfo", `160000,${commit},module`);
  await upstream.git("commit", "-q", "-m", "odd");
  await upstream.git("push", "-q", "origin", "HEAD:main");
  const { folder } = await newest(sources.git(`git:${upstream.bare}`));
  deepEqual(await filesIn(folder), {
    "run me": "x",
    "back\\slash": "",
    "new\nline": "",
    "-dash": "",
    "é": "",
    link: "-> run me",
  });
  equal((await Deno.stat(`${folder}/run me`)).mode! & 0o111, 0o111);
  ok((await Deno.stat(`${folder}/module`)).isDirectory);
});

Deno.test("history is not fetched, and a subfolder's source fetches no other files", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.git("--git-dir", upstream.bare, "config", "uploadpack.allowFilter", "true");
  const random = () => crypto.getRandomValues(new Uint8Array(60_000));
  for (let i = 0; i < 3; i++) await upstream.push({ "big/f": random(), [`small/${i}`]: "x" });
  await newest(sources.git(`git:${upstream.bare}`, { name: "all" }));
  await newest(sources.git(`git:${upstream.bare}#:small`, { name: "part" }));
  const all = await sizeOf(`${sources.folder}/all/git/objects`);
  const part = await sizeOf(`${sources.folder}/part/git/objects`);
  ok(all > 60_000 && all < 120_000, `${all} bytes for one commit`);
  ok(part < 10_000, `${part} bytes for a small folder`);
});

Deno.test("a broken clone is made anew, and what a killed process left is in nobody's way", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const dir = `${sources.folder}/source/git`;
  const breaks: (() => Promise<void>)[] = [
    () => Deno.writeTextFile(`${dir}/index.lock`, ""),
    () => Deno.writeTextFile(`${dir}/shallow.lock`, ""),
    () => Deno.writeTextFile(`${dir}/index`, "no index"),
    () => Deno.writeTextFile(`${dir}/HEAD`, ""),
    () => Deno.writeTextFile(`${dir}/config`, "[[["),
    () => Deno.remove(`${dir}/objects`, { recursive: true }),
    () => Deno.remove(`${dir}/info`, { recursive: true }),
    () => Deno.writeTextFile(`${dir}/refs/autocrane/current`, "no commit"),
    () => Deno.writeTextFile(`${sources.folder}/source/unfinished`, ""),
    () => Deno.remove(`${sources.folder}/source/tree`, { recursive: true }),
    async () => {
      await Deno.writeTextFile(`${sources.folder}/source/unfinished`, "");
      await Deno.writeTextFile(`${sources.folder}/source/tree/stray`, "left over");
    },
  ];
  await upstream.push({ f: "0", same: "same" });
  await newest(sources.git(`git:${upstream.bare}`));
  for (const [i, harm] of breaks.entries()) {
    await harm();
    await upstream.push({ f: `${i + 1}` });
    const { folder } = await newest(sources.git(`git:${upstream.bare}`));
    deepEqual(await filesIn(folder), { f: `${i + 1}`, same: "same" }, `harm ${i}`);
  }
});

Deno.test("a clone that git cannot clean up holds no version back, and is made anew", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.push({ f: "1", same: "same" });
  await newest(sources.git(`git:${upstream.bare}`));
  const objects = `${sources.folder}/source/git/objects`;
  const same = (await upstream.git("rev-parse", "HEAD:same")).trim();
  const damaged = `${objects}/${same.slice(0, 2)}/${same.slice(2)}`;
  await Deno.chmod(damaged, 0o644);
  await Deno.writeTextFile(damaged, "no object");
  // git takes this folder for a sample of how many objects there are.
  await Deno.mkdir(`${objects}/17`, { recursive: true });
  for (let i = 0; i < 9; i++) await Deno.writeTextFile(`${objects}/17/${String(i).repeat(38)}`, "");
  // It is asked whether it should clean up once after a restart.
  for (let restart = 0; restart < 2; restart++) {
    const { folder } = await newest(sources.git(`git:${upstream.bare}`));
    deepEqual(await filesIn(folder), { f: "1", same: "same" });
  }
  await rejects(
    Deno.stat(`${objects}/17/${"0".repeat(38)}`),
    Deno.errors.NotFound,
    "the clone is another one",
  );
});

Deno.test("a force push, back to an older commit as well, is followed", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const source = sources.git(`git:${upstream.bare}`);
  const first = await upstream.push({ f: "1" });
  await newest(source);
  await upstream.push({ f: "2" });
  await newest(source);
  await upstream.git("reset", "-q", "--hard", first);
  await upstream.git("push", "-q", "--force", "origin", "HEAD:main");
  const tree = await newest(source);
  equal(tree.commit, first);
  deepEqual(await filesIn(tree.folder), { f: "1" });
});

Deno.test("a source that is configured otherwise starts from the upstream that is meant now", async () => {
  await using upstream = await Upstream.create();
  await using other = await Upstream.create();
  await using sources = await Sources.create();
  for (const one of [upstream, other]) {
    await one.git("--git-dir", one.bare, "config", "uploadpack.allowFilter", "true");
  }
  await upstream.push({ "a/f": "1", g: "1" });
  await other.push({ "a/f": "2", g: "2" });
  deepEqual(await filesIn((await newest(sources.git(`git:${upstream.bare}#:a`))).folder), { f: "1" });
  await upstream[Symbol.asyncDispose]();
  deepEqual(await filesIn((await newest(sources.git(`git:${other.bare}#:a`))).folder), { f: "2" });
  deepEqual(await filesIn((await newest(sources.git(`git:${other.bare}`))).folder), { "a/f": "2", g: "2" });
  await Deno.mkdir(upstream.root);
});

Deno.test("an upstream that is down leaves the clone as it is", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.push({ f: "1" });
  const source = sources.git(`git:${upstream.bare}`);
  await newest(source);
  const index = await Deno.stat(`${sources.folder}/source/git/index`);
  const next = await upstream.push({ f: "2" });
  await Deno.rename(upstream.bare, `${upstream.bare}.away`);
  await rejects(source.look(calm), /Cannot ask the upstream/);
  await rejects(source.fetch(next, calm), /Cannot fetch from the upstream/);
  equal((await Deno.stat(`${sources.folder}/source/git/index`)).ino, index.ino);
  await Deno.rename(`${upstream.bare}.away`, upstream.bare);
  equal((await newest(source)).commit, next);
});

Deno.test("an aborted fetch ends git and its children at once", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  await upstream.push({ f: "1" });
  const hang = `${upstream.root}/bin`;
  await Deno.mkdir(hang);
  await Deno.writeTextFile(`${hang}/git`, "#!/bin/sh\necho $$ > $HOME/pid\nsleep 600 & wait\n", {
    mode: 0o755,
  });
  const source = sources.git(`git:${upstream.bare}`, { env: { PATH: `${hang}:/usr/bin:/bin` } });
  const controller = new AbortController();
  const looked = source.look(controller.signal);
  const pidFile = `${sources.folder}/source/home/pid`;
  await until("git runs", async () => await Deno.readTextFile(pidFile).catch(() => "") !== "");
  controller.abort(new Error("enough"));
  await rejects(looked, /enough/);
  const group = (await Deno.readTextFile(pidFile)).trim();
  match(group, /^\d+$/);
  await until("the group is gone", async () => {
    const { success } = await new Deno.Command("/bin/kill", {
      args: ["-0", "--", `-${group}`],
      stderr: "null",
    })
      .output();
    return !success;
  }, 5_000);
});
