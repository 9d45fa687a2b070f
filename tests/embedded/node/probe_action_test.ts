import { deepEqual, equal, match } from "node:assert/strict";
import { askHttp, askTcp, type ProbeOutcome } from "../../../lib/embedded/node/probe_action.ts";
import { selfSigned } from "../../../lib/embedded/certificate.ts";

const host = "127.0.0.1";

async function asking(
  answer: (request: Request) => Response | Promise<Response>,
  body: (
    base: string,
    ask: (path: string, headers?: Record<string, string>) => Promise<ProbeOutcome>,
  ) => Promise<void>,
  tls: Partial<Deno.TlsCertifiedKeyPem> = {},
): Promise<void> {
  const options = { hostname: host, port: 0, onListen: () => {}, ...tls } as Deno.ServeTcpOptions;
  await using server = Deno.serve(options, answer);
  const base = `${tls.cert ? "https" : "http"}://${host}:${server.addr.port}`;
  await body(
    base,
    (path, headers = {}) => askHttp({ do: "http", url: base + path, headers }, AbortSignal.timeout(5000)),
  );
}

Deno.test("answers from 200 to 399 are good, others are not", () =>
  asking(
    (request) => new Response(null, { status: Number(new URL(request.url).pathname.slice(1)) }),
    async (_, ask) => {
      for (const status of [200, 204, 304, 399]) deepEqual(await ask(`/${status}`), { ok: true });
      for (const status of [400, 404, 500, 503]) {
        deepEqual(await ask(`/${status}`), {
          ok: false,
          why: `HTTP probe failed with statuscode: ${status}`,
        });
      }
    },
  ));

Deno.test("headers are sent, the host's among them", () =>
  asking((request) => {
    const { headers } = request;
    const fits = headers.get("x-probe") === "1" && headers.get("host") === "shop.example";
    return new Response("", {
      status: fits && headers.get("user-agent")?.startsWith("kube-probe/") ? 200 : 500,
    });
  }, async (_, ask) => deepEqual(await ask("/", { "X-Probe": "1", Host: "shop.example" }), { ok: true })));

Deno.test("a redirect is followed on its own host, and is good where it leads to another", () =>
  asking((request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/bad") return new Response("", { status: 500 });
    return new Response("", { status: 302, headers: { location: decodeURIComponent(search.slice(1)) } });
  }, async (base, ask) => {
    deepEqual(await ask(`/?${encodeURIComponent("/bad")}`), {
      ok: false,
      why: "HTTP probe failed with statuscode: 500",
    });
    deepEqual(await ask(`/?${encodeURIComponent("http://shop.example/")}`), { ok: true });
    const outcome = await ask(`/?${encodeURIComponent(`${base}/`)}`);
    equal(outcome.ok, false);
  }));

Deno.test("a certificate is not checked", async () => {
  const { cert, key } = await selfSigned("127.99.0.1", Date.now());
  await asking(() => new Response(""), async (_, ask) => deepEqual(await ask("/"), { ok: true }), {
    cert,
    key,
  });
});

Deno.test("a long answer is not read to its end", () =>
  asking(() => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    return new Response(endless);
  }, async (_, ask) => deepEqual(await ask("/"), { ok: true })));

Deno.test("a refused connection is told apart, in the kubelet's words", async () => {
  const listener = Deno.listen({ hostname: host, port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://${host}:${port}/ping`;
  const refusal = `dial tcp ${host}:${port}: connect: connection refused`;
  const signal = AbortSignal.timeout(5000);
  deepEqual(await askHttp({ do: "http", url, headers: {} }, signal), {
    ok: false,
    why: `Get "${url}": ${refusal}`,
    refused: true,
  });
  deepEqual(await askTcp({ do: "tcp", host, port }, signal), { ok: false, why: refusal, refused: true });
});

Deno.test("an answer that does not come is a timeout", async () => {
  const never = Promise.withResolvers<Response>();
  await asking(() => never.promise, async (base) => {
    const outcome = await askHttp({ do: "http", url: base, headers: {} }, AbortSignal.timeout(100));
    match(outcome.ok ? "" : outcome.why, /^Get "http.*": context deadline exceeded/);
    never.resolve(new Response(""));
  });
});

Deno.test("a port that takes connections is good", async () => {
  using listener = Deno.listen({ hostname: host, port: 0 });
  const accepted = listener.accept();
  deepEqual(await askTcp({ do: "tcp", host, port: listener.addr.port }, AbortSignal.timeout(5000)), {
    ok: true,
  });
  (await accepted).close();
});
