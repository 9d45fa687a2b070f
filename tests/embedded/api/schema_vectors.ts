/**
 * Deployments with something wrong in them, and what an API server says: also asked of a real one.
 *
 * @module
 */

/** One thing that is wrong. */
export interface SchemaVector {
  readonly what: string;
  /** Where in the Deployment. */
  readonly at: readonly (string | number)[];
  /** What is there. */
  readonly value: unknown;
  /** What is said of it, behind `Deployment in version "v1" cannot be handled as a Deployment: `. */
  readonly says: string;
}

const pod = ["spec", "template", "spec"] as const;
const container = [...pod, "containers", 0] as const;

const unmarshal = (given: string, where: string, type: string) =>
  `json: cannot unmarshal ${given} into Go struct field ${where} of type ${type}`;

const numbers: SchemaVector[] = [
  ["text for a number", "3", "string"],
  ["a fraction for a number", 1.5, "number 1.5"],
  ["a number that is too large", 3_000_000_000, "number 3000000000"],
  ["a truth value for a number", true, "bool"],
  ["an object for a number", {}, "object"],
  ["a list for a number", [], "array"],
].map(([what, value, given]) => ({
  what: what as string,
  at: ["spec", "replicas"],
  value,
  says: unmarshal(given as string, "DeploymentSpec.spec.replicas", "int32"),
}));

const types: SchemaVector[] = [
  {
    what: "a number for text",
    at: [...container, "image"],
    value: 3,
    says: unmarshal("number", "Container.spec.template.spec.containers.image", "string"),
  },
  {
    what: "a number among arguments",
    at: [...container, "command"],
    value: ["ls", 1],
    says: unmarshal("number", "Container.spec.template.spec.containers.command", "string"),
  },
  {
    what: "text for a list",
    at: [...container, "command"],
    value: "ls",
    says: unmarshal("string", "Container.spec.template.spec.containers.command", "[]string"),
  },
  {
    what: "an object for a list of objects",
    at: [...pod, "containers"],
    value: {},
    says: unmarshal("object", "PodSpec.spec.template.spec.containers", "[]v1.Container"),
  },
  {
    what: "text for an object in a list",
    at: [...pod, "containers"],
    value: ["x"],
    says: unmarshal("string", "PodSpec.spec.template.spec.containers", "v1.Container"),
  },
  {
    what: "text for an object",
    at: ["spec"],
    value: "x",
    says: unmarshal("string", "Deployment.spec", "v1.DeploymentSpec"),
  },
  {
    what: "a list for metadata",
    at: ["metadata"],
    value: [],
    says: unmarshal("array", "Deployment.metadata", "v1.ObjectMeta"),
  },
  {
    what: "a number for a label's value",
    at: ["metadata", "labels"],
    value: { a: 1 },
    says: unmarshal("number", "ObjectMeta.metadata.labels", "string"),
  },
  {
    what: "a list for labels",
    at: ["metadata", "labels"],
    value: ["a"],
    says: unmarshal("array", "ObjectMeta.metadata.labels", "map[string]string"),
  },
  {
    what: "text for a truth value",
    at: ["spec", "paused"],
    value: "true",
    says: unmarshal("string", "DeploymentSpec.spec.paused", "bool"),
  },
  {
    what: "a truth value for a number or text",
    at: ["spec", "strategy"],
    value: { rollingUpdate: { maxSurge: true } },
    says: unmarshal("bool", "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge", "int32"),
  },
  {
    what: "text for a large number",
    at: [...pod, "terminationGracePeriodSeconds"],
    value: "1",
    says: unmarshal("string", "PodSpec.spec.template.spec.terminationGracePeriodSeconds", "int64"),
  },
  {
    what: "no quantity for a quantity",
    at: [...container, "resources"],
    value: { limits: { cpu: "many" } },
    says: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
  {
    what: "a number for a time",
    at: ["metadata", "creationTimestamp"],
    value: 1,
    says: unmarshal("number", "ObjectMeta.metadata.creationTimestamp", "string"),
  },
];

const unknown: SchemaVector[] = [
  [[...container, "imag"], "spec.template.spec.containers[0].imag"],
  [["spec", "Replicas"], "spec.Replicas"],
  [["metadata", "x"], "metadata.x"],
  [["x"], "x"],
].map(([at, path]) => ({
  what: `the unknown field ${path}`,
  at: at as string[],
  value: 1,
  says: `strict decoding error: unknown field "${path}"`,
}));

/** All of them. */
export const schemaVectors: readonly SchemaVector[] = [...numbers, ...types, ...unknown];

/** A good Deployment. */
export function goodDeployment(): Record<string, unknown> {
  const labels = { app: "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "good" },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app" }] } },
    },
  };
}

/** A Deployment with one thing wrong in it. */
export function deploymentWith({ at, value }: Pick<SchemaVector, "at" | "value">): Record<string, unknown> {
  const whole = goodDeployment();
  let inner = whole as Record<string | number, unknown>;
  for (const step of at.slice(0, -1)) inner = inner[step] as Record<string | number, unknown>;
  inner[at.at(-1)!] = value;
  return whole;
}
