/**
 * A pod's watchdogs as everyone who judges them sees them: the orchestrator, the gate, the command line.
 *
 * @module
 */
import { prefix, type StringMap } from "./keys.ts";
import { parseProbeOptions, parseProbeTarget } from "./probe.ts";
import { badAnnotation, type NamedStatus, statusesOf } from "./status.ts";

/** A status with what its pod says of the watchdog behind it. */
export interface Watchdog extends NamedStatus {
  /** The prober calls it (else an application or a person posts it). */
  readonly probed: boolean;
  /** Its failure counts against the pod: not `action=report`, and its annotations can be read. */
  readonly evicts: boolean;
  /** Its failure holds the gate: all but `action=report`. */
  readonly gates: boolean;
}

/** Options are read here only for their action, so any interval will do. */
const anyInterval = { interval: 3_600_000, timeout: 1000 };

/**
 * The watchdogs that have a status, expired ones included. A watchdog whose probe or options cannot be read
 * holds the gate but never counts against its pod: what is broken there is the annotation. The prober, which
 * knows the settings' defaults, may see what cannot be seen here, so its word counts too.
 */
export function watchdogsOf(annotations: StringMap): Watchdog[] {
  return statusesOf(annotations).map((named) => {
    const probe = annotations[prefix.probe + named.name];
    const options = parseProbeOptions(annotations[prefix.probeOptions + named.name], anyInterval);
    const unreadable = "problem" in options || named.status?.message.startsWith(badAnnotation) ||
      (probe !== undefined && "problem" in parseProbeTarget(probe));
    const reportOnly = !("problem" in options) && options.action === "report";
    return { ...named, probed: probe !== undefined, evicts: !unreadable && !reportOnly, gates: !reportOnly };
  });
}
