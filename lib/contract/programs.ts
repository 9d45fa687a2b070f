/**
 * The programs, by the names that the cluster knows them by.
 *
 * @module
 */

/** Field managers: who wrote what in an object's managedFields. */
export const fieldManager = {
  orchestrate: "autocrane-orchestrate",
  watchdogprober: "autocrane-watchdogprober",
  postwatchdog: "autocrane-postwatchdog",
  /** Applications that report their own watchdogs by this library. */
  reporter: "autocrane-reporter",
  /** People, by `autocrane data`. */
  data: "autocrane-data",
} as const;

/** Leases in AutoCrane's namespace: whoever holds one works, the others stand by. */
export const leaseName = {
  orchestrate: "autocrane-orchestrate",
  watchdogprober: "autocrane-watchdogprober",
} as const;

/** Service accounts in AutoCrane's namespace, named as their programs: pods that use them are AutoCrane's own. */
export const ownServiceAccounts = ["orchestrate", "watchdogprober", "datarepo"] as const;

/** The qualified name under which a program writes Events (events.k8s.io/v1 reportingController). */
export function reportingController(mode: string): string {
  return `autocrane.io/${mode}`;
}
