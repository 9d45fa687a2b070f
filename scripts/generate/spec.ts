/** Reads the pruned documents into what the client is generated from: schemas by name, resources by kind. */
import { GROUP_VERSIONS, type GroupVersion } from "./kinds.ts";
import { META_MODULE, moduleName } from "./names.ts";
import {
  type Document,
  kindsOf,
  type Operation,
  operationsOf,
  type Parameter,
  type Reference,
  referenced,
  type Schema,
  targetOf,
} from "./openapi.ts";

/** Everything in the documents, found by name. */
export interface Spec {
  /** Schemas by the module that their types go to, then by their full name. */
  schemas: Map<string, Record<string, Schema>>;
  /** What the API offers, in the order of the list of kinds. */
  groups: Group[];
}

/** A group version and its calls. */
export interface Group {
  groupVersion: GroupVersion;
  calls: Call[];
}

/** One operation on one resource. */
export interface Call {
  /** What Kubernetes calls it. */
  action: Action;
  /** Its path, with `{namespace}` and `{name}` where values go. */
  path: string;
  /** The kind of the resource that the path leads to, even where its subresource is of another. */
  kind: string;
  /** Does the resource live in namespaces? */
  namespaced: boolean;
  /** Does the path leave the namespace open, though the resource lives in one? */
  allNamespaces: boolean;
  /** The part of the object: `status`. */
  subresource?: string;
  /** The query parameters. */
  query: Parameter[];
  /** The full name of the schema of the body, if it has one. */
  body?: string;
  /** The full name of the schema of the answer, or `text`. */
  answer: string;
}

const ACTIONS = ["list", "post", "deletecollection", "get", "put", "patch", "delete"] as const;

/** The operations that a client can call, in the order in which their methods stand. */
export type Action = typeof ACTIONS[number];

/** Reads the pruned document of one module. */
export function readDocument(folder: URL, module: string): Document {
  return JSON.parse(Deno.readTextFileSync(new URL(`${module}.json`, folder))) as Document;
}

/** Reads the documents in the folder. */
export function readSpec(folder: URL): Spec {
  const meta = readDocument(folder, META_MODULE);
  const schemas: Spec["schemas"] = new Map([[META_MODULE, meta.components.schemas ?? {}]]);
  const groups = GROUP_VERSIONS.map((groupVersion) => {
    const document = readDocument(folder, moduleName(groupVersion));
    schemas.set(moduleName(groupVersion), document.components.schemas ?? {});
    return { groupVersion, calls: callsOf(document, meta.components.parameters ?? {}) };
  });
  return { schemas, groups };
}

/** The document's calls: a kind's together, its subresources after it. */
function callsOf(document: Document, parameters: Record<string, Parameter>): Call[] {
  const kinds = kindsOf(document);
  const calls = Object.entries(document.paths).flatMap(([path, item]) => {
    const target = targetOf(path);
    const kind = target && kinds.get(target.resource);
    if (!kind) throw new Error(`Cannot tell the kind of path "${path}".`);
    return operationsOf(item).map(([, operation]) =>
      callOf(path, { ...target, kind }, operation, parameters)
    );
  });
  const namespaced = new Set(calls.filter((call) => call.namespaced).map((call) => call.kind));
  for (const call of calls) call.allNamespaces = !call.namespaced && namespaced.has(call.kind);
  return calls.toSorted((a, b) =>
    compare(a.kind, b.kind) || compare(a.subresource ?? "", b.subresource ?? "") ||
    ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action)
  );
}

function callOf(
  path: string,
  { kind, namespaced, subresource }: { kind: string; namespaced: boolean; subresource?: string },
  operation: Operation,
  parameters: Record<string, Parameter>,
): Call {
  const query = (operation.parameters ?? []).map((each) => parameterOf(each, parameters));
  return {
    action: actionOf(operation),
    path,
    kind,
    namespaced,
    allNamespaces: false,
    subresource,
    query,
    body: nameOf(operation.requestBody?.content["*/*"]?.schema),
    answer: answerOf(operation),
  };
}

function answerOf({ operationId, responses }: Operation): string {
  const content = responses["200"]?.content ?? {};
  if ("text/plain" in content) return "text";
  const name = nameOf(content["application/json"]?.schema);
  if (name === undefined) throw new Error(`Cannot tell what operation "${operationId}" answers.`);
  return name;
}

function actionOf({ operationId, "x-kubernetes-action": action }: Operation): Action {
  const known = ACTIONS.find((each) => each === action);
  if (!known) throw new Error(`Cannot generate operation "${operationId}": its action is "${action}".`);
  return known;
}

function parameterOf(each: Parameter | Reference, parameters: Record<string, Parameter>): Parameter {
  const found = "$ref" in each ? parameters[referenced(each.$ref)] : each;
  if (!found) throw new Error(`Cannot find the parameter that ${JSON.stringify(each)} refers to.`);
  return found;
}

const nameOf = (schema: Schema | undefined): string | undefined => schema?.$ref && referenced(schema.$ref);

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0;
