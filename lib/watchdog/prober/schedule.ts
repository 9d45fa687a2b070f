/**
 * When each probe is due: its own time, spread evenly over its interval.
 *
 * @module
 */
import TinyQueue from "tinyqueue";
import type { Clock } from "../../runtime/clock.ts";

/** Something that is to be done every so often. */
export interface Scheduled {
  /** Milliseconds, by the clock's monotonic time. */
  readonly interval: number;
}

interface Turn<T extends Scheduled> {
  readonly item: T;
  readonly due: number;
}

/** Turns of removed items that are kept beside those of as many that are not, and some more. */
const spareTurns = 1024;

/** Turns that are due within this time of each other are called from one timer, milliseconds. */
const granularity = 20;

/** The golden ratio's part after the point: multiples of it fill an interval evenly, however many come. */
const golden = 0.618033988749895;

/**
 * Calls `turn` for each item once an interval. The moment within the interval is the item's own, so that
 * thousands of items make an even stream; one that comes late or takes long moves no other.
 */
export class Schedule<T extends Scheduled> {
  #queue = queueOf<T>([]);
  readonly #live = new Map<T, number>();
  readonly #clock: Clock;
  readonly #turn: (item: T) => void;
  #added = 0;
  #cancel: (() => void) | undefined;
  #timerDue = Infinity;

  constructor(clock: Clock, turn: (item: T) => void) {
    this.#clock = clock;
    this.#turn = turn;
  }

  get size(): number {
    return this.#live.size;
  }

  /** How many turns it holds in memory, some of removed items among them. */
  get held(): number {
    return this.#queue.length;
  }

  /**
   * Starts an item's turns. An item that was removed is not added again: a new one takes its place.
   *
   * @param soon the first turn comes within so many milliseconds; the next keep to the item's own moment
   */
  add(item: T, soon?: number): void {
    const phase = (golden * ++this.#added) % 1;
    const now = this.#clock.monotonic();
    this.#live.set(item, phase * item.interval);
    this.#push(
      item,
      soon === undefined ? this.#next(item, now) : now + phase * Math.min(item.interval, soon),
    );
  }

  /** Ends an item's turns. */
  remove(item: T): void {
    this.#live.delete(item);
    // Its turn stays until it is due, which may be in an hour: who adds and removes all day must not fill memory.
    if (this.#queue.length <= 2 * this.#live.size + spareTurns) return;
    this.#queue = queueOf(this.#queue.data.filter(({ item }) => this.#live.has(item)));
  }

  /** Ends all turns. */
  clear(): void {
    this.#live.clear();
    this.#queue = queueOf([]);
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerDue = Infinity;
  }

  /**
   * The item's next own moment after `now`. One within the granularity is the moment that is just over, as
   * rounding sees it: it would give the item two turns, or turns without end.
   */
  #next(item: T, now: number): number {
    const offset = this.#live.get(item)!;
    return offset + item.interval * (Math.floor((now + granularity - offset) / item.interval) + 1);
  }

  #push(item: T, due: number): void {
    this.#queue.push({ item, due });
    this.#arm();
  }

  #arm(): void {
    const due = this.#queue.peek()?.due;
    if (due === undefined || due >= this.#timerDue) return;
    this.#cancel?.();
    this.#timerDue = due;
    const wait = Math.max(granularity, due - this.#clock.monotonic());
    this.#cancel = this.#clock.after(wait, () => this.#run());
  }

  #run(): void {
    this.#timerDue = Infinity;
    this.#cancel = undefined;
    const now = this.#clock.monotonic();
    for (let first = this.#queue.peek(); first && first.due <= now; first = this.#queue.peek()) {
      this.#queue.pop();
      if (!this.#live.has(first.item)) continue;
      this.#queue.push({ item: first.item, due: this.#next(first.item, now) });
      this.#turn(first.item);
    }
    this.#arm();
  }
}

function queueOf<T extends Scheduled>(turns: Turn<T>[]): TinyQueue<Turn<T>> {
  return new TinyQueue(turns, (a, b) => a.due - b.due);
}
