/**
 * Where a sidecar learns its own pod's annotations: a downward API file, or a watch on the one pod.
 *
 * @module
 */
import type { Pod } from "../../k8s/core_v1.ts";
import { FolderChanges } from "./folder_changes.ts";
import { Reflector, type Source } from "./reflector.ts";
import { Store } from "./store.ts";
import type { Clock } from "../runtime/clock.ts";
import { messageOf } from "../runtime/failure.ts";
import type { Log } from "../runtime/log.ts";
import { loop, type LoopOptions } from "../runtime/loop.ts";
import { type Annotations, parseAnnotationsFile } from "./annotations_file.ts";

/** How well the pod is known. */
export interface Knowledge {
  /** Milliseconds since the file was read or the API server last said something; `undefined` before that. */
  readonly age: number | undefined;
  /** Why no more is known, in words; `undefined` where nothing is known to be wrong. */
  readonly trouble: string | undefined;
}

/** Annotations as they come. */
export interface AnnotationSource {
  /** Calls `observe` with the annotations whenever they may have changed, until the signal aborts. */
  run(observe: (annotations: Annotations) => void, signal: AbortSignal): Promise<void>;
  /** How old what was last observed is, and why it may be too old. */
  knowledge(): Knowledge;
}

/** What a source needs beside itself. */
export interface SourceOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** From one look at the file to the next, milliseconds: the kubelet takes longer to write it. */
const fileEvery = 500;

/** The same for who is in a hurry and cannot watch the file's folder, milliseconds. */
const hurriedEvery = 100;

/** How a file is followed. */
export interface FileSourceOptions extends SourceOptions {
  /** Whether the file's folder is watched, so that a change is seen at once. */
  readonly hurried?: boolean;
}

/** Reads the annotations from a downward API file. No rights and no network are needed. */
export function fileSource(
  path: string,
  { clock, log, hurried = false }: FileSourceOptions,
): AnnotationSource {
  const heard = new LastHeard(clock);
  let trouble: string | undefined;
  const failed = (error: unknown) => {
    const words = `cannot read ${path}: ${messageOf(error)}`;
    if (words !== trouble) {
      log.warn("cannot read the annotations file", { path, error: messageOf(error) });
    }
    trouble = words;
  };
  return {
    async run(observe, signal) {
      const read = async () => {
        observe(parseAnnotationsFile(await Deno.readTextFile(path)));
        heard.now();
        trouble = undefined;
      };
      if (hurried) await hurriedLoop({ folder: folderOf(path), turn: read, failed, clock, signal });
      else await loop({ every: fileEvery, turn: read, failed, clock, signal });
    },
    knowledge: () => ({ age: heard.age, trouble }),
  };
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

/** As `loop`, and a turn as well whenever something in the folder changed: the kubelet renames a link there. */
async function hurriedLoop(
  { folder, turn, failed, clock, signal }: Pick<LoopOptions, "failed" | "clock" | "signal"> & {
    readonly folder: string;
    readonly turn: () => Promise<void>;
  },
): Promise<void> {
  using changes = new FolderChanges(folder);
  while (!signal.aborted) {
    try {
      await turn();
    } catch (error) {
      failed(error);
    }
    await changes.wait(changes.watched ? fileEvery : hurriedEvery, clock, signal);
  }
}

/**
 * Watches the one pod. A server that falls silent is noticed when its bookmarks, one a minute, stay away for
 * longer than a {@link Reflector} bears; the age tells from the first second on.
 *
 * @param source lists and watches that pod alone
 */
export function podSource(source: Source<Pod>, { clock, log }: SourceOptions): AnnotationSource {
  const heard = new LastHeard(clock);
  const store = new Store((pod: Pod) => pod.metadata?.annotations ?? {});
  const reflector = new Reflector({
    what: "this pod",
    source: listened(source, heard, store),
    store,
    clock,
    log,
  });
  return {
    async run(observe, signal) {
      store.onChange(({ after }) => after && observe(after));
      await reflector.run(signal);
    },
    knowledge() {
      const missing = reflector.current && store.size === 0;
      return {
        age: heard.age,
        trouble: missing ? "the API server knows no such pod" : reflector.trouble,
      };
    },
  };
}

/** When something was last heard. */
class LastHeard {
  #at: number | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): void {
    this.#at = this.#clock.monotonic();
  }

  /** Milliseconds since; `undefined` where nothing was heard yet. */
  get age(): number | undefined {
    return this.#at === undefined ? undefined : this.#clock.monotonic() - this.#at;
  }
}

/** The same source, and every word of it is noted; what any list shows is taken, as it shows the whole pod. */
function listened(source: Source<Pod>, heard: LastHeard, store: Store<Pod, Annotations>): Source<Pod> {
  return {
    async list(page) {
      const answer = await source.list(page);
      for (const pod of answer.items) store.upsert(pod);
      heard.now();
      return answer;
    },
    async *watch(from) {
      for await (const event of source.watch(from)) {
        heard.now();
        yield event;
      }
    },
  };
}
