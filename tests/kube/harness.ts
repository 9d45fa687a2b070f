/**
 * What the tests of the Kubernetes client share: a server on loopback, and a clock on which waits pass at once.
 *
 * @module
 */
import type { Access } from "../../lib/kube/access.ts";
import { type Credentials, fixedCredentials } from "../../lib/kube/credentials.ts";
import { Transport, type TransportOptions } from "../../lib/kube/transport.ts";
import type { Fields, Log } from "../../lib/runtime/log.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Answers the request that came as the `n`th, counted from 1. */
export type Answer = (request: Request, n: number) => Response | Promise<Response>;

/** A server that a test runs for itself. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** What came so far, with the bodies read. */
  readonly requests: readonly { method: string; path: string; headers: Headers; body: string }[];
}

/** Serves on a free port of loopback until disposed of, which cuts what is still under way. */
export function serve(answer: Answer, tls?: { cert: string; key: string }): TestServer {
  const requests: { method: string; path: string; headers: Headers; body: string }[] = [];
  const end = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, signal: end.signal, ...tls },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      requests.push({ method: request.method, path: pathname + search, headers: request.headers, body });
      return await answer(request, requests.length);
    },
  );
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      end.abort();
      await server.finished;
    },
  };
}

/** An API server's refusal (meta/v1 Status). */
export function refusal(
  code: number,
  status: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  return Response.json({ kind: "Status", code, message: "no", ...status }, { status: code, headers });
}

/** A way to a server that trusts the system's authorities and says who we are by `credentials`. */
export function accessTo(url: string, credentials: Credentials = fixedCredentials({})): Access {
  return { server: url, ca: () => Promise.resolve(undefined), credentials, namespace: "default" };
}

/** A transport that is closed with the test; `random` is 0, so a back-off waits its longest. */
export function transportTo(
  url: string,
  { credentials, ...options }: Partial<TransportOptions> & { credentials?: Credentials } = {},
): Transport & Disposable {
  const transport = new Transport({
    access: accessTo(url, credentials),
    clock: new HastyClock(),
    userAgent: "test/1",
    random: () => 0,
    ...options,
  });
  return Object.assign(transport, { [Symbol.dispose]: () => transport.close() });
}

/** How long a call of a test may take: a {@linkcode HastyClock} lets no timer of this length or more pass. */
export const patience = 30_000;

/** A clock on which every wait shorter than {@linkcode patience} passes at once, and is remembered. */
export class HastyClock extends FakeClock {
  /** The waits so far, milliseconds. */
  readonly waits: number[] = [];

  override after(ms: number, callback: () => void): () => void {
    if (ms >= patience) return super.after(ms, callback);
    this.waits.push(ms);
    let cancelled = false;
    queueMicrotask(() => {
      if (cancelled) return;
      this.suspend(ms);
      callback();
    });
    return () => cancelled = true;
  }
}

/** A log that remembers its lines as `level message`, each with its fields. */
export function memoryLog(): Log & { readonly lines: { line: string; fields: Fields }[] } {
  const lines: { line: string; fields: Fields }[] = [];
  const at = (level: string) => (message: string, fields: Fields = {}) =>
    void lines.push({ line: `${level} ${message}`, fields });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A folder that goes away with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
