/**
 * Strategic merge patches of a Deployment and what comes of them: also asked of a real API server.
 *
 * @module
 */

/** One patch. What is said of a pod is said of the Deployment's template. */
export interface StrategicVector {
  readonly promise: string;
  readonly held: Parts;
  readonly patch: Parts;
  readonly wanted: Parts;
}

/** Parts of a Deployment. */
export interface Parts {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly pod?: Readonly<Record<string, unknown>>;
}

/** Parts in their places. */
export function inPlace({ metadata, spec, pod }: Parts): Record<string, unknown> {
  const whole = { ...spec, ...(pod && { template: { spec: pod } }) };
  return { ...(metadata && { metadata }), ...(Object.keys(whole).length > 0 && { spec: whole }) };
}

const one = { name: "one", image: "a" };
const two = { name: "two", image: "b" };
const three = { name: "three", image: "c" };

/** What a list's elements and their order come to. */
const lists: StrategicVector[] = [
  {
    promise: "an element is found by its key, and its other fields stay",
    held: { pod: { containers: [{ ...one, args: ["x"] }, two] } },
    patch: { pod: { containers: [{ name: "one", image: "new" }] } },
    wanted: { pod: { containers: [{ name: "one", image: "new", args: ["x"] }, two] } },
  },
  {
    promise: "a new element comes before what the patch does not name",
    held: { pod: { containers: [one, two] } },
    patch: { pod: { containers: [three] } },
    wanted: { pod: { containers: [three, one, two] } },
  },
  {
    promise: "a new element stands where the patch says among the others",
    held: { pod: { containers: [one, two] } },
    patch: {
      pod: {
        "$setElementOrder/containers": [{ name: "one" }, { name: "three" }, { name: "two" }],
        containers: [three],
      },
    },
    wanted: { pod: { containers: [one, three, two] } },
  },
  {
    promise: "elements change places by order alone",
    held: { pod: { containers: [one, two, three] } },
    patch: { pod: { "$setElementOrder/containers": [{ name: "three" }, { name: "one" }] } },
    wanted: { pod: { containers: [two, three, one] } },
  },
  {
    promise: "an element is deleted by its key",
    held: { pod: { containers: [one, two] } },
    patch: { pod: { containers: [{ name: "one", $patch: "delete" }] } },
    wanted: { pod: { containers: [two] } },
  },
  {
    promise: "deleting an element that is not there changes nothing",
    held: { pod: { containers: [one, two] } },
    patch: { pod: { containers: [{ name: "none", $patch: "delete" }] } },
    wanted: { pod: { containers: [one, two] } },
  },
  {
    promise: "a list is replaced where the patch says so",
    held: { pod: { containers: [one, two] } },
    patch: { pod: { containers: [three, { $patch: "replace" }] } },
    wanted: { pod: { containers: [three] } },
  },
  {
    promise: "lists in elements are merged as well",
    held: {
      pod: { containers: [{ ...one, env: [{ name: "A", value: "1" }, { name: "B", value: "2" }] }] },
    },
    patch: {
      pod: {
        containers: [{
          name: "one",
          env: [{ name: "A", $patch: "delete" }, { name: "B", value: "3" }, { name: "C", value: "4" }],
        }],
      },
    },
    wanted: {
      pod: { containers: [{ ...one, env: [{ name: "B", value: "3" }, { name: "C", value: "4" }] }] },
    },
  },
  {
    promise: "a list of plain values is replaced",
    held: { pod: { containers: [{ ...one, args: ["x", "y"] }] } },
    patch: { pod: { containers: [{ name: "one", args: ["z"] }] } },
    wanted: { pod: { containers: [{ ...one, args: ["z"] }] } },
  },
  {
    promise: "a list without a key is replaced",
    held: { pod: { containers: [one], tolerations: [{ key: "a", operator: "Exists" }] } },
    patch: { pod: { tolerations: [{ key: "b", operator: "Exists" }] } },
    wanted: { pod: { containers: [one], tolerations: [{ key: "b", operator: "Exists" }] } },
  },
  {
    promise: "elements whose key is a number are told apart by it",
    held: { pod: { containers: [{ ...one, ports: [{ containerPort: 80 }, { containerPort: 81 }] }] } },
    patch: { pod: { containers: [{ name: "one", ports: [{ containerPort: 81, name: "http" }] }] } },
    wanted: {
      pod: { containers: [{ ...one, ports: [{ containerPort: 80 }, { containerPort: 81, name: "http" }] }] },
    },
  },
];

/** Finalizers are a list of plain values that is merged. */
const values: StrategicVector[] = [
  {
    promise: "plain values that are merged stand once",
    held: { metadata: { finalizers: ["x.io/a", "x.io/b"] } },
    patch: { metadata: { finalizers: ["x.io/b", "x.io/c"] } },
    wanted: { metadata: { finalizers: ["x.io/a", "x.io/b", "x.io/c"] } },
  },
  {
    promise: "plain values are deleted one by one",
    held: { metadata: { finalizers: ["x.io/a", "x.io/b", "x.io/c"] } },
    patch: { metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/b"] } },
    wanted: { metadata: { finalizers: ["x.io/a", "x.io/c"] } },
  },
  {
    promise: "plain values stand in the order that the patch says",
    held: { metadata: { finalizers: ["x.io/a", "x.io/b"] } },
    patch: {
      metadata: {
        "$setElementOrder/finalizers": ["x.io/b", "x.io/c", "x.io/a"],
        finalizers: ["x.io/c"],
      },
    },
    wanted: { metadata: { finalizers: ["x.io/b", "x.io/c", "x.io/a"] } },
  },
];

const objects: StrategicVector[] = [
  {
    promise: "null removes a field, and what is not there stays away",
    held: { metadata: { labels: { a: "1", b: "2" } } },
    patch: { metadata: { labels: { a: null, c: null, d: "4" } } },
    wanted: { metadata: { labels: { b: "2", d: "4" } } },
  },
  {
    promise: "an object is replaced where the patch says so",
    held: { metadata: { labels: { a: "1", b: "2" } } },
    patch: { metadata: { labels: { $patch: "replace", c: "3" } } },
    wanted: { metadata: { labels: { c: "3" } } },
  },
  {
    promise: "an object is emptied where the patch says so",
    held: { pod: { containers: [one], nodeSelector: { a: "b" } } },
    patch: { pod: { nodeSelector: { $patch: "delete" } } },
    wanted: { pod: { containers: [one], nodeSelector: {} } },
  },
  {
    promise: "only the fields that the patch retains stay",
    held: {
      spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    },
    patch: { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } },
    wanted: { spec: { strategy: { type: "Recreate" } } },
  },
  {
    promise: "a volume becomes another kind of volume when it retains only that",
    held: { pod: { containers: [one], volumes: [{ name: "v", emptyDir: {} }] } },
    patch: {
      pod: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] },
    },
    wanted: { pod: { containers: [one], volumes: [{ name: "v", hostPath: { path: "/x" } }] } },
  },
  {
    promise: "an empty patch changes nothing",
    held: { metadata: { labels: { a: "1" } }, pod: { containers: [one] } },
    patch: {},
    wanted: { metadata: { labels: { a: "1" } }, pod: { containers: [one] } },
  },
];

/** All of them. */
export const strategicVectors: readonly StrategicVector[] = [...lists, ...values, ...objects];
