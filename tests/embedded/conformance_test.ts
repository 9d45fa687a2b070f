/**
 * The embedded cluster does what a real control plane does.
 *
 * @module
 */
import { startCluster } from "../../lib/embedded/cluster.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { conformanceOf, type Started } from "../conformance/suite.ts";
import { silentLog } from "../support/silent_log.ts";

async function start(): Promise<Started> {
  const cluster = await startCluster({ clock: systemClock, log: silentLog });
  const { server, ca, token } = cluster;
  return {
    server,
    ca,
    token,
    compact: () => Promise.resolve(cluster.compact()),
    settled: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

conformanceOf(start);
