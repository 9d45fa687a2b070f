/**
 * Addresses for pods.
 *
 * @module
 */
import { exitCode, Failure } from "../../runtime/failure.ts";

/** The addresses that a node may use. */
export interface AddressRange {
  /** The node's own. */
  readonly host: string;
  /** Those of its pods. */
  readonly pods: readonly string[];
}

/** Addresses on loopback, each for one pod at a time. The one that was free the longest is given first. */
export class AddressPool {
  /** The node's own address. */
  readonly host: string;
  readonly #free: string[];
  readonly #isUsable: (address: string) => boolean;

  /** @param isUsable whether programs can listen on an address: on Linux on all of 127.0.0.0/8 */
  constructor({ host, pods }: AddressRange, isUsable: (address: string) => boolean = canListen) {
    this.host = host;
    this.#free = [...pods];
    this.#isUsable = isUsable;
  }

  /**
   * Looks whether there is an address for a pod at all.
   *
   * @throws Failure that says what to set up first
   */
  check(os: string = Deno.build.os): void {
    if (this.#free.some(this.#isUsable)) return;
    const [first = "none", last] = [this.#free.at(0), this.#free.at(-1)];
    const setUp = os === "darwin"
      ? `Each has to be set up first, until the next restart: sudo ifconfig lo0 alias ${first} up`
      : "Is all of 127.0.0.0/8 on this machine's loopback interface?";
    throw new Failure(
      `Cannot listen on any pod's address, from ${first} to ${last}. ${setUp}`,
      exitCode.couldNot,
    );
  }

  /** Takes an address; `undefined` where none is left. One that cannot be listened on is never given. */
  take(): string | undefined {
    for (;;) {
      const address = this.#free.shift();
      if (address === undefined || this.#isUsable(address)) return address;
    }
  }

  /** Gives an address back. */
  release(address: string): void {
    this.#free.push(address);
  }
}

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrNotAvailable) return false;
    throw error;
  }
}
