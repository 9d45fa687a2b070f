import { deepEqual, equal, match } from "node:assert/strict";
import { autocrane, command, type Ended, kubeconfig } from "./run.ts";

/** Runs `autocrane MODE ARGS` with a kubeconfig that leads to `server`. */
async function against(
  server: string,
  mode: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Ended> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, kubeconfig(server));
    return await autocrane([mode, ...args, "--kubeconfig", file], { env });
  } finally {
    await Deno.remove(file);
  }
}

/** What an API server says when it does not do what it was asked. */
function refusal(code: number, reason: string, message: string): Response {
  return Response.json({ kind: "Status", status: "Failure", code, reason, message }, { status: code });
}

const pod = {
  metadata: {
    name: "web-7c9",
    namespace: "shop",
    annotations: {
      "status.autocrane.io/disk": "error/2026-01-31T12:34:56/97 % of /data",
      "status.autocrane.io/app": "info/2026-01-31T12:00:00/error cleared",
      "unrelated": "x",
    },
  },
};

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/api/v1/namespaces/shop/pods/web-7c9") return Response.json(pod);
  if (pathname === "/api/v1/namespaces/shop/pods") return Response.json({ metadata: {}, items: [pod] });
  if (pathname === "/api/v1/namespaces/idle/pods") return Response.json({ metadata: {}, items: [] });
  if (pathname.startsWith("/api/v1/namespaces/shop/")) return refusal(404, "NotFound", "pods not found");
  return refusal(403, "Forbidden", "pods is forbidden");
}

/** Runs `test` with the address of an API server that knows one pod. */
async function withServer(test: (server: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

/** A loopback port at which nobody listens. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

Deno.test("a cluster that does not answer is said so, with where it should be, and the exit code is 5", async () => {
  const server = `http://127.0.0.1:${closedPort()}`;
  const all = await Promise.all([
    against(server, "getwatchdog"),
    against(server, "postwatchdog", ["--Pod:Name=web-7c9", "--Watchdog:Name=disk"]),
  ]);
  for (const { code, out, err } of all) {
    equal(code, 5);
    equal(out, "");
    match(
      err,
      new RegExp(`no answer from ${server}: .*refused.*\\. Is the address right and the cluster up\\?\n$`),
    );
  }
});

Deno.test("getwatchdog prints name,level,timestamp/message of the pod that its flags name", async () => {
  await withServer(async (server) => {
    const { code, out, err } = await against(server, "getwatchdog", [
      "--Pod:Namespace=shop",
      "--Pod:Name=web-7c9",
    ]);
    equal(code, 0, err);
    deepEqual(out.trimEnd().split("\n").sort(), [
      "app,info,2026-01-31T12:00:00/error cleared",
      "disk,error,2026-01-31T12:34:56/97 % of /data",
    ]);
  });
});

Deno.test("getwatchdog shows the kubeconfig's namespace where none is given", async () => {
  await withServer(async (server) => {
    const { code, out, err } = await against(server, "getwatchdog");
    equal(code, 0, err);
    match(out, /web-7c9.*disk.*error/);
  });
});

Deno.test("what is not there ends a program with 4, what is forbidden with 3", async () => {
  await withServer(async (server) => {
    const [missing, forbidden] = await Promise.all([
      against(server, "getwatchdog", ["-n", "shop", "web-0"]),
      against(server, "getwatchdog", ["-n", "bank"]),
    ]);
    equal(missing.code, 4, missing.err);
    equal(forbidden.code, 3, forbidden.err);
    match(forbidden.err, /pods is forbidden/);
  });
});

Deno.test("what stands on the command line wins over Pod__Name in the environment", async () => {
  await withServer(async (server) => {
    const env = { Pod__Name: "web-0", Pod__Namespace: "shop" };
    const [table, json] = await Promise.all([
      against(server, "getwatchdog", ["web-7c9"], env),
      against(server, "getwatchdog", ["-o", "json"], env),
    ]);
    match(table.out, /^POD .+\nweb-7c9 +app .+\nweb-7c9 +disk .+\n$/);
    deepEqual(JSON.parse(json.out).map(({ pod }: { pod: string }) => pod), ["web-7c9", "web-7c9"]);
  });
});

Deno.test("a namespace without pods is told to people, and is an empty answer to scripts", async () => {
  await withServer(async (server) => {
    const [people, json, csv] = await Promise.all([
      against(server, "getwatchdog", ["-n", "idle"]),
      against(server, "getwatchdog", ["-n", "idle", "-o", "json"]),
      against(server, "getwatchdog", ["-n", "idle", "-o", "csv"]),
    ]);
    deepEqual(people, { code: 0, out: "", err: "No watchdog has reported in the namespace idle.\n" });
    deepEqual(json, { code: 0, out: "[]\n", err: "" });
    equal(csv.out.split("\n").length, 2);
  });
});

Deno.test("a watch has no other form than the table", async () => {
  await withServer(async (server) => {
    const { code, err } = await against(server, "getwatchdog", ["--watch", "-o", "json"]);
    equal(code, 2);
    equal(err, "autocrane getwatchdog: --watch shows a table: leave out -o.\n");
  });
});

/** Reads `stream` until `pattern` is found in it. */
async function until(stream: ReadableStream<Uint8Array>, pattern: RegExp): Promise<RegExpExecArray> {
  let said = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    said += text;
    const found = pattern.exec(said);
    if (found) return found;
  }
  throw new Error(`the program ended without saying ${pattern}: ${said}`);
}

Deno.test("a server answers what every server does, and a SIGTERM ends it with 0", async () => {
  const env = { LISTEN_HOST: "0.0.0.0", LISTEN_PORT: "1" };
  const child = command(["testworkload", "--LISTEN_PORT=0", "--listen_host", "127.0.0.1"], { env }).spawn();
  const [, port] = await until(child.stderr, /listening program=testworkload host=127\.0\.0\.1 port=(\d+)\n/);
  const get = async (path: string, method = "GET") => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    await answer.body?.cancel();
    return answer.status;
  };
  deepEqual([await get("/ping"), await get("/metrics"), await get("/watchdog")], [200, 200, 200]);
  deepEqual([await get("/fail", "POST"), await get("/watchdog")], [200, 500]);
  child.kill("SIGTERM");
  equal((await child.status).code, 0);
  await child.stdout.cancel();
});
