/**
 * What of the Kubernetes API the client covers. To add a kind, name it here and run
 * `deno task generate --update`.
 */

/** One version of one API group, and what to take of it. */
export interface GroupVersion {
  /** The group as it stands in `apiVersion`; empty for the core group. */
  group: string;
  /** The version as it stands in `apiVersion`. */
  version: string;
  /** The kinds to generate methods for, with the subresources to take. None: only types that others name. */
  kinds: Record<string, string[]>;
}

const v1 = (group: string, kinds: GroupVersion["kinds"]): GroupVersion => ({ group, version: "v1", kinds });

/** Everything that is generated, in the order in which `k8s/mod.ts` exports it. */
export const GROUP_VERSIONS: GroupVersion[] = [
  v1("", {
    ConfigMap: [],
    Event: [],
    Namespace: [],
    Node: ["status"],
    PersistentVolumeClaim: [],
    Pod: ["eviction", "log", "status"],
    Secret: [],
    Service: [],
    ServiceAccount: ["token"],
  }),
  v1("admissionregistration.k8s.io", {
    MutatingAdmissionPolicy: [],
    MutatingAdmissionPolicyBinding: [],
    ValidatingAdmissionPolicy: [],
    ValidatingAdmissionPolicyBinding: [],
  }),
  v1("apps", {
    ControllerRevision: [],
    DaemonSet: ["status"],
    Deployment: ["scale", "status"],
    ReplicaSet: ["status"],
    StatefulSet: ["status"],
  }),
  v1("authentication.k8s.io", { TokenReview: [] }),
  v1("authorization.k8s.io", { SelfSubjectAccessReview: [], SubjectAccessReview: [] }),
  v1("autoscaling", {}), // Its Scale is what apps/v1 answers with.
  v1("batch", { CronJob: [], Job: [] }),
  v1("coordination.k8s.io", { Lease: [] }),
  v1("events.k8s.io", { Event: [] }),
  v1("networking.k8s.io", { NetworkPolicy: [] }),
  v1("policy", { PodDisruptionBudget: ["status"] }),
  v1("rbac.authorization.k8s.io", { ClusterRole: [], ClusterRoleBinding: [], Role: [], RoleBinding: [] }),
  v1("scheduling.k8s.io", { PriorityClass: [] }),
  { group: "scheduling.k8s.io", version: "v1alpha3", kinds: {} }, // Named by the types of batch/v1.
];
