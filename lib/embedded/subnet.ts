/**
 * Addresses for a cluster of its own: a part of loopback that no other cluster on this machine has.
 *
 * @module
 */
import { exitCode, Failure, messageOf } from "../runtime/failure.ts";

/** A part of loopback, `127.A.B.0/24`, while its first address is listened on. */
export interface Subnet {
  /** The API server's address, and its port. */
  readonly server: { readonly hostname: string; readonly port: number };
  /** The `n`th address that a pod may have, from 0 to 252. */
  address(n: number): string;
}

/** How many addresses there are for pods. */
export const podAddresses = 253;

/** How many subnets are tried before there is something else that is wrong. */
const attempts = 50;

/** Systems other than Linux have the addresses that somebody set up; these are the ones we ask for. */
const agreed = { a: 77, b: 77 } as const;

/**
 * Finds a free subnet and takes it by `listen`: whoever listens on the first address, at the port that belongs
 * to the subnet, has it until its process ends, however that comes about.
 *
 * @param listen binds the address; it throws where that cannot be
 * @throws Failure where there are no addresses to be had, with what to set up first
 */
export async function takeSubnet<S>(
  listen: (at: Subnet["server"]) => Promise<S>,
  os: string = Deno.build.os,
): Promise<{ subnet: Subnet; server: S }> {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { a, b } = os === "linux" ? { a: between(1, 254), b: between(0, 255) } : agreed;
    const subnet = subnetOf(a, b);
    try {
      return { subnet, server: await listen(subnet.server) };
    } catch (error) {
      failure = error;
      if (!(error instanceof Deno.errors.AddrInUse)) break;
    }
  }
  throw noAddresses(failure, os);
}

function subnetOf(a: number, b: number): Subnet {
  const prefix = `127.${a}.${b}`;
  // Below the ports that systems give to outgoing connections, so that none of those is in the way.
  const port = 16_384 + (a * 256 + b) % 16_000;
  return { server: { hostname: `${prefix}.1`, port }, address: (n) => `${prefix}.${2 + n}` };
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

function noAddresses(cause: unknown, os: string): Failure {
  const { a, b } = agreed;
  const advice = os === "darwin"
    ? `On macOS each address must be set up first: for i in $(seq 1 60); do sudo ifconfig lo0 alias 127.${a}.${b}.$i; done`
    : "Does this system have IPv4 loopback addresses beside 127.0.0.1?";
  return new Failure(
    `Cannot give the cluster addresses of its own on loopback: ${messageOf(cause)}. ${advice}`,
    exitCode.couldNot,
    { cause },
  );
}
