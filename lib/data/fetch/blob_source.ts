/**
 * Where a version's bytes come from.
 *
 * @module
 */
import type { ApplyFault } from "../../contract/data_version.ts";
import type { Digest } from "../../contract/ids.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import type { Range } from "../blobs/blob_reader.ts";

/** Something that has blobs: a folder, or a registry. What it answers is not checked yet. */
export interface BlobSource {
  /**
   * A whole manifest, of at most `maxManifestBytes`.
   *
   * @throws FetchFailure where it cannot be had
   */
  manifest(digest: Digest, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * A part of a blob: just as many bytes as were asked for.
   *
   * @throws FetchFailure where it cannot be had
   */
  read(digest: Digest, range: Range, signal: AbortSignal): Promise<Uint8Array>;
}

/** A version that could not be fetched, and whose fault that is. */
export class FetchFailure extends Failure {
  /** `FetchFailure`. */
  override readonly name = "FetchFailure";
  /** What the failure speaks against. */
  readonly fault: ApplyFault;

  /** Fails with what could not be fetched, and why. */
  constructor(fault: ApplyFault, message: string, options?: ErrorOptions) {
    super(message, fault === "network" ? exitCode.unreachable : exitCode.couldNot, options);
    this.fault = fault;
  }
}
