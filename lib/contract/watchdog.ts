/**
 * A pod's watchdogs as everyone who judges them sees them: the orchestrator, the gate, the command line.
 *
 * @module
 */
import { prefix, type StringMap } from "./keys.ts";
import { parseProbeOptions, parseProbeTarget } from "./probe.ts";
import { badAnnotation, type NamedStatus, statusesOf } from "./status.ts";
import { quote } from "./text.ts";

/** What a pod says of a watchdog, whether or not it has a status yet. */
export interface Standing {
  /** The prober calls it (else an application or a person posts it). */
  readonly probed: boolean;
  /** Its failure counts against the pod: not `action=report`, and its annotations can be read. */
  readonly evicts: boolean;
  /** Its failure holds the gate: all but `action=report`. */
  readonly gates: boolean;
}

/** A status with what its pod says of the watchdog behind it. */
export interface Watchdog extends NamedStatus, Standing {}

/** Options are read here only for their action, so any interval will do. */
const anyInterval = { interval: 3_600_000, timeout: 1000 };

/** Kubernetes' rule for the name part of an annotation's key. */
const nameRule = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/**
 * What is wrong with a watchdog's name, in words that follow the name of what holds it.
 *
 * @returns `is "disk/full": expected ...`, or `undefined` where nothing is wrong
 */
export function watchdogNameProblem(name: string): string | undefined {
  if (nameRule.test(name)) return undefined;
  return `is ${quote(name.slice(0, 100))}: expected at most 63 letters, digits and -_., ` +
    "beginning and ending with a letter or digit";
}

/**
 * What a pod's annotations say of a watchdog. One whose probe or options cannot be read holds the gate but never
 * counts against its pod: what is broken there is the annotation.
 */
export function standingOf(annotations: StringMap, name: string): Standing {
  const probe = annotations[prefix.probe + name];
  const options = parseProbeOptions(annotations[prefix.probeOptions + name], anyInterval);
  const unreadable = "problem" in options || (probe !== undefined && "problem" in parseProbeTarget(probe));
  const reportOnly = !("problem" in options) && options.action === "report";
  return { probed: probe !== undefined, evicts: !unreadable && !reportOnly, gates: !reportOnly };
}

/**
 * The watchdogs that have a status, expired ones included. The prober, which knows the settings' defaults, may see
 * a broken annotation where none can be seen here, so its word counts too.
 */
export function watchdogsOf(annotations: StringMap): Watchdog[] {
  return statusesOf(annotations).map((named) => {
    const standing = standingOf(annotations, named.name);
    const broken = named.status?.message.startsWith(badAnnotation) ?? false;
    return { ...named, ...standing, evicts: standing.evicts && !broken };
  });
}
