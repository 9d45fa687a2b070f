/**
 * Where the gate learns its pod's annotations: a downward API file, or a watch on the one pod.
 *
 * @module
 */
import type { Pod } from "../../../k8s/core_v1.ts";
import type { StringMap } from "../../contract/keys.ts";
import { Reflector, type Source } from "../../kube/reflector.ts";
import { Store } from "../../kube/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import { loop } from "../../runtime/loop.ts";
import { parseAnnotationsFile } from "./annotations_file.ts";

/** Annotations as they come. */
export interface AnnotationSource {
  /** Calls `observe` with the annotations whenever they may have changed, until the signal aborts. */
  run(observe: (annotations: StringMap) => void, signal: AbortSignal): Promise<void>;
  /** Why what was last observed may be old, in words; `undefined` where it is current. */
  stale(): string | undefined;
}

/** What a source needs beside itself. */
export interface SourceOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** From one look at the file to the next, milliseconds: the kubelet takes longer to write it. */
const fileEvery = 500;

/** Reads the annotations from a downward API file. No rights and no network are needed. */
export function fileSource(path: string, { clock, log }: SourceOptions): AnnotationSource {
  let trouble: string | undefined;
  return {
    async run(observe, signal) {
      const read = async () => {
        observe(parseAnnotationsFile(await Deno.readTextFile(path)));
        trouble = undefined;
      };
      const failed = (error: unknown) => {
        const words = `cannot read ${path}: ${messageOf(error)}`;
        if (words !== trouble) {
          log.warn("cannot read the annotations file", { path, error: messageOf(error) });
        }
        trouble = words;
      };
      await loop({ every: fileEvery, turn: read, failed, clock, signal });
    },
    stale: () => trouble,
  };
}

/**
 * Watches the one pod.
 *
 * @param source lists and watches that pod alone
 */
export function podSource(source: Source<Pod>, { clock, log }: SourceOptions): AnnotationSource {
  const store = new Store((pod: Pod) => pod.metadata?.annotations ?? {});
  const reflector = new Reflector({ what: "this pod", source, store, clock, log });
  let lastCurrent = clock.monotonic();
  return {
    async run(observe, signal) {
      store.onChange(({ after }) => after && observe(after));
      await reflector.run(signal);
    },
    stale() {
      const { trouble } = reflector;
      if (trouble === undefined) {
        lastCurrent = clock.monotonic();
        return undefined;
      }
      const seconds = Math.round((clock.monotonic() - lastCurrent) / 1000);
      return `what is known of the pod is ${seconds} s old: ${trouble}`;
    },
  };
}
