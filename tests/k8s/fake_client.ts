import type { KubeClient, KubeRequest, WatchEvent } from "../../k8s/client.ts";

/** Remembers what it is asked for, and answers nothing of interest. */
export class FakeClient implements KubeClient {
  /** The requests so far, each with the method of the client that it came through. */
  readonly calls: { through: keyof KubeClient; request: KubeRequest }[] = [];

  /** The last request. */
  get request(): KubeRequest | undefined {
    return this.calls.at(-1)?.request;
  }

  json<T>(request: KubeRequest): Promise<T> {
    this.calls.push({ through: "json", request });
    return Promise.resolve({} as T);
  }

  watch<T>(request: KubeRequest): AsyncIterable<WatchEvent<T>> {
    this.calls.push({ through: "watch", request });
    return (async function* () {})();
  }

  text(request: KubeRequest): Promise<string> {
    this.calls.push({ through: "text", request });
    return Promise.resolve("");
  }

  stream(request: KubeRequest): Promise<ReadableStream<Uint8Array>> {
    this.calls.push({ through: "stream", request });
    return Promise.resolve(new Blob([]).stream());
  }
}
