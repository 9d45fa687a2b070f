/**
 * Where the transport and the generated shapes meet. Written by hand.
 *
 * The generated classes turn a call into a {@linkcode KubeRequest} and give it to a {@linkcode KubeClient}.
 * What carries it (fetch, credentials, retries, a fake in a test) is the client's own business: nothing in
 * this folder opens a connection.
 *
 * @module
 */
import type { ObjectMeta, Status } from "./meta_v1.ts";

/** The HTTP methods that the Kubernetes API uses. */
export type KubeMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One request, with everything that depends on the API and nothing that depends on how it is sent. */
export interface KubeRequest {
  /** The HTTP method. */
  method: KubeMethod;
  /** The path from the server's root, its segments already escaped: `/api/v1/namespaces/shop/pods`. */
  path: string;
  /** The query parameters by their wire names. Those that are `undefined` are not sent. */
  query?: Record<string, string | number | boolean | undefined>;
  /** What to send as JSON. No body is sent when it is `undefined`. */
  body?: unknown;
  /** The body's media type, when it is not `application/json`. */
  contentType?: string;
  /** The media type to ask for, when it is not `application/json`. */
  accept?: string;
  /** Ends the request, or the watch or stream that it opened, with the signal's own reason. */
  signal?: AbortSignal;
}

/** Carries requests to a Kubernetes API server. */
export interface KubeClient {
  /**
   * Sends a request and reads the whole answer as JSON. The type is the caller's word: nothing is validated.
   *
   * Rejects when the answer's status is not 2xx, or when there is no answer.
   */
  json<T>(request: KubeRequest): Promise<T>;
  /**
   * Opens a watch and yields its events until the server ends it. Nothing is sent before the first event is
   * asked for; leaving the loop closes the connection.
   *
   * An `ERROR` event is yielded like any other, as it says how to go on (a 410 means: list again). Throws
   * when the server refuses the watch, or when the connection is lost.
   */
  watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>>;
  /** Sends a request and reads the whole answer as text. Rejects as `json` does. */
  text(request: KubeRequest): Promise<string>;
  /**
   * Sends a request and gives the answer's bytes as they come. Rejects as `json` does; cancelling the stream
   * closes the connection.
   */
  stream(request: KubeRequest): Promise<ReadableStream<Uint8Array>>;
}

/** One event of a watch, told apart by its `type`. */
export type WatchEvent<T> = WatchChange<T> | WatchBookmark | WatchError;

/** An object appeared, changed or went away. */
export interface WatchChange<T> {
  /** What happened to the object. */
  type: "ADDED" | "MODIFIED" | "DELETED";
  /** The object as it is now; for `DELETED`, as it was just before. */
  object: T;
}

/** How far the watch has come, sent when `allowWatchBookmarks` asked for it. */
export interface WatchBookmark {
  /** Tells the event apart. */
  type: "BOOKMARK";
  /** An object of the watched kind of which only the metadata is filled in. */
  object: Bookmark;
}

/** What a bookmark carries: a resource version from which a watch can be taken up again. */
export interface Bookmark {
  /** The watched kind's group and version. */
  apiVersion?: string;
  /** The watched kind. */
  kind?: string;
  /**
   * Its `resourceVersion`, and the annotation `k8s.io/initial-events-end` on the one that ends the initial
   * events of a streaming list.
   */
  metadata?: ObjectMeta;
}

/** The watch failed on the server's side, after the answer had begun. It is the last event. */
export interface WatchError {
  /** Tells the event apart. */
  type: "ERROR";
  /** Why; `code` 410 when the resource version is no longer known. */
  object: Status;
}
