/**
 * What an API server refuses, as controllers take it and tell it.
 *
 * @module
 */
import { isStatus, KubeError } from "../../../kube/errors.ts";
import { messageOf } from "../../../runtime/failure.ts";

/** What an API server said, without the call that it said it to. */
export function refusalOf(error: unknown): string {
  if (!(error instanceof KubeError)) return messageOf(error);
  const call = `Cannot ${error.method} ${error.path}: ${error.status}: `;
  return error.message.startsWith(call) ? error.message.slice(call.length) : error.message;
}

/** What a read gives, or `undefined` where there is no such object. Rejects as the read does otherwise. */
export async function unlessMissing<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Whether nothing can be created any more as the namespace goes. */
export function namespaceGoes(error: unknown): boolean {
  return error instanceof KubeError && error.hasCause("NamespaceTerminating");
}
