/**
 * The schemas of the served kinds (OpenAPI v3, KEP-2896): what `kubectl explain`, `create` and `apply` read.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { apiVersion } from "./discovery.ts";
import { groupVersion, type Resource, resources } from "./resources.ts";
import {
  documentOf,
  referredTo,
  type Schema,
  schemaNamed,
  schemaNameOf,
  shared,
  type SpecDocument,
} from "./schema/specs.ts";

/** A document with its media type. */
export interface OpenApiDocument {
  readonly body: object;
  readonly contentType: string;
}

const root = "/openapi/v3";

/** The document at a path: the index, or that of a group version. `undefined` where none is. */
export function openApi(path: string): OpenApiDocument | undefined {
  if (!path.startsWith(root)) return undefined;
  const body = path === root ? index() : documents.get(path.slice(root.length + 1))?.body;
  return body && { body, contentType: "application/json" };
}

/** The media type of {@link oldForm}; clients ask for it with an `@` that no media type may have. */
export const oldFormType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * The documents' old form, `/openapi/v2`, as protobuf and with nothing in it. kubectl wants it for a `List`, and where
 * the new form lacks a kind; of kinds that it does not find there it checks nothing, and goes on.
 */
export const oldForm: Uint8Array<ArrayBuffer> = (() => {
  const info = [...field(1, "Kubernetes"), ...field(2, apiVersion)];
  return new Uint8Array([...field(1, "2.0"), ...field(2, info)]);
})();

/** One field of a protobuf message: a text or a message, shorter than 128 bytes. */
function field(number: number, value: string | readonly number[]): number[] {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  const lengthDelimited = 2;
  return [number << 3 | lengthDelimited, bytes.length, ...bytes];
}

/** Made when first asked for: most runs of a cluster never need one. */
class Lazy {
  #made: { body: object; hash: string } | undefined;

  constructor(readonly served: readonly Resource[]) {}

  get body(): object {
    return this.#get().body;
  }

  /** Another one for another content: clients keep documents by it. */
  get hash(): string {
    return this.#get().hash;
  }

  #get(): { body: object; hash: string } {
    if (this.#made) return this.#made;
    const body = documentFor(this.served);
    return this.#made = { body, hash: createHash("sha256").update(JSON.stringify(body)).digest("hex") };
  }
}

/** By path below the root: `api/v1`, `apis/apps/v1`. */
const documents: ReadonlyMap<string, Lazy> = new Map(
  [...Map.groupBy(resources, (one) => folderOf(one))].map(([path, served]) => [path, new Lazy(served)]),
);

function folderOf(resource: Resource): string {
  return `${resource.group ? "apis" : "api"}/${groupVersion(resource)}`;
}

function index(): object {
  const paths = [...documents].map(([path, { hash }]) => [
    path,
    { serverRelativeURL: `${root}/${path}?hash=${hash}` },
  ]);
  return { paths: Object.fromEntries(paths) };
}

function documentFor(served: readonly Resource[]): object {
  const document = documentOf(served[0]!);
  const paths = Object.entries(document.paths).filter(([path]) => served.some((one) => isOf(one, path)));
  const kept = inlined(Object.fromEntries(paths)) as SpecDocument["paths"];
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: apiVersion },
    paths: kept,
    components: { schemas: schemasFor(served, kept) },
  };
}

/** Whether a path is of a resource, or of a subresource that is served. */
function isOf({ plural, subresources }: Resource, path: string): boolean {
  const segments = path.split("/");
  const at = segments.lastIndexOf(plural);
  const [, subresource] = segments.slice(at + 1);
  return at >= 0 && (subresource === undefined || subresources.includes(subresource));
}

/**
 * A copy of part of a document that needs no other: parameters stand where they are used, references to
 * schemas lead into the same document. Server-side apply is left out, as it is not served.
 */
function inlined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inlined);
  if (typeof value !== "object" || value === null) return value;
  const { $ref: reference } = value as Schema;
  if (typeof reference === "string") {
    const name = referredTo(reference);
    if (reference.includes("/parameters/")) return shared.components.parameters![name];
    return { $ref: `#/components/schemas/${name}` };
  }
  const fields = Object.entries(value).filter(([name]) => name !== "application/apply-patch+yaml");
  return Object.fromEntries(fields.map(([name, inner]) => [name, inlined(inner)]));
}

/** The schemas of the served kinds, and all that those and the paths refer to. */
function schemasFor(served: readonly Resource[], paths: SpecDocument["paths"]): Record<string, object> {
  const kinds = kindsOf(served);
  const found: Record<string, object> = {};
  const wanted = [...kinds.keys(), ...namesIn(paths)];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (Object.hasOwn(found, name)) continue;
    const schema = inlined(schemaNamed(name)) as object;
    const kind = kinds.get(name);
    found[name] = { ...schema, ...(kind && { "x-kubernetes-group-version-kind": [kind] }) };
    wanted.push(...namesIn(schema));
  }
  return found;
}

/** The kinds by the names of their schemas. */
function kindsOf(served: readonly Resource[]): Map<string, object> {
  return new Map(served.flatMap((one) =>
    [one.kind, `${one.kind}List`].map((kind) => {
      const { group, version } = one;
      return [schemaNameOf(one, kind), { group, kind, version }] as const;
    })
  ));
}

/** The names of all schemas that something refers to. */
function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { $ref: reference } = value as Schema;
  if (typeof reference === "string") return [referredTo(reference)];
  return Object.values(value).flatMap(namesIn);
}
