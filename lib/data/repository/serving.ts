/**
 * What all routes that serve versions share.
 *
 * @module
 */
import type { Digest } from "../../contract/ids.ts";
import type { Garbage } from "./garbage.ts";
import type { RepositoryMetrics } from "./metrics.ts";
import type { Repository } from "./repository.ts";

/** What is needed to serve versions. */
export interface Serving {
  readonly repository: Repository;
  readonly garbage: Garbage;
  readonly metrics: RepositoryMetrics;
  /** Told that somebody asked for a version that is not here. */
  readonly missed: () => void;
  /** Where else a blob can be had, if it can. */
  readonly elsewhere: (digest: Digest) => string | undefined;
}
