/**
 * What the parts of a node share.
 *
 * @module
 */
import type { CoreV1Api, Pod } from "../../../k8s/core_v1.ts";
import type { TokenAccess } from "../../kube/kubeconfig_text.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Guard } from "../../runtime/guard.ts";
import type { Log } from "../../runtime/log.ts";
import type { AddressPool } from "./addresses.ts";
import type { ConfigMaps } from "./config_maps.ts";
import type { CrashTimes } from "./crash_backoff.ts";
import type { NodeEvents } from "./events.ts";
import type { Images } from "./images.ts";

/** How containers become processes of this machine. */
export interface Machine {
  readonly images: Images;
  /** The command line that runs a script whose path follows: `["/usr/bin/deno", "run", "-q", "-A"]`. */
  readonly deno: readonly string[];
  /** What every container's environment begins with: `PATH` at least. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** The folder in which containers run that name no other, and where relative paths of commands begin. */
  readonly cwd: string;
}

/** What a node gives to each of its pods. */
export interface NodeTools extends Machine {
  readonly core: CoreV1Api;
  readonly events: NodeEvents;
  readonly configMaps: ConfigMaps;
  readonly addresses: AddressPool;
  readonly guard: Guard;
  /** A pod's own way to the API server. */
  readonly credentials: (pod: Pod) => Promise<TokenAccess>;
  /** The folder of all pods' folders. */
  readonly folder: string;
  /** What the node has, for limits that containers do not set. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly crashTimes: CrashTimes;
  readonly clock: Clock;
  readonly log: Log;
}
