/**
 * What the repository counts. The label `source` is bounded: the operator configures the sources.
 *
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { Counter, Gauge, Histogram, type Registry } from "../../runtime/metrics.ts";
import type { Repository } from "./repository.ts";

/** The repository's metrics. */
export interface RepositoryMetrics {
  /** Looks at upstreams by source and result: `same`, `new`, `failed`. */
  readonly looks: Counter<"source" | "result">;
  /** When a source's upstream was last read, seconds since 1970. */
  readonly lastLook: Gauge<"source">;
  /** Times of packing, seconds. */
  readonly packing: Histogram;
  /** Calls of hooks by answer. */
  readonly hooks: Counter<"status">;
  /** Bytes of bodies that were answered. */
  readonly served: Counter;
  /** Blobs that were deleted. */
  readonly deleted: Counter;
  /** 1 while nothing may be deleted, as it is not known what is kept. */
  readonly deletesNothing: Gauge;
  /** Versions that are kept by somebody and not here. */
  readonly lost: Gauge;
  /** 1 while the last packing found no room on the disk. */
  readonly diskFull: Gauge;
  /** Forgets a source that is configured no more. */
  forget(source: string): void;
}

const prefix = "autocrane_datarepo_";

/** Registers the repository's metrics. */
export function repositoryMetrics(registry: Registry): RepositoryMetrics {
  const registers = [registry];
  const gauge = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: prefix + name, help, labelNames, registers });
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: prefix + name, help, labelNames, registers });
  const looksHelp = "Looks at upstreams by source and result: same, new, failed.";
  const looks = counter("looks_total", looksHelp, ["source", "result"]);
  const lastLookHelp = "When a source's upstream was last read, seconds since 1970.";
  const lastLook = gauge("last_look_time_seconds", lastLookHelp, ["source"]);
  return {
    looks,
    lastLook,
    packing: new Histogram({
      name: `${prefix}packing_seconds`,
      help: "How long it took to pack a version.",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600],
      registers,
    }),
    hooks: counter("hooks_total", "Calls of hooks by status of the answer.", ["status"]),
    served: counter("served_bytes_total", "Bytes of blobs, manifests and archives that were answered."),
    deleted: counter("deleted_blobs_total", "Blobs that were deleted as nobody needs them."),
    deletesNothing: gauge("deletes_nothing", "1 while nothing is deleted: it is not known what is kept."),
    lost: gauge("lost_versions", "Versions that somebody keeps and that are not here."),
    diskFull: gauge("disk_full", "1 while the last packing found no room on the disk."),
    forget(source) {
      lastLook.remove({ source });
      for (const result of ["same", "new", "failed"]) looks.remove({ source, result });
    },
  };
}

/** Registers what is counted when it is asked for: versions, troubles, the store's size. */
export function storeMetrics(registry: Registry, repository: Repository, clock: Clock): void {
  const registers = [registry];
  new Gauge({
    name: `${prefix}versions`,
    help: "Versions by source.",
    labelNames: ["source"],
    registers,
    collect() {
      this.reset();
      for (const source of repository.sources) this.set({ source }, repository.versionsOf(source).length);
    },
  });
  new Gauge({
    name: `${prefix}trouble_seconds`,
    help: "For how long a source's upstream could not be read; 0 while it can.",
    labelNames: ["source"],
    registers,
    collect() {
      this.reset();
      for (const source of repository.sources) {
        const since = repository.troubleOf(source)?.since;
        this.set({ source }, since === undefined ? 0 : Math.max(0, clock.now() / 1000 - since));
      }
    },
  });
  new Gauge({
    name: `${prefix}store_bytes`,
    help: "Bytes of all blobs in the store.",
    registers,
    collect() {
      this.set(repository.store.blobs.list().reduce((sum, { size }) => sum + size, 0));
    },
  });
}
