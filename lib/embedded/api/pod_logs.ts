/**
 * What the API asks of the node for `pods/NAME/log`.
 *
 * @module
 */

/** Which container's log, and how much of it (core/v1 PodLogOptions). */
export interface LogRequest {
  readonly namespace: string;
  readonly name: string;
  /** Of the pod that has this name now. */
  readonly uid: string;
  readonly container: string;
  /** Goes on as the container writes, until it ends. */
  readonly follow: boolean;
  /** The run before the present one. */
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  /** Milliseconds since 1970: nothing older. */
  readonly since?: number;
  readonly limitBytes?: number;
}

/**
 * Opens a container's log. The container exists in the pod's spec; that was checked.
 *
 * @throws ApiError 400 in the kubelet's words, for instance where the container has not started yet
 */
export type PodLogs = (request: LogRequest, signal: AbortSignal) => ReadableStream<Uint8Array>;
