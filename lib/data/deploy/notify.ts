/**
 * Tells an application that its data is another one now.
 *
 * @module
 */
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { ProbeTarget } from "../../contract/probe.ts";
import { type Clock, within } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { FetchFailure } from "../fetch/blob_source.ts";

/** Longest that an application may take to answer, milliseconds. */
export const notifyTimeout = 10_000;

/** Whom to tell, and at which address. */
export interface NotifyOptions {
  readonly target: ProbeTarget;
  /** The pod's own address, IPv6 without brackets. */
  readonly address: string;
  readonly clock: Clock;
}

/**
 * POSTs to the pod's own address. TLS is not verified, as in the kubelet's probes, and proxies are not asked.
 *
 * @throws FetchFailure where the answer is anything but 2xx, or none comes
 */
export async function notify({ target, address, clock }: NotifyOptions, signal: AbortSignal): Promise<void> {
  const where = `POST :${target.port}${target.path.replace(/\?.*$/, "")}`;
  let status: number;
  try {
    status = await within(clock, notifyTimeout, signal, (signal) => post(target, address, signal));
  } catch (cause) {
    signal.throwIfAborted();
    throw new FetchFailure(
      "notify",
      `The application did not take the new version: ${where}: ${messageOf(cause)}`,
    );
  }
  if (status >= 200 && status < 300) return;
  throw new FetchFailure(
    "notify",
    `The application did not take the new version: ${where} answered ${status}.`,
  );
}

function post({ scheme, port, path }: ProbeTarget, address: string, signal: AbortSignal): Promise<number> {
  const options = {
    host: address,
    port,
    path,
    method: "POST",
    headers: { "content-length": 0 },
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const asked = scheme === "https"
      ? tlsRequest({ ...options, rejectUnauthorized: false })
      : plainRequest(options);
    const stop = () => asked.destroy(signal.reason as Error);
    signal.addEventListener("abort", stop);
    asked.on("close", () => signal.removeEventListener("abort", stop));
    asked.on("error", reject);
    asked.on("response", (answer) => {
      // Only the status counts.
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.end();
    if (signal.aborted) stop();
  });
}
