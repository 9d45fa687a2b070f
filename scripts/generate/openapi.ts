/** The part of OpenAPI 3.0 that Kubernetes' documents use. */

/** An OpenAPI document. */
export interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: {
    parameters?: Record<string, Parameter>;
    schemas?: Record<string, Schema>;
  };
}

/** The HTTP methods that a path may have. */
export const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** One of {@linkcode METHODS}. */
export type Method = typeof METHODS[number];

/** The operations of one path, and the parameters that all of them take. */
export type PathItem = { parameters?: (Parameter | Reference)[] } & { [M in Method]?: Operation };

/** One method of one path. */
export interface Operation {
  description?: string;
  operationId: string;
  parameters?: (Parameter | Reference)[];
  requestBody?: { content: Content; required?: boolean };
  responses: Record<string, { description: string; content?: Content }>;
  "x-kubernetes-action"?: string;
  "x-kubernetes-group-version-kind"?: { group: string; kind: string; version: string };
}

/** Bodies by their media type. */
export type Content = Record<string, { schema: Schema }>;

/** A parameter of the path or of the query. */
export interface Parameter {
  description?: string;
  in: "path" | "query";
  name: string;
  required?: boolean;
  schema: Schema;
}

/** A pointer to a parameter or schema, in this document or in one beside it. */
export interface Reference {
  $ref: string;
}

/** The shape of a value. */
export interface Schema {
  $ref?: string;
  description?: string;
  type?: "array" | "boolean" | "integer" | "number" | "object" | "string";
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-patch-strategy"?: string;
}

/** Where a path leads. */
export interface Target {
  /** The resource as it stands in the path: `pods`. */
  resource: string;
  /** Is it one object, rather than the collection? */
  named: boolean;
  /** Does the path name a namespace? */
  namespaced: boolean;
  /** The part of the object: `status`. */
  subresource?: string;
}

/** The name that a reference points to. */
export const referenced = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);

/** Reads a path, or says that it leads to no resource: discovery, the deprecated watch paths, proxies. */
export function targetOf(path: string): Target | undefined {
  const found =
    /^\/apis?(?:\/[^/]+)?\/v\d+[a-z\d]*\/(namespaces\/\{namespace\}\/)?([a-z]+)(\/\{name\}(?:\/([a-z]+))?)?$/
      .exec(path);
  if (!found) return undefined;
  const [, namespace, resource = "", name, subresource] = found;
  return { resource, named: name !== undefined, namespaced: namespace !== undefined, subresource };
}

/** The operations of a path, by their method. */
export const operationsOf = (item: PathItem): [Method, Operation][] =>
  METHODS.flatMap((method) => item[method] ? [[method, item[method]] as [Method, Operation]] : []);

/** The document's kinds by their resource. Subresources are not asked: theirs may be other kinds. */
export function kindsOf(document: Document): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const [path, item] of Object.entries(document.paths)) {
    const target = targetOf(path);
    if (!target || target.subresource !== undefined) continue;
    const [named] = operationsOf(item).map(([, each]) => each["x-kubernetes-group-version-kind"]?.kind);
    if (named !== undefined) kinds.set(target.resource, named);
  }
  return kinds;
}
