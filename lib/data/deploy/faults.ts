/**
 * Whose fault it is that a version could not be applied.
 *
 * @module
 */
import type { ApplyFault } from "../../contract/data_version.ts";
import { FetchFailure } from "../fetch/blob_source.ts";
import { BadVersion } from "../version/bad_version.ts";

/** What a failure speaks against. Neither the bytes nor where they come from: then it is the file system's. */
export function faultOf(error: unknown): ApplyFault {
  if (error instanceof FetchFailure) return error.fault;
  return error instanceof BadVersion ? "content" : "disk";
}
