/**
 * Reading what a pod's deployer says of its data: GET `/status` on the pod's own address.
 *
 * @module
 */
import { maxAnnotationBytes } from "../../contract/keys.ts";
import { type DataStatus, parseStatusReport } from "../../contract/data_version.ts";
import { type Clock, within } from "../../runtime/clock.ts";
import { type Connection, open } from "../probe/connection.ts";
import { type FailureKind, failureOf, hostOf } from "../probe/probe.ts";
import { readBody } from "./body.ts";

/** One deployer to read. */
export interface ReportRequest {
  /** The pod's address: IPv4, or IPv6 without brackets. */
  readonly address: string;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** What a deployer says, by the data deployment's name, or why that is not known. */
export type Report =
  | { readonly ok: true; readonly statuses: ReadonlyMap<string, DataStatus> }
  | { readonly ok: false; readonly kind: FailureKind; readonly why: string };

/** Reads one report. It never rejects: what a pod or the network does is a result. */
export type ReadReport = (request: ReportRequest) => Promise<Report>;

/** Where every deployer answers. */
const deployerPort = 8082;

/** What does not fit into a pod's annotations could not be written either. */
const maxReportBytes = maxAnnotationBytes;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads reports, by the given clock. No redirect is followed and no proxy used. */
export function reportReader({ clock, userAgent, port = deployerPort }: {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Another port than every deployer's, for tests. */
  readonly port?: number;
}): ReadReport {
  return async ({ address, timeout, signal }) => {
    const began = clock.monotonic();
    try {
      return await within(clock, timeout, signal, (signal) => ask({ address, port }, userAgent, signal));
    } catch (error) {
      const late = clock.monotonic() - began >= timeout;
      return late ? fail("timeout", `no answer within ${timeout / 1000} s`) : failureOf(error);
    }
  };
}

function fail(kind: FailureKind, why: string): Report {
  return { ok: false, kind, why };
}

async function ask(
  { address, port }: { readonly address: string; readonly port: number },
  userAgent: string,
  signal: AbortSignal,
): Promise<Report> {
  const connection: Connection = await open({ scheme: "http", address, port }, signal);
  try {
    await connection.write(encoder.encode(
      `GET /status HTTP/1.1\r\nHost: ${hostOf(address)}:${port}\r\nUser-Agent: ${userAgent}\r\n` +
        "Accept: application/json\r\nConnection: close\r\n\r\n",
    ));
    const { status, body } = await readBody(connection, maxReportBytes);
    if (status !== 200) return fail("status", `HTTP ${status}`);
    const statuses = parseStatusReport(decoder.decode(body));
    return "problem" in statuses
      ? fail("protocol", `its answer ${statuses.problem}`)
      : { ok: true, statuses };
  } finally {
    connection.close();
  }
}
