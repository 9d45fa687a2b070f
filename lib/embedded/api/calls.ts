/**
 * Requests and answers, whatever carries them.
 *
 * @module
 */
import type { ApiObject } from "./objects.ts";
import type { Page } from "./lists.ts";
import type { Resource } from "./resources.ts";
import type { WatchedEvent } from "./watches.ts";

/** A request of somebody who is known. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body as JSON has it, where there is one. */
  readonly body?: unknown;
  /** The body as it was sent, where it was JSON: fields may stand in it twice. */
  readonly text?: string;
  readonly contentType: string;
  readonly userAgent: string;
  /** Ends a watch, or a log that is followed. */
  readonly signal: AbortSignal;
}

/** What the API answers with, before it is put into the form that the caller asked for. */
export type Answer =
  /** One object as it is kept, and what the caller should know about what it sent. */
  | {
    readonly kind: "object";
    readonly code: number;
    readonly resource: Resource;
    readonly object: ApiObject;
    readonly warnings?: readonly string[];
  }
  /** Objects as they are kept. */
  | { readonly kind: "list"; readonly resource: Resource; readonly page: Page }
  /** Events, their objects as they are kept. */
  | { readonly kind: "events"; readonly resource: Resource; readonly events: AsyncIterable<WatchedEvent> }
  | { readonly kind: "log"; readonly stream: ReadableStream<Uint8Array> }
  /** Something that is no object of a resource. */
  | { readonly kind: "plain"; readonly code: number; readonly body: object };
