/**
 * How a deletion is meant (meta/v1 DeleteOptions), read from what was sent.
 *
 * @module
 */
import type { DeleteOptions } from "../../../k8s/meta_v1.ts";
import { type ApiError, badRequest, invalid } from "./errors.ts";

/**
 * Reads the options that a DELETE or an Eviction carries. `null` is as if nothing was said.
 *
 * @throws ApiError 400 where something is not of its type, 422 for a value that is none
 */
export function deleteOptionsIn(sent: unknown): DeleteOptions {
  const options = fieldsOf("DeleteOptions", sent);
  const preconditions = fieldsOf("preconditions", options.preconditions);
  const dryRun = options.dryRun ?? undefined;
  if (dryRun !== undefined && !Array.isArray(dryRun)) throw wrongType("dryRun", "a list");
  if (dryRun !== undefined) refuseOtherDryRun(dryRun);
  return {
    gracePeriodSeconds: wholeNumber(options.gracePeriodSeconds),
    propagationPolicy: text("propagationPolicy", options.propagationPolicy),
    orphanDependents: flag(options.orphanDependents),
    dryRun,
    preconditions: {
      uid: text("preconditions.uid", preconditions.uid),
      resourceVersion: text("preconditions.resourceVersion", preconditions.resourceVersion),
    },
  };
}

/**
 * Refuses a dry run of another kind than the only one there is.
 *
 * @throws ApiError 422
 */
export function refuseOtherDryRun(dryRun: readonly unknown[]): void {
  if (dryRun.every((one) => one === "All")) return;
  const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`;
  const problem = { field: "dryRun", message, reason: "FieldValueNotSupported" };
  throw invalid("WriteOptions", { group: "meta.k8s.io", resource: "" }, [problem]);
}

/** What is sent as an object; empty where nothing is. */
function fieldsOf(what: string, sent: unknown): Readonly<Record<string, unknown>> {
  if (sent === undefined || sent === null) return {};
  if (typeof sent === "object" && !Array.isArray(sent)) return sent as Record<string, unknown>;
  throw wrongType(what, "an object");
}

function wholeNumber(sent: unknown): number | undefined {
  if (sent === undefined || sent === null) return undefined;
  if (Number.isInteger(sent) && Math.abs(sent as number) < 2 ** 31) return sent as number;
  throw wrongType("gracePeriodSeconds", "a whole number of seconds");
}

function text(field: string, sent: unknown): string | undefined {
  if (sent === undefined || sent === null) return undefined;
  if (typeof sent === "string") return sent;
  throw wrongType(field, "text");
}

function flag(sent: unknown): boolean | undefined {
  if (sent === undefined || sent === null) return undefined;
  if (typeof sent === "boolean") return sent;
  throw wrongType("orphanDependents", "true or false");
}

function wrongType(field: string, expected: string): ApiError {
  return badRequest(`cannot read DeleteOptions: ${field} must be ${expected}`);
}
