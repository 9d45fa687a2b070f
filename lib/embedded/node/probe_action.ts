/**
 * Carrying out one probe.
 *
 * @module
 */
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { messageOf } from "../../runtime/failure.ts";
import type { ProbeAction } from "./probe_plan.ts";

/** What a probe found. */
export type ProbeOutcome =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** In the words that Go's libraries, and so the kubelet, use. */
    readonly why: string;
    /** Nobody listens there, or not yet. */
    readonly refused?: boolean;
  };

/** Where requests may lead from one host, hops: further ones are taken for a loop. */
const mostRedirects = 10;

/** The most of an answer that is read, bytes. */
const mostRead = 10 * 1024;

/** Asks an HTTP server: answers from 200 to 399 are good. Certificates are not checked, no proxy is used. */
export async function askHttp(
  { url, headers }: ProbeAction & { do: "http" },
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  let at = new URL(url);
  for (let hops = 0; hops < mostRedirects; hops++) {
    try {
      const { status, location } = await request(at, headers, signal);
      if (status < 200 || status >= 400) {
        return { ok: false, why: `HTTP probe failed with statuscode: ${status}` };
      }
      const next = location === undefined ? undefined : new URL(location, at);
      // Where another host is named the kubelet stops, and is content.
      if (!next || next.hostname !== at.hostname) return { ok: true };
      at = next;
    } catch (error) {
      return failed(error, signal, `Get "${at.href}": `, at);
    }
  }
  return { ok: false, why: `Get "${at.href}": stopped after ${mostRedirects} redirects` };
}

interface Answer {
  readonly status: number;
  /** Where the answer leads, if it is a redirect. */
  readonly location: string | undefined;
}

function request(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      headers: { "user-agent": "kube-probe/1.37", accept: "*/*", connection: "close", ...lowerCase(headers) },
      agent: false as const,
      signal,
    };
    const asked = url.protocol === "https:"
      ? https.request(url, { ...options, rejectUnauthorized: false })
      : http.request(url, options);
    asked.on("error", reject);
    asked.on("response", (answer) => {
      const status = answer.statusCode ?? 0;
      const redirects = [301, 302, 303, 307, 308].includes(status);
      let read = 0;
      const done = () => {
        resolve({ status, location: redirects ? answer.headers.location : undefined });
        asked.destroy();
      };
      answer.on("data", ({ length }: Uint8Array) => (read += length) > mostRead && done());
      answer.on("end", done);
      answer.on("error", reject);
    });
    asked.end();
  });
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Opens a connection, and closes it. */
export async function askTcp(
  { host, port }: ProbeAction & { do: "tcp" },
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const socket = net.connect({ host, port });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("connect", resolve);
      socket.on("error", reject);
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return { ok: true };
  } catch (error) {
    return failed(error, signal, "", { hostname: host, port: String(port) });
  } finally {
    socket.destroy();
  }
}

function failed(
  error: unknown,
  signal: AbortSignal,
  prefix: string,
  { hostname, port }: Pick<URL, "hostname" | "port">,
): ProbeOutcome {
  const dial = `dial tcp ${hostname}:${port || "80"}: `;
  if (signal.aborted) {
    return prefix === "" ? { ok: false, why: `${dial}i/o timeout` } : {
      ok: false,
      why: `${prefix}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    };
  }
  if ((error as { code?: unknown }).code === "ECONNREFUSED") {
    return { ok: false, why: `${prefix}${dial}connect: connection refused`, refused: true };
  }
  return { ok: false, why: prefix + messageOf(error) };
}
