/**
 * What an API server, or the way to it, refused.
 *
 * @module
 */
import { type ExitCode, exitCode, Failure, messageOf } from "../runtime/failure.ts";
import { oneLine } from "../runtime/one_line.ts";

/** The most of a text that is shown, where it comes from a server or a proxy. */
const mostShown = 1000;

/** Longest that a server may ask us to wait, milliseconds: what waits longer looks like a hang. */
const longestWait = 300_000;

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
  /** Milliseconds that the server asks to wait before a repetition, five minutes at most. */
  readonly retryAfter: number | undefined;

  /**
   * Words an answer, with the rule to add where RBAC refused. Nothing of `status` is taken on trust: what is not
   * of its type is passed over, and texts are cleaned and cut.
   *
   * @param retryAfterSeconds the `retry-after` header, which wins over the answer's own words
   */
  constructor(call: Call, httpStatus: number, status: StatusLike, retryAfterSeconds?: number) {
    const said = textOf(status.message) ?? "no reason given";
    super(
      `Cannot ${call.method} ${call.path}: ${httpStatus}: ${said}${adviceFor(httpStatus, said)}`,
      codeFor(httpStatus),
    );
    this.status = httpStatus;
    this.reason = textOf(status.reason) ?? "";
    this.causes = causesOf(status.details?.causes);
    this.method = call.method;
    this.path = call.path;
    this.retryAfter = waitOf(retryAfterSeconds) ?? waitOf(status.details?.retryAfterSeconds);
  }

  /** Whether one of the causes has this machine-readable reason. */
  hasCause(reason: string): boolean {
    return this.causes.some((cause) => cause.reason === reason);
  }
}

function waitOf(seconds: unknown): number | undefined {
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(seconds * 1000, longestWait);
}

function textOf(said: unknown): string | undefined {
  return typeof said === "string" && oneLine(said, mostShown) || undefined;
}

function causesOf(said: unknown): StatusCause[] {
  if (!Array.isArray(said)) return [];
  return said.filter((one) => typeof one === "object" && one !== null).map(({ reason, message, field }) => ({
    reason: textOf(reason),
    message: textOf(message),
    field: textOf(field),
  }));
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
  /**
   * The request never left, so repeating it is safe whatever it was. Known only where the connection was refused
   * or the server's name was not found; an unreachable network may also end a connection that carried it.
   */
  readonly unsent: boolean;

  /**
   * Words a silence.
   *
   * @param server the address that gave no answer
   */
  constructor(call: Call, server: string, cause: unknown) {
    const why = textOf(rootOf(cause)) ?? "no reason given";
    const advice = /certificate/i.test(why)
      ? "Is the certificate authority that is trusted this cluster's?"
      : "Is the address right and the cluster up?";
    super(
      `Cannot ${call.method} ${call.path}: no answer from ${server}: ${why}. ${advice}`,
      exitCode.unreachable,
      { cause },
    );
    this.unsent = /connection refused|actively refused|dns error/i.test(why);
  }
}

/** The API server said yes, but with a body that is not what was asked for: usually a proxy's page. */
export class BadAnswer extends Failure {
  /** `BadAnswer`. */
  override readonly name = "BadAnswer";

  /**
   * Words an answer that is no JSON.
   *
   * @param server the address that gave it
   * @param body what it gave
   */
  constructor(call: Call, server: string, body: string, cause: unknown) {
    const shown = body.trim() === "" ? "nothing" : `"${oneLine(body, 200)}"`;
    super(
      `Cannot ${call.method} ${call.path}: the answer from ${server} is no JSON but ${shown}. ` +
        "Is it an API server, with no proxy before it that asks for a login?",
      exitCode.couldNot,
      { cause },
    );
  }
}

/** Who we are could not be found out in the time that the call had. Nothing was sent. */
export class NoCredentials extends Failure {
  /** `NoCredentials`. */
  override readonly name = "NoCredentials";

  /** Words a call that was not made. */
  constructor(call: Call, cause: unknown) {
    super(
      `Cannot ${call.method} ${call.path}: the credentials were not there in time: ${messageOf(cause)}. ` +
        "Does the kubeconfig's command wait for something?",
      exitCode.noPermission,
      { cause },
    );
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
