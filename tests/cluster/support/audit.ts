/**
 * Who wrote what, as the API server's audit log has it.
 *
 * @module
 */

/** One write that was answered. */
export interface Write {
  /** `orchestrate`, for `system:serviceaccount:autocrane:orchestrate`; else the whole user name. */
  readonly user: string;
  readonly verb: string;
  /** `pods`, or with a subresource `pods/eviction`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** When it was received, milliseconds since 1970. */
  readonly at: number;
  readonly dryRun: boolean;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
}

/** The writes that an audit log holds, in the order in which they were answered. */
export async function writesIn(path: string): Promise<Write[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").flatMap((line) => {
    // The last line may be half written.
    if (!line.endsWith("}")) return [];
    const event = JSON.parse(line) as AuditEvent;
    return event.stage === "ResponseComplete" ? [writeOf(event)] : [];
  });
}

function writeOf(
  { verb, user, objectRef, responseStatus, requestURI, requestReceivedTimestamp }: AuditEvent,
) {
  const { resource = "", subresource, namespace = "", name = "" } = objectRef ?? {};
  return {
    user: user.username.replace(/^system:serviceaccount:autocrane:/, ""),
    verb,
    resource: subresource ? `${resource}/${subresource}` : resource,
    namespace,
    name,
    code: responseStatus?.code ?? 0,
    at: Date.parse(requestReceivedTimestamp),
    dryRun: /[?&]dryRun=All/.test(requestURI),
  };
}
