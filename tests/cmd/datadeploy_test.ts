import { deepEqual, equal, match } from "node:assert/strict";
import { parseStatusReport } from "../../lib/contract/data_version.ts";
import { key, prefix, type StringMap } from "../../lib/contract/keys.ts";
import { until } from "../cluster/support/wait.ts";
import { annotationsOf, type PodWords, writeAnnotations } from "../data/deploy/pod.ts";
import { serveRegistry, type TestRegistry, Upstream } from "../data/fetch/upstream.ts";
import { inFolder, readTree } from "../data/version/support.ts";
import { autocrane, command, kubeconfig } from "./run.ts";

/** A pod with a registry, and its files. */
interface Stage {
  readonly upstream: Upstream;
  readonly registry: TestRegistry;
  readonly location: string;
  readonly file: string;
  ask(words: Partial<PodWords>): Promise<void>;
}

function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    using upstream = await Upstream.open(`${folder}/upstream`);
    await using registry = serveRegistry((digest) => upstream.read(digest));
    const [location, file] = [`${folder}/data`, `${folder}/annotations`];
    await Deno.mkdir(location);
    const ask = (words: Partial<PodWords>) =>
      writeAnnotations(file, annotationsOf({ url: registry.url, location, requests: {}, ...words }));
    await work({ upstream, registry, location, file, ask });
  });
}

/** A deployer as a process, for as long as `work` takes. */
async function deploying(
  { file }: Stage,
  work: (get: (path: string) => Promise<Response>) => Promise<void>,
  pod: readonly string[] = ["--Pod:AnnotationsFile", file],
): Promise<string> {
  const args = [...pod, "--LISTEN_PORT=0", "--LISTEN_HOST=127.0.0.1"];
  const child = command(args, { program: "datadeploy" }).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  try {
    const port = await until("the deployer listens", () => / listening .*port=(\d+)/.exec(log)?.[1]);
    await work((path) => fetch(`http://127.0.0.1:${port}${path}`));
  } finally {
    child.kill("SIGTERM");
    await child.stdout.cancel();
    const { code } = await child.status;
    await reading;
    equal(code, 0, log);
  }
  return log;
}

/** What `/status` says, by name: the state, and the version it is about. */
async function statuses(get: (path: string) => Promise<Response>) {
  const report = parseStatusReport(await (await get("/status")).text());
  if ("problem" in report) throw new Error(report.problem);
  return report;
}

Deno.test("what the annotations ask for is fetched, put in place, and told at /status", () =>
  onStage(async (stage) => {
    const { upstream, location, ask } = stage;
    const first = await upstream.make({ "a.txt": "one", "sub/b": "two", "link": { link: "sub/b" } });
    const second = await upstream.make({ "a.txt": "three", "sub/b": "two" });
    await ask({ requests: { web: undefined } });
    await deploying(stage, async (get) => {
      equal((await get("/startup")).status, 500);
      await ask({ requests: { web: first } });
      await until(
        "the first version is applied",
        async () => (await statuses(get)).get("web")?.state === "applied",
      );
      deepEqual(await readTree(`${location}/web`), await readTree(`${upstream.folder}/tree-1`));
      equal((await get("/startup")).status, 200);
      await ask({ requests: { web: second } });
      const status = await until("the second version is applied", async () => {
        const one = (await statuses(get)).get("web");
        return one?.digest === second.digest && one.state === "applied" && one;
      });
      deepEqual([status.path, status.version, status.live], [second.path, second.version, undefined]);
      equal(await Deno.readTextFile(`${location}/web/a.txt`), "three");
      equal(await Deno.readLink(`${location}/web`), `.versions/${second.digest.slice(7)}`);
      equal((await get("/watchdog")).status, 200);
      match(await (await get("/metrics")).text(), /autocrane_data_applies_total\{outcome="applied"\} 2/);
    });
  }));

/** An API server that knows one pod, and tells who watches of its new annotations. */
function servePod(annotations: StringMap) {
  let version = 1;
  let tell: (line: string) => void = () => {};
  const pod = () => ({
    metadata: { namespace: "shop", name: "web", uid: "u", resourceVersion: `${version}`, annotations },
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (!new URL(request.url).searchParams.has("watch")) {
      return Response.json({ metadata: { resourceVersion: `${version}` }, items: [pod()] });
    }
    const body = new ReadableStream<string>({
      start(controller) {
        tell = (line) => controller.enqueue(line);
      },
    });
    return new Response(body.pipeThrough(new TextEncoderStream()));
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}`,
    annotate(changed: StringMap) {
      annotations = changed;
      version++;
      tell(`${JSON.stringify({ type: "MODIFIED", object: pod() })}\n`);
    },
    // The deployer, which watched, is gone by then.
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("where there is no file, the pod itself is watched", () =>
  onStage(async (stage) => {
    const { upstream, registry, location, file } = stage;
    const version = await upstream.make({ a: "1" });
    const words = { url: registry.url, location };
    await using api = servePod(annotationsOf({ ...words, requests: { web: undefined } }));
    await Deno.writeTextFile(file, kubeconfig(api.address));
    const pod = ["--kubeconfig", file, "--Pod:Namespace=shop", "--Pod:Name=web"];
    await deploying(stage, async (get) => {
      await until(
        "the pod is known",
        async () => (await (await get("/status")).text()).includes("asked for"),
      );
      api.annotate(annotationsOf({ ...words, requests: { web: version } }));
      await until("applied", async () => (await statuses(get)).get("web")?.state === "applied");
      equal(await Deno.readTextFile(`${location}/web/a`), "1");
    }, pod);
  }));

Deno.test("an application is told of a new version, not of its first one, and may refuse it", () =>
  onStage(async (stage) => {
    const { upstream, ask } = stage;
    const first = await upstream.make({ a: "1" });
    const second = await upstream.make({ a: "2" });
    const told: string[] = [];
    let code = 503;
    const onListen = () => {};
    const app = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (request) => {
      told.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response(null, { status: code });
    });
    const more = { [`${prefix.dataNotify}web`]: `POD_IP:${app.addr.port}/reload` };
    try {
      await ask({ requests: { web: first }, more });
      await deploying(stage, async (get) => {
        await until("applied", async () => (await statuses(get)).get("web")?.state === "applied");
        deepEqual(told, []);
        await ask({ requests: { web: second }, more });
        const refused = await until("refused", async () => {
          const one = (await statuses(get)).get("web");
          return one?.state === "failed" && one;
        });
        deepEqual([refused.fault, refused.digest], ["notify", second.digest]);
        match(
          refused.message,
          /^The application did not take the new version: POST :\d+\/reload answered 503/,
        );
        code = 204;
        await until("taken", async () => (await statuses(get)).get("web")?.state === "applied");
        deepEqual([...new Set(told)], ["POST /reload"]);
      });
    } finally {
      await app.shutdown();
    }
  }));

Deno.test("after a restart, with its repository gone, the deployer knows at once what it has", () =>
  onStage(async (stage) => {
    const { upstream, registry, ask } = stage;
    const first = await upstream.make({ a: "1" });
    const second = await upstream.make({ a: "2" });
    await ask({ requests: { web: first } });
    await deploying(stage, async (get) => {
      await until("applied", async () => (await statuses(get)).get("web")?.state === "applied");
    });
    registry.misbehave = () => new Response(null, { status: 404 });
    await ask({ requests: { web: second } });
    await deploying(stage, async (get) => {
      await until("ready", async () => (await get("/startup")).ok);
      const failed = await until("told", async () => {
        const one = (await statuses(get)).get("web");
        return one?.state === "failed" && one;
      });
      deepEqual([failed.fault, failed.digest, failed.live?.path], ["repository", second.digest, first.path]);
    });
  }));

Deno.test("what cannot be is told in /status and the log, without secrets, and the rest is deployed", () =>
  onStage(async (stage) => {
    const { upstream, ask } = stage;
    const good = await upstream.make({ a: "1" });
    const more = {
      [`${prefix.data}bad`]: "bad",
      [`${prefix.dataRequest}bad`]: btoa('{"Path":"1-abcdef0.tar"}'),
      [`${prefix.data}odd`]: "../odd",
      [`${prefix.data}spec`]: "git:https://user:hunter2@host/repo.git",
      [`${prefix.dataRequest}stray`]: "x",
    };
    await ask({ requests: { web: good }, more });
    const log = await deploying(stage, async (get) => {
      await until("applied", async () => (await statuses(get)).get("web")?.state === "applied");
      const { bad } = await (await get("/status")).json();
      deepEqual(bad, { State: "failed", Message: "the request has no valid Hash", Fault: "request" });
    });
    match(log, /annotations about data were ignored/);
    match(log, /data\.autocrane\.io\/odd: a name /);
    equal(log.includes("hunter2"), false);
  }));

Deno.test("a repository's URL that may hold a password is refused and never shown", () =>
  onStage(async (stage) => {
    const { upstream, location, ask } = stage;
    const good = await upstream.make({ a: "1" });
    await ask({ url: "http://user:hunter2@127.0.0.1/", requests: { web: good } });
    const log = await deploying(stage, async (get) => {
      const text = await until("told", async () => {
        const body = await (await get("/status")).text();
        return body.includes("failed") && body;
      });
      match(text, new RegExp(`${key.storeUrl} is not a plain http or https URL`));
      equal(text.includes("hunter2"), false);
      equal((await get("/startup")).status, 500);
    });
    equal(log.includes("hunter2"), false);
    equal(await Deno.lstat(`${location}/web`).catch(() => "nothing"), "nothing");
  }));

Deno.test("datadeployinit ends with 0 once every requested version is in place", () =>
  onStage(async ({ upstream, location, file, ask }) => {
    const good = await upstream.make({ a: "1" });
    await ask({ requests: { web: undefined, api: good } });
    const args = ["--Pod:AnnotationsFile", file, "--LISTEN_PORT=0", "--LISTEN_HOST=127.0.0.1"];
    const ended = autocrane(args, { program: "datadeployinit" });
    await until("one is in place", () => Deno.stat(`${location}/api/a`).then(() => true, () => false));
    await ask({ requests: { web: good, api: good } });
    equal((await ended).code, 0);
    equal(await Deno.readTextFile(`${location}/web/a`), "1");
  }));

Deno.test("datadeployinit that is asked to end before that ends with 1 and says so", () =>
  onStage(async ({ file, ask }) => {
    await ask({ requests: { web: undefined } });
    const args = ["--Pod:AnnotationsFile", file, "--LISTEN_PORT=0", "--LISTEN_HOST=127.0.0.1"];
    const child = command(args, { program: "datadeployinit" }).spawn();
    let log = "";
    const reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
    })();
    await until("it has begun", () => log.includes("listening")).finally(() => child.kill("SIGTERM"));
    await Promise.all([reading, child.stdout.cancel()]);
    equal((await child.status).code, 1);
    match(log, /asked to end before every requested version was in place/);
  }));

Deno.test("a folder that cannot be is refused with 2", async () => {
  const { code, err } = await autocrane(["--Store:Location=/etc/data"], { program: "datadeploy" });
  deepEqual([code, err.includes("is in the system's /etc")], [2, true]);
});
