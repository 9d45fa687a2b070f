/**
 * One HTTP probe of one pod: fresh connections, the pod's own address only, everything bounded.
 *
 * Made on sockets rather than by `fetch`: half the processor time and memory, no environment proxy, no pool,
 * and an exact limit on what a pod can make us read (docs/decisions/0003-probes-on-sockets.md).
 *
 * @module
 */
import type { ProbeTarget } from "../../contract/probe.ts";
import { cleanText } from "../../contract/text.ts";
import { type Clock, within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { type Connection, type Endpoint, open } from "./connection.ts";
import { HeadReader, NotHttp, type ResponseHead } from "./response_head.ts";

/** One probe to make. */
export interface ProbeRequest extends ProbeTarget {
  /** The pod's address: IPv4, or IPv6 without brackets. */
  readonly address: string;
  /** Milliseconds for all of it, redirects included. */
  readonly timeout: number;
  /** Ends the probe early. */
  readonly signal: AbortSignal;
}

/** Why a probe failed, in one word of a small set. */
export type FailureKind = "refused" | "timeout" | "status" | "redirect" | "protocol" | "tls" | "network";

/** What a probe found. `why` is for people: one clean, short line. */
export type ProbeResult =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly kind: FailureKind; readonly why: string };

/** Makes one probe. It never rejects: what a pod or the network does is a result. */
export type ProbeHttp = (request: ProbeRequest) => Promise<ProbeResult>;

/** Redirects that are followed in one probe. */
const maxRedirects = 10;
/** Bytes of a failed answer's body that are read for the message. */
const bodyBytes = 1024;
/** Most bytes of a message. */
const messageBytes = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes probes, by the given clock. */
export function prober({ clock, userAgent }: { clock: Clock; userAgent: string }): ProbeHttp {
  return async (request) => {
    const began = clock.monotonic();
    try {
      return await within(
        clock,
        request.timeout,
        request.signal,
        (signal) => follow(request, userAgent, signal),
      );
    } catch (error) {
      const late = clock.monotonic() - began >= request.timeout;
      return late ? fail("timeout", `no answer within ${request.timeout / 1000} s`) : failureOf(error);
    }
  };
}

function fail(kind: FailureKind, why: string): Extract<ProbeResult, { ok: false }> {
  return { ok: false, kind, why: cleanText(why, messageBytes) };
}

async function follow(request: ProbeRequest, userAgent: string, signal: AbortSignal): Promise<ProbeResult> {
  let target: ProbeTarget = request;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { head, body } = await get({ ...target, address: request.address }, target.path, userAgent, signal);
    if (head.status >= 200 && head.status < 300) return { ok: true, status: head.status };
    const location = isRedirect(head.status) ? head.headers.get("location") : undefined;
    if (location === undefined) return fail("status", words(head, body));
    const next = redirected(location, target, request.address);
    if (typeof next === "string") return fail("redirect", next);
    target = next;
  }
  return fail("redirect", `more than ${maxRedirects} redirects`);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Where a redirect within the pod goes, or why it is not followed. */
function redirected(location: string, from: ProbeTarget, address: string): ProbeTarget | string {
  const shown = cleanText(location, 120);
  const base = `${from.scheme}://${hostOf(address)}:${from.port}${from.path}`;
  const url = URL.parse(location, base);
  if (!url) return `redirected to "${shown}", which is no URL`;
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== "http" && scheme !== "https") return `redirected to "${shown}", which is not HTTP`;
  if (url.hostname !== new URL(base).hostname) return `redirected to "${shown}", which is not this pod`;
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { scheme, port, path: url.pathname + url.search };
}

/** An address as it stands in a URL or a `Host` header. */
export function hostOf(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** One request and its answer: the head, and of a failed one's body what the message needs. */
async function get(
  endpoint: Endpoint,
  path: string,
  userAgent: string,
  signal: AbortSignal,
): Promise<{ head: ResponseHead; body: Uint8Array }> {
  const connection = await open(endpoint, signal);
  try {
    await connection.write(encoder.encode(
      `GET ${path} HTTP/1.1\r\nHost: ${
        hostOf(endpoint.address)
      }:${endpoint.port}\r\nUser-Agent: ${userAgent}\r\n` +
        "Accept: */*\r\nConnection: close\r\n\r\n",
    ));
    return await readAnswer(connection);
  } finally {
    connection.close();
  }
}

async function readAnswer(connection: Connection): Promise<{ head: ResponseHead; body: Uint8Array }> {
  const reader = new HeadReader();
  let head: ResponseHead | undefined;
  for (;;) {
    const chunk = await nextOf(connection, head !== undefined);
    if (chunk === undefined) break;
    head = reader.take(chunk);
    // A healthy answer is told by its head alone: a body that never ends keeps nobody waiting.
    if (head && (head.status < 400 || reader.bodyLength >= wantedBody(head))) break;
  }
  if (!head) throw new NotHttp(reader.length === 0 ? "no answer at all" : "an answer that was cut off");
  return { head, body: reader.body(bodyBytes) };
}

/** What comes next. Once the status is known a body that breaks off, or is late, has just ended. */
async function nextOf(connection: Connection, headKnown: boolean): Promise<Uint8Array | undefined> {
  try {
    return await connection.read();
  } catch (error) {
    if (headKnown) return undefined;
    throw error;
  }
}

/** Bytes of the body to wait for: what the head announces, within what the message needs. */
function wantedBody({ headers }: ResponseHead): number {
  const announced = Number(headers.get("content-length") ?? bodyBytes);
  return Math.min(bodyBytes, Number.isNaN(announced) ? bodyBytes : announced);
}

/** `HTTP 500 Internal Server Error: what the body says first`. */
function words(head: ResponseHead, body: Uint8Array): string {
  const text = decoder.decode(body);
  const chunked = head.headers.get("transfer-encoding")?.toLowerCase().includes("chunked");
  const first = (chunked ? text.replace(/^[0-9a-fA-F]+[^\n]*\n/, "") : text).trimStart().split(/\r?\n/)[0]!;
  const shown = first.startsWith("<") ? "" : cleanText(first, messageBytes);
  return `HTTP ${head.status}${head.reason && ` ${head.reason}`}${shown && `: ${shown}`}`;
}

/** What a connection's error means. */
export function failureOf(error: unknown): Extract<ProbeResult, { ok: false }> {
  if (error instanceof NotHttp) return fail("protocol", error.message);
  if (error instanceof Deno.errors.ConnectionRefused) return fail("refused", "connection refused");
  if (error instanceof Deno.errors.ConnectionReset) return fail("network", "connection reset");
  const message = messageOf(error);
  const code = (error as { code?: string }).code ?? "";
  if (code === "ECONNREFUSED") return fail("refused", "connection refused");
  if (/certificate|handshake|tls|ssl|InvalidContentType/i.test(message)) {
    return fail("tls", `TLS: ${message}`);
  }
  return fail("network", message);
}
