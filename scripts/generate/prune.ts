/**
 * Cuts Kubernetes' OpenAPI documents down to what the listed kinds need, and stores what they share once.
 *
 * Each source document repeats the schemas that it refers to, and each operation its parameters. Here a
 * schema lives in the document of its own group version, and a parameter in that of `meta/v1`.
 */
import type { GroupVersion } from "./kinds.ts";
import { META_MODULE, moduleName, moduleOfSchema } from "./names.ts";
import {
  type Content,
  type Document,
  kindsOf,
  type Operation,
  operationsOf,
  type Parameter,
  type PathItem,
  type Reference,
  referenced,
  type Schema,
  targetOf,
} from "./openapi.ts";

/** A group version with its document as Kubernetes publishes it. */
export interface Source {
  groupVersion: GroupVersion;
  document: Document;
}

/** The pruned documents by the name of their module. */
export function prune(sources: Source[]): Map<string, Document> {
  const pruned = new Map<string, Document>([[META_MODULE, emptyDocument("What all groups share")]]);
  for (const { groupVersion, document } of sources) {
    pruned.set(moduleName(groupVersion), emptyDocument(document.info.title));
  }
  for (const source of sources) new Pruning(source, pruned).run();
  return pruned;
}

const emptyDocument = (title: string): Document => ({
  openapi: "3.0.0",
  info: { title, version: "v1" },
  paths: {},
  components: {},
});

/** The work on one source document. */
class Pruning {
  readonly #groupVersion: GroupVersion;
  readonly #source: Document;
  readonly #pruned: Map<string, Document>;
  readonly #module: string;
  readonly #kinds: Map<string, string>;

  constructor({ groupVersion, document }: Source, pruned: Map<string, Document>) {
    this.#groupVersion = groupVersion;
    this.#source = document;
    this.#pruned = pruned;
    this.#module = moduleName(groupVersion);
    this.#kinds = kindsOf(document);
  }

  run(): void {
    const missing = new Set(listed(this.#groupVersion));
    for (const [path, item] of Object.entries(this.#source.paths)) {
      const wanted = this.#wanted(path);
      if (wanted === undefined) continue;
      missing.delete(wanted);
      this.#document(this.#module).paths[path] = this.#pathItem(item);
    }
    if (missing.size > 0) {
      throw new Error(
        `Cannot find ${[...missing].join(", ")} in the document of ${this.#module}. Is it spelled right?`,
      );
    }
  }

  /** The kind, or kind/subresource, of a path that the list asks for. */
  #wanted(path: string): string | undefined {
    const target = targetOf(path);
    if (!target) return undefined;
    const kind = this.#kinds.get(target.resource);
    const subresources = kind && this.#groupVersion.kinds[kind];
    if (!subresources) return undefined;
    if (target.subresource === undefined) return kind;
    return subresources.includes(target.subresource) ? `${kind}/${target.subresource}` : undefined;
  }

  #pathItem(item: PathItem): PathItem {
    const kept: PathItem = { parameters: this.#parameters(item.parameters, "path") };
    for (const [method, operation] of operationsOf(item)) kept[method] = this.#operation(operation, item);
    return kept;
  }

  #operation(operation: Operation, item: PathItem): Operation {
    const { operationId, requestBody, responses } = operation;
    const action = operation["x-kubernetes-action"] ?? "";
    const query = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
    const ok = responses["200"] ?? responses["201"];
    if (!ok) throw new Error(`Cannot prune operation "${operationId}": it has no answer 200 or 201.`);
    return {
      operationId,
      parameters: this.#parameters(query, "query", action),
      requestBody: requestBody && { ...requestBody, content: this.#bodies(requestBody.content) },
      responses: { "200": { description: ok.description, content: this.#answers(ok.content ?? {}) } },
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": operation["x-kubernetes-group-version-kind"],
    };
  }

  /** What may be sent: one schema for any media type, or the media types of a patch. */
  #bodies(content: Content): Content {
    const kept = Object.entries(content).filter(([mediaType]) => !mediaType.includes("cbor"));
    return Object.fromEntries(kept.map(([mediaType, { schema }]) => {
      // The schema of a patch says only "object"; k8s/patch.ts says more.
      const said: Schema = mediaType === "*/*" ? this.#schema(schema) : { type: "object" };
      return [mediaType, { schema: said }];
    }));
  }

  /** What comes back: JSON, or the plain text of a log. */
  #answers(content: Content): Content {
    const mediaType = "text/plain" in content ? "text/plain" : "application/json";
    const schema = content[mediaType]?.schema;
    return schema ? { [mediaType]: { schema: this.#schema(schema) } } : {};
  }

  /** References to the parameters of one place, which are stored once for all documents. */
  #parameters(
    from: (Parameter | Reference)[] = [],
    place: Parameter["in"],
    action = "",
  ): Reference[] | undefined {
    const here = from.filter((each): each is Parameter => "in" in each && each.in === place);
    const kept = here.filter(({ name }) => name !== "pretty"); // Indented JSON is for people.
    const references = kept.map((each) => this.#storeParameter(each, action)).toSorted();
    return references.length > 0 ? references.map(($ref) => ({ $ref })) : undefined;
  }

  /** Stores a parameter under its name, or under its name and action where the action says more about it. */
  #storeParameter(parameter: Parameter, action: string): string {
    const { name, in: place, schema: { type } } = parameter;
    const kept: Parameter = { in: place, name, schema: { type } };
    if (place === "path") kept.required = true;
    else kept.description = parameter.description;

    const stored = this.#document(META_MODULE).components.parameters ??= {};
    for (const key of [name, `${name}.${action}`]) {
      stored[key] ??= kept;
      if (equal(stored[key], kept)) return this.#pointer(META_MODULE, "parameters", key);
    }
    throw new Error(
      `Cannot store parameter "${name}" of action "${action}": it means two things in ${this.#module}.`,
    );
  }

  /** The schema, with those that it refers to stored in the documents of their group versions. */
  #schema(schema: Schema, module: string = this.#module): Schema {
    const unknown = Object.keys(schema).find((keyword) => !KEPT.has(keyword) && !DROPPED.has(keyword));
    if (unknown) {
      throw new Error(`Cannot prune keyword "${unknown}" in ${this.#module}: nothing here reads it.`);
    }

    const inner = (each: Schema) => this.#schema(each, module);
    const { $ref, properties, items, additionalProperties, allOf, oneOf } = schema;
    return {
      ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => KEPT.has(keyword))),
      $ref: $ref && this.#storeSchema(referenced($ref), module),
      properties: properties &&
        Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)])),
      items: items && inner(items),
      additionalProperties: additionalProperties && inner(additionalProperties),
      allOf: allOf?.map(inner),
      oneOf: oneOf?.map(inner),
    };
  }

  #storeSchema(name: string, from: string): string {
    const home = moduleOfSchema(name);
    const stored = this.#document(home).components.schemas ??= {};
    if (!stored[name]) {
      const schema = this.#source.components.schemas?.[name];
      if (!schema) throw new Error(`Cannot find schema "${name}" in the document of ${this.#module}.`);
      stored[name] = {}; // Ends the recursion of schemas that contain themselves.
      stored[name] = this.#schema(schema, home);
    }
    return this.#pointer(home, "schemas", name, from);
  }

  #pointer(
    module: string,
    section: "parameters" | "schemas",
    name: string,
    from: string = this.#module,
  ): string {
    return `${module === from ? "" : `${module}.json`}#/components/${section}/${name}`;
  }

  #document(module: string): Document {
    const document = this.#pruned.get(module);
    if (!document) throw new Error(`Cannot store in "${module}": no such document.`);
    return document;
  }
}

/** What the list asks for: kinds, and subresources as `Pod/status`. */
function listed({ kinds }: GroupVersion): string[] {
  return Object.entries(kinds).flatMap(([kind, parts]) => [kind, ...parts.map((part) => `${kind}/${part}`)]);
}

/** Are both the same? Their keys stand in one order, as the same code built them. */
const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The keywords that the generator reads. */
const KEPT = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "description",
  "format",
  "items",
  "oneOf",
  "properties",
  "required",
  "type",
  "x-kubernetes-patch-merge-key",
  "x-kubernetes-patch-strategy",
]);

/** The keywords that say nothing about a type, or say it twice. */
const DROPPED = new Set([
  "default",
  "x-kubernetes-group-version-kind",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-unions",
]);
