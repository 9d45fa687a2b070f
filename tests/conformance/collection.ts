/**
 * What can be done with the objects of one kind.
 *
 * @module
 */
import type { DeleteOptions, ListMeta, ObjectMeta, Status } from "../../k8s/meta_v1.ts";
import type { JsonPatchOperation, MergePatch } from "../../k8s/patch.ts";
import type { Api, Query } from "./api.ts";
import type { Watching } from "./watching.ts";

/** Anything with a name. */
export interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** An object as a server answers with it. */
export type Kept<T> = T & { readonly metadata: ObjectMeta };

/** A list as a server answers with it. */
export interface List<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: Kept<T>[];
}

/** A merge patch as a header says it. */
export const mergePatch: Readonly<Record<string, string>> = {
  "content-type": "application/merge-patch+json",
};

/** A JSON patch as a header says it. */
export const jsonPatch: Readonly<Record<string, string>> = { "content-type": "application/json-patch+json" };

/** The objects of one kind in one namespace, or of all. Every call throws a Refusal where it is refused. */
export class Collection<T extends Named> {
  readonly api: Api;
  /** `/api/v1/namespaces/shop/pods`. */
  readonly path: string;

  constructor(api: Api, path: string) {
    this.api = api;
    this.path = path;
  }

  /** The same objects, dealt with by a program of another name. */
  by(userAgent: string): Collection<T> {
    return new Collection(this.api.calledBy(userAgent), this.path);
  }

  /** The path of one object, or of one of its subresources. */
  at(name: string, subresource?: string): string {
    return [this.path, name, ...(subresource ? [subresource] : [])].join("/");
  }

  create(object: T, query?: Query): Promise<Kept<T>> {
    return this.api.json("POST", this.path, { body: object, query });
  }

  get(name: string, query?: Query): Promise<Kept<T>> {
    return this.api.json("GET", this.at(name), { query });
  }

  list(query?: Query): Promise<List<T>> {
    return this.api.json("GET", this.path, { query });
  }

  /** The names of a list, in its order. */
  async names(query?: Query): Promise<string[]> {
    return (await this.list(query)).items.map(({ metadata }) => metadata.name!);
  }

  replace(name: string, object: T, query?: Query): Promise<Kept<T>> {
    return this.api.json("PUT", this.at(name), { body: object, query });
  }

  merge(name: string, body: MergePatch<T>, query?: Query): Promise<Kept<T>> {
    return this.api.json("PATCH", this.at(name), { body, query, headers: mergePatch });
  }

  mergeStatus(name: string, body: MergePatch<T>, query?: Query): Promise<Kept<T>> {
    return this.api.json("PATCH", this.at(name, "status"), { body, query, headers: mergePatch });
  }

  patch(name: string, body: readonly JsonPatchOperation[], query?: Query): Promise<Kept<T>> {
    return this.api.json("PATCH", this.at(name), { body, query, headers: jsonPatch });
  }

  delete(name: string, body?: DeleteOptions, query?: Query): Promise<Kept<T> & Status> {
    return this.api.json("DELETE", this.at(name), { body, query });
  }

  deleteAll(query?: Query, body?: DeleteOptions): Promise<unknown> {
    return this.api.json("DELETE", this.path, { body, query });
  }

  watch(query?: Query): Promise<Watching<T>> {
    return this.api.watch(this.path, { query });
  }

  /** Whether there is no such object. */
  async isGone(name: string): Promise<boolean> {
    return (await this.api.call("GET", this.at(name))).code === 404;
  }
}
