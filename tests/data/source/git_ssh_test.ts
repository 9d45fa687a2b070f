import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { calm, filesIn, newest, noSecrets, Sources } from "./sources.ts";
import { sshd, sshMissing } from "./sshd.ts";
import { Upstream } from "./upstream.ts";

Deno.test({
  name: "a repository is read over ssh with a mounted key, from a host whose key is known and nobody else",
  ignore: sshMissing,
  async fn() {
    await using upstream = await Upstream.create();
    await using sources = await Sources.create();
    await using server = await sshd(upstream);
    const { key, otherKey, knownHosts, otherHosts } = server.files;
    const spec = `git:ssh://root@127.0.0.1:${server.port}${upstream.bare}`;
    const withFiles = (sshKeyFile: string, knownHostsFile: string) =>
      sources.git(spec, { secrets: { ...noSecrets, sshKeyFile, knownHostsFile } });
    const source = withFiles(key, knownHosts);
    for (const f of ["1", "2"]) {
      const commit = await upstream.push({ f });
      const tree = await newest(source);
      equal(tree.commit, commit);
      deepEqual(await filesIn(tree.folder), { f });
    }
    await rejects(withFiles(key, otherHosts).look(calm), /Does the file that DataRepo__KnownHostsFile names/);
    await rejects(withFiles(otherKey, knownHosts).look(calm), /May the key of DataRepo__SshKeyFile read/);
    await rejects(withFiles("", knownHosts).look(calm), /DataRepo__SshKeyFile/);
    await Deno.chmod(key, 0o644);
    await rejects(withFiles(key, knownHosts).look(calm), /mount it with defaultMode 0400/);
    const home = Array.from(Deno.readDirSync(`${sources.folder}/source/home`));
    ok(home.length === 0, "ssh left something at home");
  },
});
