/**
 * The keys of AutoCrane's annotations and labels. No other file spells `autocrane.io/`.
 *
 * @module
 */

/** Prefixes whose keys end in a name that users choose: a watchdog's or a data deployment's. */
export const prefix = {
  /** `probe.autocrane.io/NAME: POD_IP:1234/url`: a watchdog that the prober calls. */
  probe: "probe.autocrane.io/",
  /** `probe-options.autocrane.io/NAME: interval=10s,…`: how it is called and what its failure means. */
  probeOptions: "probe-options.autocrane.io/",
  /** `status.autocrane.io/NAME: level/time/message`: what a watchdog found. */
  status: "status.autocrane.io/",
  /** `expires.status.autocrane.io/NAME`: a time after which that status counts as absent. */
  statusExpiry: "expires.status.autocrane.io/",
  /** `data.autocrane.io/NAME: source`: a data deployment; on the repository's pod, a source's spec. */
  data: "data.autocrane.io/",
  /** `request.data.autocrane.io/NAME`: the version that the pod is asked to have. */
  dataRequest: "request.data.autocrane.io/",
  /** `status.data.autocrane.io/NAME`: the version that the pod has, as its deployer says. */
  dataStatus: "status.data.autocrane.io/",
  /** `notify.data.autocrane.io/NAME: POD_IP:8080/reload`: called after a swap. */
  dataNotify: "notify.data.autocrane.io/",
} as const;

/** Keys that stand alone. */
export const key = {
  /** Label: the most severe level over the pod's statuses. For people; AutoCrane judges the annotations. */
  health: "status.autocrane.io/health",
  /** Annotation on a pod: its `status.startTime`, for the gate. */
  started: "autocrane.io/started",
  /** Annotation on a pod: `never` or `always`. */
  evict: "autocrane.io/evict",
  /** Annotation on a pod, workload or namespace: `"true"` stops AutoCrane's hand there. */
  pause: "autocrane.io/pause",
  /** Annotation on a workload: how many of its pods AutoCrane may have down at once. */
  failingLimit: "autocrane.io/failing-limit",
  /** Annotation on a pod: its data repository's URL. */
  storeUrl: "store.autocrane.io/url",
  /** Annotation on a pod: the folder data is deployed to. */
  storeLocation: "store.autocrane.io/location",
  /** Annotation on a pod: sources, in the older spelling. */
  storeData: "store.autocrane.io/data",
  /** Annotation on a pod: sources that another pod on its node deploys for it. */
  storeDeps: "store.autocrane.io/deps",
  /** Label on a ConfigMap of AutoCrane's namespace: the namespace whose data rollouts it holds. */
  dataState: "autocrane.io/data-state",
  /** Annotation of a data version's OCI manifest: the identity of its content. */
  content: "autocrane.io/content",
} as const;

/** The annotations or labels of an object, as Kubernetes gives them. */
export type StringMap = Readonly<Record<string, string>>;

/** Most bytes that all annotations of one object may take together, keys and values (Kubernetes' limit). */
export const maxAnnotationBytes = 262_144;

/** The names that stand behind `prefix` in `annotations`, in their order. */
export function namesUnder(annotations: StringMap, prefix: string): string[] {
  const names: string[] = [];
  for (const annotation in annotations) {
    if (annotation.startsWith(prefix)) names.push(annotation.slice(prefix.length));
  }
  return names;
}
