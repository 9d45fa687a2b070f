/**
 * Watches: what happens to the objects of a kind from some version on.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { saysYes } from "./request_words.ts";
import { ApiError, badRequest, expired } from "./errors.ts";
import { EventQueue } from "./event_queue.ts";
import type { Ground } from "./ground.ts";
import { refusedOption, revisionIn } from "./lists.ts";
import type { ApiObject } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { isSelected, type Selection, selectionIn } from "./selection.ts";
import type { Change } from "./store.ts";

/** One event, its object as it is kept. */
export type WatchedEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: ApiObject }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEnd: boolean }
  | { readonly type: "ERROR"; readonly error: ApiError };

/** From one bookmark to the next, milliseconds. */
const bookmarkEvery = 60_000;

/** A bookmark comes so long before a watch's time is over, milliseconds. */
const bookmarkBeforeEnd = 2_000;

/** Watches that end sooner have none, milliseconds. */
const shortest = 3_000;

/** How long a watch goes on where its caller does not say, milliseconds: between this and twice as long. */
const leastTime = 1_800_000;

/** What a watch request asks for. */
interface Asked {
  readonly selection: Selection;
  readonly revision: number;
  /** The objects that are there come first. */
  readonly initial: boolean;
  /** A bookmark says where they end. */
  readonly marksInitial: boolean;
  readonly bookmarks: boolean;
  readonly timeout: number;
}

/**
 * Follows what a watch request asks for, until its time is over or the signal aborts. Following begins at once,
 * not with the first event that is read.
 *
 * @throws ApiError 400 or 422 for what cannot be read; a version that is too old is told as an event
 */
export function watched(
  { store, clock }: Ground,
  resource: Resource,
  namespace: string | undefined,
  query: URLSearchParams,
  signal: AbortSignal,
): AsyncIterable<WatchedEvent> {
  const asked = askedIn(query, resource);
  const queue = new EventQueue<WatchedEvent>(signal);
  const scope = namespace === undefined ? "" : `${namespace}/`;
  const take = (change: Change) => {
    const event = change.key.startsWith(scope) ? eventOf(change, asked.selection) : undefined;
    if (event) queue.push(event);
  };
  try {
    const from = asked.initial || asked.revision === 0 ? store.revision : asked.revision;
    if (asked.initial) {
      for (const object of store.list(resource.storage, namespace)) {
        if (isSelected(asked.selection, object)) queue.push({ type: "ADDED", object });
      }
      if (asked.marksInitial) queue.push(bookmark(store.revision, true));
    }
    queue.listed();
    queue.onEnd(store.follow(resource.storage, from, take));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status.code !== 410) throw error;
    queue.push({ type: "ERROR", error: expired("The resourceVersion for the provided watch is too old.") });
    queue.end();
    return queue;
  }
  queue.onEnd(clock.after(asked.timeout, () => queue.end()));
  if (asked.bookmarks && asked.timeout > shortest) {
    markRegularly(clock, asked.timeout, queue, () => bookmark(store.revision, false));
  }
  return queue;
}

function bookmark(revision: number, initialEnd: boolean): WatchedEvent {
  return { type: "BOOKMARK", resourceVersion: String(revision), initialEnd };
}

function askedIn(query: URLSearchParams, resource: Resource): Asked {
  const version = query.get("resourceVersion") ?? "";
  const revision = revisionIn(version, 500);
  const bookmarks = saysYes(query.get("allowWatchBookmarks"));
  const sendInitial = query.get("sendInitialEvents");
  refuseOddInitial(query);
  const seconds = Number(query.get("timeoutSeconds") || 0);
  if (Number.isNaN(seconds)) throw badRequest(`invalid timeoutSeconds "${query.get("timeoutSeconds")}"`);
  const timeout = seconds > 0 ? seconds * 1000 : leastTime * (1 + Math.random());
  // Without a version, and without a word about it, what is there comes first as well.
  const initial = sendInitial === null ? revision === 0 : saysYes(sendInitial);
  const marksInitial = bookmarks && (sendInitial === null ? version === "" : saysYes(sendInitial));
  return { selection: selectionIn(query, resource), revision, initial, marksInitial, bookmarks, timeout };
}

function refuseOddInitial(query: URLSearchParams): void {
  const initial = query.get("sendInitialEvents");
  const match = query.get("resourceVersionMatch");
  if (query.get("continue")) throw refusedOption("continue", "Forbidden: continue is forbidden for watch");
  if (initial === null && match === null) return;
  const field = "resourceVersionMatch";
  if (initial === null) {
    const why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    throw refusedOption(field, `Forbidden: ${why}`);
  }
  if (match !== "NotOlderThan") {
    const why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    throw refusedOption(field, `Forbidden: ${why}`);
  }
}

/** What a change is to who sees only the selected objects. */
function eventOf({ before, object, deleted }: Change, selection: Selection): WatchedEvent | undefined {
  const was = before !== undefined && isSelected(selection, before);
  const is = !deleted && isSelected(selection, object);
  if (!was && !is) return undefined;
  if (was && is) return { type: "MODIFIED", object };
  if (is) return { type: "ADDED", object };
  // Who no longer sees an object is shown it as it was last, with the version at which it left.
  const { resourceVersion } = object.metadata;
  const last = deleted ? object : { ...before!, metadata: { ...before!.metadata, resourceVersion } };
  return { type: "DELETED", object: last };
}

function markRegularly(
  clock: Clock,
  timeout: number,
  queue: EventQueue<WatchedEvent>,
  mark: () => WatchedEvent,
): void {
  const end = clock.monotonic() + timeout;
  let cancel = () => {};
  const next = () => {
    const left = end - clock.monotonic();
    const wait = Math.min(bookmarkEvery, left - bookmarkBeforeEnd);
    if (wait <= 0) return;
    cancel = clock.after(wait, () => {
      queue.push(mark());
      next();
    });
  };
  next();
  // Last, as it is called at once where the queue has ended already.
  queue.onEnd(() => cancel());
}
