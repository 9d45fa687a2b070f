import { equal, match, ok } from "node:assert/strict";
import type { Pod } from "../../k8s/core_v1.ts";
import { again, runPod, runProber, status, untilStatus } from "./support/probing.ts";
import { onCluster } from "./support/suite.ts";
import { until } from "./support/wait.ts";
import { type Handle, send, serve } from "../watchdog/probe/servers.ts";

const test = onCluster();

const crlf = "\r\n";
const failed = `HTTP/1.1 500 Broken${crlf}`;
const big = "y".repeat(100_000);

/** Sends a text over and over, until the prober leaves. */
async function endlessly(conn: Deno.Conn, text: string): Promise<void> {
  for (;;) await send(conn, text);
}

/** What a server says for each path. */
const answers: Record<string, Handle> = {
  "/ansi": async (conn) => {
    const reason = "\u001b[31mBroken\u0007\u202e";
    const body = "\u001b]0;owned\u0007disk\u0000 \u009b2Jfull\u2028forged line\nsecond line";
    await send(conn, `HTTP/1.1 500 ${reason}${crlf}${crlf}${body}`);
    conn.close();
  },
  "/endless-body": async (conn) => {
    await send(conn, failed + crlf);
    await endlessly(conn, "z".repeat(10_000));
  },
  "/endless-good-body": async (conn) => {
    await send(conn, `HTTP/1.1 200 OK${crlf}${crlf}`);
    await endlessly(conn, "z".repeat(10_000));
  },
  "/endless-headers": async (conn) => {
    await send(conn, failed);
    await endlessly(conn, `x-more: ${"h".repeat(1000)}${crlf}`);
  },
  "/endless-header": async (conn) => {
    await send(conn, `${failed}x-long: `);
    await endlessly(conn, "h".repeat(10_000));
  },
  "/endless-interim": (conn) => endlessly(conn, `HTTP/1.1 100 Continue${crlf}${crlf}`),
  "/smtp": (conn) => send(conn, `220 mail.example.com ESMTP${crlf}`),
  "/slow": async (conn) => {
    await send(conn, failed.slice(0, 10));
  },
  "/nothing": (conn) => conn.close(),
};

/** What becomes of each. */
const expected: Record<string, RegExp> = {
  "ansi": /^error\/[^/]+\/HTTP 500 .*Broken.*: \]0;owned disk .*full forged line$/,
  "endless-body": /^error\/[^/]+\/HTTP 500 Broken: z{100,250}…$/,
  "endless-good-body": /^info\/[^/]+\/HTTP 200$/,
  "endless-headers": /^error\/[^/]+\/headers of more than 65536 bytes$/,
  "endless-header": /^error\/[^/]+\/headers of more than 65536 bytes$/,
  "endless-interim": /^error\/[^/]+\/more than 10 interim answers$/,
  "smtp": /^error\/[^/]+\/an answer that is not HTTP\/1$/,
  "slow": /^error\/[^/]+\/no answer within 1 s$/,
  "nothing": /^error\/[^/]+\/no answer at all$/,
};

/** The control, formatting and separator characters that must reach no terminal. */
// deno-lint-ignore no-control-regex -- they are this expression's subject
const unfit = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

const handle: Handle = async (conn, head) => await answers[head.split(" ")[1]!]!(conn, head);

test("whatever a pod answers becomes one clean, short status, and never an endless probe", async (cluster) => {
  await using server = serve(handle, { hostname: "0.0.0.0" });
  const namespace = await cluster.namespace();
  // A pod each, so that no pod's limit on writes delays another's status.
  const pods = new Map<string, Pod>();
  for (const name of Object.keys(expected)) {
    const annotations = { [`probe.autocrane.io/${name}`]: `POD_IP:${server.port}/${name}` };
    pods.set(name, await runPod(cluster, namespace, { name, annotations }));
  }
  await using prober = await runProber(cluster, namespace);
  for (const [name, pod] of pods) {
    const now = await untilStatus(cluster, pod, name, expected[name]!);
    const value = status(now, name)!;
    equal(unfit.test(value), false, JSON.stringify(value));
    ok(value.length < 300, value);
  }
  const lines = prober.process.output().split("\n").filter((line) => unfit.test(line));
  equal(lines.length, 0, "nor does the log have them");
});

test("answers of 100 KB each cost the prober little memory, however many they are", async (cluster) => {
  await using server = serve(async (conn) => {
    await send(conn, `${failed}content-length: ${big.length}${crlf}${crlf}${big}`);
    conn.close();
  }, { hostname: "0.0.0.0" });
  const namespace = await cluster.namespace();
  const names = Array.from({ length: 100 }, (_, i) => `big-${i}`);
  const pod = await runPod(cluster, namespace, {
    name: "web",
    annotations: Object.fromEntries(
      names.map((name) => [`probe.autocrane.io/${name}`, `POD_IP:${server.port}/`]),
    ),
  });
  await using prober = await runProber(cluster, namespace);
  const probes = () => prober.metric("autocrane_watchdogprober_probes_total", { result: "status" });
  const memory = () => prober.metric("process_resident_memory_bytes");
  const after = await until("all have a status", async () => {
    const now = await again(cluster, pod);
    return names.every((name) => status(now, name) !== undefined) && now;
  });
  for (const name of names) match(status(after, name)!, /^error\/[^/]+\/HTTP 500 Broken: y{100,250}…$/);
  const before = await memory();
  const enough = await probes() + 1000;
  await until("100 MB more were answered", async () => await probes() >= enough);
  const grown = (await memory() - before) / 1024 / 1024;
  ok(grown < 40, `the prober grew by ${grown.toFixed(1)} MiB`);
});
