import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHmac } from "node:crypto";
import { formatKept, parseCatalogue } from "../../lib/contract/data_catalogue.ts";
import type { DataVersion } from "../../lib/contract/data_version.ts";
import { key } from "../../lib/contract/keys.ts";
import { until } from "../cluster/support/wait.ts";
import { Upstream } from "../data/source/upstream.ts";
import { autocrane, command, kubeconfig } from "./run.ts";

const secret = "a secret of the test's own";

/** A repository as a process, with what it says. */
class Repository implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  said = "";

  constructor(upstream: Upstream, args: string[]) {
    const { root } = upstream;
    const folders = [`--DataRepo:ArchivePath=${root}/archive`, `--DataRepo:SourcePath=${root}/scratch`];
    const env = { LISTEN_HOST: "127.0.0.1", LISTEN_PORT: "0", AutoCrane__LogFormat: "json", HOME: root };
    const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const options = { program: "datarepo", env: { ...env, DENO_DIR: cache } };
    this.#child = command([...folders, "--DataRepo:PollSeconds=3600", ...args], options).spawn();
    this.#read = Promise.all([this.#child.stdout, this.#child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.said += text;
    })).then(() => {});
  }

  /** Asks for a path, once the repository listens. */
  async get(path: string, init?: RequestInit): Promise<Response> {
    const port = await until("it listens", () => /"port":(\d+)/.exec(this.said)?.[1]);
    return await fetch(`http://127.0.0.1:${port}${path}`, init);
  }

  /** Waits until a source's newest version is of a commit. */
  async version(source: string, commit: string): Promise<DataVersion> {
    return await until(`${source} has ${commit}`, async () => {
      const catalogue = parseCatalogue(await (await this.get("/.manifest")).text());
      if ("problem" in catalogue) throw new Error(catalogue.problem);
      return catalogue.get(source)?.versions.find(({ path }) => path.includes(commit));
    });
  }

  async push(source: string): Promise<number> {
    const signature = createHmac("sha256", secret).update("{}").digest("hex");
    const headers = { "x-hub-signature-256": `sha256=${signature}` };
    const answer = await this.get(`/hooks/${source}`, { method: "POST", headers, body: "{}" });
    await answer.body?.cancel();
    return answer.status;
  }

  /** Asks it to end, and returns its exit code. */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    this.#child.kill(signal);
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#read;
  }
}

async function text(answer: Promise<Response>): Promise<string> {
  return await (await answer).text();
}

Deno.test("sources come from the pod's annotations, a push is served at once, and the end is quick and clean", async () => {
  await using upstream = await Upstream.create();
  const annotations = `${upstream.root}/annotations`;
  await Deno.writeTextFile(annotations, `data.autocrane.io/shop="git:${upstream.bare}#main"\nother="x"\n`);
  await Deno.writeTextFile(`${upstream.root}/hook`, secret);
  const first = await upstream.push({ f: "1" });
  await using repository = new Repository(upstream, [
    `--Pod:AnnotationsFile=${annotations}`,
    `--DataRepo:HookSecretFile=${upstream.root}/hook`,
    `--DataRepo:Sources=docs:dir:${upstream.root}/gone`,
  ]);
  await repository.version("shop", first);
  const etag = (await repository.get("/.manifest")).headers.get("etag")!;
  const waiting = repository.get("/.manifest", { headers: { "if-none-match": etag, prefer: "wait=60" } });
  const second = await upstream.push({ f: "2" });
  equal(await repository.push("shop"), 202);
  ok((await text(waiting)).includes(second));
  equal(await text(repository.get("/ping")), "pong\n");
  match(await text(repository.get("/metrics")), /autocrane_datarepo_versions\{source="shop"\} 2/);
  await Deno.writeTextFile(annotations, `data.autocrane.io/more="git:${upstream.bare}"\n`);
  await repository.version("more", second);
  const last = (await repository.get("/.manifest")).headers.get("etag")!;
  const released = repository.get("/.manifest", { headers: { "if-none-match": last, prefer: "wait=60" } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  const ended = repository.end();
  equal((await released).status, 304);
  equal(await ended, 0);
  ok(performance.now() - began < 4_000);
  ok(!repository.said.includes(secret));
  match(repository.said, /no cluster to ask what is kept, so no version is ever deleted/);
});

Deno.test("after a SIGKILL all is served again at once, and a second repository is kept from the same store", async () => {
  await using upstream = await Upstream.create();
  const commit = await upstream.push({ f: "1" });
  const args = [`--DataRepo:Sources=s:git:${upstream.bare}`];
  await using killed = new Repository(upstream, args);
  const version = await killed.version("s", commit);
  await killed.end("SIGKILL");
  await Deno.rename(upstream.bare, `${upstream.bare}.away`);
  await using repository = new Repository(upstream, args);
  equal((await text(repository.get(`/v2/s/manifests/${version.digest}`))).includes("schemaVersion"), true);
  await using second = new Repository(upstream, args);
  await until("the second one gives up", () => second.said.includes("another process does"));
});

Deno.test("a version that a state ConfigMap keeps and the store has lost is packed again once somebody asks", async () => {
  await using upstream = await Upstream.create();
  const commit = await upstream.push({ f: "1" });
  const lost: DataVersion[] = [];
  const asked: string[] = [];
  await using api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    asked.push(`${pathname}?${searchParams.get("labelSelector")}`);
    const map = { metadata: { name: "data-shop" }, data: { kept: formatKept(new Map([["s", lost]])) } };
    return Response.json({ metadata: {}, items: [map] });
  });
  const file = `${upstream.root}/kubeconfig`;
  await Deno.writeTextFile(file, kubeconfig(`http://127.0.0.1:${api.addr.port}`));
  const args = [`--DataRepo:Sources=s:git:${upstream.bare}`, "--kubeconfig", file];
  {
    await using repository = new Repository(upstream, args);
    lost.push(await repository.version("s", commit));
    equal(await repository.end(), 0);
  }
  await Deno.remove(`${upstream.root}/archive`, { recursive: true });
  const next = await upstream.push({ f: "2" });
  await using repository = new Repository(upstream, args);
  await repository.version("s", next);
  equal((await repository.get(`/v2/s/manifests/${lost[0]!.digest}`)).status, 404);
  deepEqual(await repository.version("s", commit), lost[0]);
  equal(asked[0], `/api/v1/namespaces/shop/configmaps?${key.dataState}`);
});

Deno.test("a kubeconfig that is named and cannot be used, and settings that are wrong, end it with what to do", async () => {
  const [kube, poll, unusable, same, inside] = await Promise.all([
    autocrane(["--kubeconfig", "/nonexistent"], {
      program: "datarepo",
      env: { DataRepo__ArchivePath: "/nonexistent" },
    }),
    autocrane(["--DataRepo:PollSeconds=0"], { program: "datarepo" }),
    autocrane(["--DataRepo:SourcePath=/tmp/clones"], {
      program: "datarepo",
      env: { DataRepo__ArchivePath: "/proc/x" },
    }),
    ...["/nonexistent", "/nonexistent/clones"].map((scratch) =>
      autocrane([`--DataRepo:SourcePath=${scratch}`], {
        program: "datarepo",
        env: { DataRepo__ArchivePath: "/nonexistent" },
      })
    ),
  ]);
  equal(kube.code, 2);
  match(kube.err, /Cannot read the kubeconfig "\/nonexistent"/);
  equal(unusable.code, 2, unusable.err);
  match(unusable.err, /DataRepo__ArchivePath is "\/proc\/x", which cannot be used/);
  for (const apart of [same!, inside!]) {
    equal(apart.code, 2, apart.err);
    match(apart.err, /DataRepo__ArchivePath is .* and DataRepo__SourcePath is .*: one lies in the other/);
  }
  equal(poll.code, 2);
  match(poll.err, /--DataRepo:PollSeconds is "0": expected a number of seconds/);
});
