/**
 * All tests of conformance.
 *
 * @module
 */
import { budgets } from "./budgets.ts";
import { creating } from "./creating.ts";
import { deletion } from "./deletion.ts";
import { deployments } from "./deployments.ts";
import { discovery } from "./discovery.ts";
import { dryRuns } from "./dry_runs.ts";
import { errors } from "./errors.ts";
import { events } from "./events.ts";
import { evictions } from "./evictions.ts";
import { expired } from "./expired.ts";
import { garbage } from "./garbage.ts";
import { leases } from "./leases.ts";
import { lists } from "./lists.ts";
import { managedFields } from "./managed_fields.ts";
import { namespaces } from "./namespaces.ts";
import { paging } from "./paging.ts";
import { patches } from "./patches.ts";
import { podDeletion } from "./pod_deletion.ts";
import { pods } from "./pods.ts";
import { replacing } from "./replacing.ts";
import { replicaSets } from "./replica_sets.ts";
import { rollouts } from "./rollouts.ts";
import { selectors } from "./selectors.ts";
import { streamingLists } from "./streaming_lists.ts";
import { tables } from "./tables.ts";
import { validation } from "./validation.ts";
import { watchedSelections } from "./watched_selections.ts";
import { watches } from "./watches.ts";
import type { Conformance } from "./subject.ts";

const subjects = [
  budgets,
  creating,
  deletion,
  deployments,
  discovery,
  dryRuns,
  errors,
  events,
  evictions,
  expired,
  garbage,
  leases,
  lists,
  managedFields,
  namespaces,
  paging,
  patches,
  podDeletion,
  pods,
  replacing,
  replicaSets,
  rollouts,
  selectors,
  streamingLists,
  tables,
  validation,
  watchedSelections,
  watches,
];

/** Declares them. */
export function conformance(test: Conformance): void {
  for (const declare of subjects) declare(test);
}
