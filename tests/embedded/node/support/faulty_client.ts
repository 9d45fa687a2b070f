/**
 * A client whose calls can be watched, and made to fail.
 *
 * @module
 */
import type { KubeClient, KubeRequest, WatchEvent } from "../../../../k8s/client.ts";

/** Passes calls on to another client, unless a test wants them to fail. */
export class FaultyClient implements KubeClient {
  /** Every call that was made, but watches. */
  readonly calls: KubeRequest[] = [];
  readonly #inner: KubeClient;
  /** Told of each call before it is passed on: what it throws is the answer. */
  fault: (request: KubeRequest) => void = () => {};

  constructor(inner: KubeClient) {
    this.#inner = inner;
  }

  json<T>(request: KubeRequest): Promise<T> {
    try {
      this.calls.push(request);
      this.fault(request);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#inner.json(request);
  }

  watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>> {
    return this.#inner.watch(request);
  }

  text(request: KubeRequest): Promise<string> {
    return this.#inner.text(request);
  }

  stream(request: KubeRequest): Promise<ReadableStream<Uint8Array>> {
    return this.#inner.stream(request);
  }

  /** The calls that wrote a pod's status. */
  statusWrites(pod: string): KubeRequest[] {
    return this.calls.filter(({ method, path }) =>
      method === "PATCH" && path.endsWith(`/pods/${pod}/status`)
    );
  }
}
