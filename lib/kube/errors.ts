/**
 * What an API server, or the way to it, refused.
 *
 * @module
 */
import { type ExitCode, exitCode, Failure, messageOf } from "../runtime/failure.ts";

/** One detail of a refusal (meta/v1 StatusCause). */
export interface StatusCause {
  /** One machine-readable word. */
  readonly reason?: string;
  /** For people. */
  readonly message?: string;
  /** Which field of the request is meant. */
  readonly field?: string;
}

/** What meta/v1 Status says, as far as we act on it. */
export interface StatusLike {
  /** For people. */
  readonly message?: string;
  /** One machine-readable word. */
  readonly reason?: string;
  /** The HTTP status that it stands for. */
  readonly code?: number;
  /** What exactly, and when to try again. */
  readonly details?: {
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

/** The call that was refused. */
export interface Call {
  /** Its HTTP method. */
  readonly method: string;
  /** Its path, without its query. */
  readonly path: string;
}

/** An API server's answer that is not 2xx, or an ERROR event in a watch. */
export class KubeError extends Failure {
  /** `KubeError`. */
  override readonly name = "KubeError";
  /** HTTP status. */
  readonly status: number;
  /** The machine-readable reason, for instance `NotFound`; empty where the server gave none. */
  readonly reason: string;
  /** The details that the server gave. */
  readonly causes: readonly StatusCause[];
  /** The call's HTTP method. */
  readonly method: string;
  /** The call's path, without its query. */
  readonly path: string;
  /** Milliseconds that the server asks to wait before a repetition. */
  readonly retryAfter: number | undefined;

  /**
   * Words an answer, with the rule to add where RBAC refused.
   *
   * @param retryAfterSeconds the `retry-after` header, which wins over the answer's own words
   */
  constructor(call: Call, httpStatus: number, status: StatusLike, retryAfterSeconds?: number) {
    const said = status.message ?? "no reason given";
    super(
      `Cannot ${call.method} ${call.path}: ${httpStatus}: ${said}${adviceFor(httpStatus, said)}`,
      codeFor(httpStatus),
    );
    this.status = httpStatus;
    this.reason = status.reason ?? "";
    this.causes = status.details?.causes ?? [];
    this.method = call.method;
    this.path = call.path;
    const seconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
    this.retryAfter = seconds === undefined ? undefined : seconds * 1000;
  }

  /** Whether one of the causes has this machine-readable reason. */
  hasCause(reason: string): boolean {
    return this.causes.some((cause) => cause.reason === reason);
  }
}

function codeFor(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCode.noPermission;
  if (status === 404) return exitCode.notFound;
  return exitCode.couldNot;
}

/** RBAC's refusal as the API server words it, taken apart. */
const forbidden =
  /User "(?<user>[^"]+)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

function adviceFor(status: number, said: string): string {
  if (status === 401) return ". Is the token or certificate still valid?";
  const parts = status === 403 ? forbidden.exec(said)?.groups : undefined;
  if (!parts) return "";
  const role = parts.namespace ? `a Role in the namespace "${parts.namespace}"` : "a ClusterRole";
  const rule = `{apiGroups: ["${parts.group}"], resources: ["${parts.resource}"], verbs: ["${parts.verb}"]}`;
  return `. Add to ${role} that is bound to "${parts.user}" the rule ${rule}`;
}

/** The API server gave no answer: refused, reset, unknown host, bad certificate, or silent for too long. */
export class Unreachable extends Failure {
  /** `Unreachable`. */
  override readonly name = "Unreachable";
  /** The request never left, so repeating it is safe whatever it was. */
  readonly unsent: boolean;

  /**
   * Words a silence.
   *
   * @param server the address that gave no answer
   */
  constructor(call: Call, server: string, cause: unknown) {
    const why = rootOf(cause);
    super(
      `Cannot ${call.method} ${call.path}: no answer from ${server}: ${why}. Is the address right and the cluster up?`,
      exitCode.unreachable,
      { cause },
    );
    this.unsent = /refused|dns error|failed to lookup|unreachable/i.test(why);
  }
}

/** The innermost cause's message: Deno's fetch wraps the telling one several times. */
function rootOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  return messageOf(inner);
}

/** Whether `error` is an API server's answer with this HTTP status. */
export function isStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status;
}
