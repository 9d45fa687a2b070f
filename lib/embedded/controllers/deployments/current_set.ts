/**
 * The ReplicaSet of a Deployment's present template: made new, or kept in step with the Deployment.
 *
 * @module
 */
import type { Deployment, ReplicaSet } from "../../../../k8s/apps_v1.ts";
import { sameJson } from "../../api/objects.ts";
import { kinds } from "../objects/kinds.ts";
import { controllerReference } from "../objects/owners.ts";
import { sizeNotes } from "./resize.ts";
import { currentAnnotations, nextRevision } from "./revision.ts";
import { currentSize } from "./rolling.ts";
import type { Sets } from "./sets.ts";
import { hashLabel, templateHash } from "./template.ts";

/** Longest name of a ReplicaSet. */
const longestName = 253;

/** A new ReplicaSet for the present template, as large as it may be now. */
export function newSet(sets: Sets, deployment: Deployment): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec?.template, status?.collisionCount);
  const { selector, template, minReadySeconds } = spec!;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const made: ReplicaSet = {
    metadata: {
      name: `${metadata!.name!.slice(0, longestName - hash.length - 1)}-${hash}`,
      namespace: metadata!.namespace,
      labels,
      annotations: sizeNotes(deployment),
      ownerReferences: [controllerReference(kinds.deployment, metadata!)],
    },
    spec: {
      replicas: currentSize(sets, deployment),
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return annotated(made, deployment, sets.old);
}

/** The sets, the current one with the revision and the annotations that it is to have. */
export function withCurrentInStep({ current, old }: Sets, deployment: Deployment): Sets {
  if (!current) return { old };
  const { minReadySeconds = 0 } = deployment.spec!;
  const sameWait = (current.spec?.minReadySeconds ?? 0) === minReadySeconds;
  const waiting = sameWait ? current : { ...current, spec: { ...current.spec!, minReadySeconds } };
  return { current: annotated(waiting, deployment, old), old };
}

function annotated(current: ReplicaSet, deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const annotations = currentAnnotations(deployment, current, nextRevision(old));
  if (sameJson(annotations, current.metadata?.annotations ?? {})) return current;
  return { ...current, metadata: { ...current.metadata, annotations } };
}
