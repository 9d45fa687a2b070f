/**
 * Whether anybody carries orders out: the orchestrator that works holds a Lease.
 *
 * @module
 */
import type { KubeClient } from "../../k8s/client.ts";
import { CoordinationV1Api } from "../../k8s/coordination_v1.ts";
import { leaseName } from "../../lib/contract/programs.ts";
import type { Instant } from "../../lib/contract/time.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import { recordOf } from "../../lib/kube/lease.ts";

/** By how much this machine's clock may differ from the cluster's, milliseconds. */
const clocksDiffer = 60_000;

/**
 * What speaks against an orchestrator that works, in words.
 *
 * @param own AutoCrane's own namespace
 * @returns `undefined` where one works, or where that cannot be seen: few may read Leases
 */
export async function withoutLeader(
  client: KubeClient,
  own: string,
  now: Instant,
): Promise<string | undefined> {
  const name = `${own}/${leaseName.orchestrate}`;
  try {
    const lease = await new CoordinationV1Api(client).namespace(own).getLease(leaseName.orchestrate);
    const { holder, durationMs } = recordOf(lease);
    const renewed = Date.parse(lease.spec?.renewTime ?? "");
    if (holder === "") return `nobody holds the Lease ${name}`;
    return now - renewed > durationMs + clocksDiffer
      ? `the Lease ${name} was renewed last at ${new Date(renewed).toISOString()}`
      : undefined;
  } catch (error) {
    // The order is written in any case: what else goes wrong here is no reason to fail.
    return isStatus(error, 404) ? `there is no Lease ${name}` : undefined;
  }
}
