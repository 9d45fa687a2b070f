/**
 * The four ways to change part of an object. Written by hand: the OpenAPI documents say only "object".
 *
 * @module
 */

/** A patch, told apart by its `type`, which decides the media type it is sent as. */
export type Patch<T> =
  | MergePatchRequest<T>
  | StrategicPatchRequest<T>
  | JsonPatchRequest
  | ApplyPatchRequest<T>;

/** A JSON merge patch (RFC 7396). */
export interface MergePatchRequest<T> {
  /** Sent as `application/merge-patch+json`. */
  type: "merge";
  /** The fields to change. */
  body: MergePatch<T>;
}

/** A strategic merge patch, in which lists that have a merge key are merged by it. */
export interface StrategicPatchRequest<T> {
  /** Sent as `application/strategic-merge-patch+json`. */
  type: "strategic";
  /** The fields and list entries to change. */
  body: StrategicPatch<T>;
}

/** A JSON patch (RFC 6902). All operations are carried out, or none. */
export interface JsonPatchRequest {
  /** Sent as `application/json-patch+json`. */
  type: "json";
  /** The operations, in order. */
  body: JsonPatchOperation[];
}

/** A server-side apply: the fields that the manager wants to own, with their values. */
export interface ApplyPatchRequest<T> {
  /** Sent as `application/apply-patch+yaml`; the body is JSON, which is YAML too. */
  type: "apply";
  /** Everything the manager has an opinion on. What it applied before and leaves out now is removed. */
  body: ApplyBody<T>;
  /** Who owns the fields. */
  fieldManager: string;
  /** Take fields over from other managers instead of failing with a conflict. */
  force?: boolean;
}

/** A part of `T`, where `null` deletes a field and a list replaces the whole list (RFC 7396). */
export type MergePatch<T> = T extends readonly unknown[] ? T
  : T extends object ? { [K in keyof T]?: MergePatch<T[K]> | null }
  : T;

/** A part of `T`, where `null` deletes a field, list entries are parts too, and directives may be given. */
export type StrategicPatch<T> = T extends readonly (infer Entry)[] ? StrategicPatch<Entry>[]
  : T extends object ? { [K in keyof T]?: StrategicPatch<T[K]> | null } & StrategicDirectives
  : T;

/** The keys with which a strategic merge patch says how to merge the object or list it stands in. */
export interface StrategicDirectives {
  /** Replace or delete instead of merging. */
  $patch?: "merge" | "replace" | "delete";
  /** The only fields to keep besides those in the patch. */
  $retainKeys?: string[];
  /** Values to delete from the list of primitives that the key names. */
  [list: `$deleteFromPrimitiveList/${string}`]: unknown[];
  /** The order of the entries of the list that the key names. */
  [order: `$setElementOrder/${string}`]: unknown[];
}

/** A part of `T` that names its kind, as server-side apply needs it to. */
export type ApplyBody<T> = DeepPartial<T> & {
  /** The object's group and version. */
  apiVersion: string;
  /** The object's kind. */
  kind: string;
  /** Servers want the name here as well as in the path. */
  metadata: { name: string };
};

/** `T` with every field optional, at every depth. */
export type DeepPartial<T> = T extends readonly (infer Entry)[] ? DeepPartial<Entry>[]
  : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> }
  : T;

/** One step of a JSON patch. Paths are JSON pointers (RFC 6901): `~` is written `~0` and `/` is `~1`. */
export type JsonPatchOperation =
  | {
    /** Set the value (`add` creates, `replace` needs it to exist), or fail unless it is equal (`test`). */
    op: "add" | "replace" | "test";
    /** Where. */
    path: string;
    /** The value. */
    value: unknown;
  }
  | {
    /** Take the value away. */
    op: "remove";
    /** Where. */
    path: string;
  }
  | {
    /** Put the value of another place here. */
    op: "move" | "copy";
    /** The other place. */
    from: string;
    /** Where. */
    path: string;
  };
