/**
 * What other programs may import: AutoCrane's contract, and a reporter for an application's own watchdogs.
 *
 * ```ts ignore
 * import { connectReporter } from "@autocrane/autocrane";
 *
 * using reporter = await connectReporter({ namespace: "shop", pod: "web-7c9" });
 * await reporter.report("disk", "error", "/data is full");
 * ```
 *
 * @module
 */
export * from "./lib/contract/keys.ts";
export * from "./lib/contract/probe.ts";
export * from "./lib/contract/programs.ts";
export * from "./lib/contract/status.ts";
export * from "./lib/contract/text.ts";
export * from "./lib/contract/time.ts";
export * from "./lib/contract/watchdog.ts";
export * from "./lib/contract/workload.ts";
export { type Call, KubeError, type StatusCause, type StatusLike, Unreachable } from "./lib/kube/errors.ts";
export { type Clock } from "./lib/runtime/clock.ts";
export { type ExitCode, exitCode, Failure, WrongUse } from "./lib/runtime/failure.ts";
export {
  connectReporter,
  Reporter,
  type ReporterOptions,
  type ReporterPlace,
} from "./lib/watchdog/reporter.ts";
export type * from "./k8s/client.ts";
