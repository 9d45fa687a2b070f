/**
 * Setting a pod's place up, again and again until it is there.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import { Backoff } from "../../runtime/backoff.ts";
import { sleep } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import { Site } from "./site.ts";
import type { NodeTools } from "./tools.ts";
import { MountFailure } from "./volumes.ts";

/** Waits from one attempt to the next, milliseconds: as the kubelet's for volumes. */
const waits = { initial: 500, max: 122_000, jitter: 0 };

/** One pod's address and site. */
export class SetUp {
  readonly #tools: NodeTools;
  /** The pod's newest version. */
  readonly #pod: () => Pod;
  #address: string | undefined;
  #site: Site | undefined;
  #isPooled = false;
  #again: () => void = () => {};

  constructor(pod: () => Pod, tools: NodeTools) {
    this.#pod = pod;
    this.#tools = tools;
  }

  /** The pod's address, from the first attempt on. */
  get address(): string | undefined {
    return this.#address;
  }

  /** The pod's place, once it is there. */
  get site(): Site | undefined {
    return this.#site;
  }

  /** Tries until the site is there or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, clock } = this.#tools;
    const backoff = new Backoff(waits);
    while (!signal.aborted && !this.#site) {
      try {
        this.#site = await Site.setUp(this.#pod(), this.#takeAddress(), this.#tools, signal);
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof MountFailure ? "FailedMount" : "FailedCreatePodSandBox";
        events.record(this.#pod(), { type: "Warning", reason, message: messageOf(error) });
        const again = new AbortController();
        this.#again = () => again.abort();
        await sleep(clock, backoff.next(), AbortSignal.any([signal, again.signal]));
      }
    }
  }

  /** Something has changed that a failure may have been about: tries again at once. */
  retry(): void {
    this.#again();
  }

  /** Gives the address back; the pod's status goes on telling it. */
  release(): void {
    if (this.#isPooled) this.#tools.addresses.release(this.#address!);
    this.#isPooled = false;
  }

  #takeAddress(): string {
    const { addresses } = this.#tools;
    if (this.#address !== undefined) return this.#address;
    const isHost = this.#pod().spec?.hostNetwork === true;
    const address = isHost ? addresses.host : addresses.take();
    if (address === undefined) {
      throw new Error("Failed to create pod sandbox: no address is free on this node");
    }
    this.#isPooled = !isHost;
    return this.#address = address;
  }
}
