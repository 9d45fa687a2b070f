/**
 * Leases as an API server keeps them, in memory, behind clients whose connections and processes can fail.
 *
 * @module
 */
import type { KubeClient, KubeRequest, WatchEvent } from "../../k8s/client.ts";
import type { Lease } from "../../k8s/coordination_v1.ts";
import { KubeError } from "../../lib/kube/errors.ts";
import { type Clock, sleep } from "../../lib/runtime/clock.ts";

/** What becomes of a call: answered; refused; done but never answered; not even done; done much later. */
export type Fate = "ok" | "error" | "lost" | "silent" | "late";

/** One Lease, its versions and who watches. */
export class LeaseServer {
  lease: Lease | undefined;
  /** Each write that was accepted, as `holder`. */
  readonly writes: string[] = [];
  #version = 0;
  readonly #watchers = new Set<(event: WatchEvent<Lease>) => void>();

  /** Does what a request asks, as the API server would: by resource version. */
  commit({ method, path, body }: KubeRequest): unknown {
    const named = path.split("/leases/")[1] !== undefined;
    if (method === "GET" && !named) {
      return { metadata: { resourceVersion: `${this.#version}` }, items: this.lease ? [this.lease] : [] };
    }
    const given = body as Lease;
    if (method === "POST") {
      if (this.lease) throw new KubeError({ method, path }, 409, { reason: "AlreadyExists" });
      return this.#store({ ...given, metadata: { ...given.metadata, uid: crypto.randomUUID() } }, "ADDED");
    }
    if (!this.lease) throw new KubeError({ method, path }, 404, { reason: "NotFound" });
    if (method === "GET") return this.lease;
    const { metadata, spec } = this.lease;
    if (given.metadata?.resourceVersion !== metadata?.resourceVersion) {
      throw new KubeError({ method, path }, 409, { reason: "Conflict" });
    }
    return this.#store({ metadata, spec: { ...spec, ...given.spec } }, "MODIFIED");
  }

  /** Somebody writes the Lease by hand. */
  edit(spec: NonNullable<Lease["spec"]>): void {
    this.#store({ metadata: { name: "lead", uid: "u", ...this.lease?.metadata }, spec }, "MODIFIED");
  }

  /** Somebody deletes the Lease. */
  remove(): void {
    if (!this.lease) return;
    const metadata = { ...this.lease.metadata, resourceVersion: `${++this.#version}` };
    const object = { ...this.lease, metadata };
    this.lease = undefined;
    this.#tell({ type: "DELETED", object });
  }

  /** The server is restored from a backup of so many versions ago, in which the Lease was as it is. */
  rewind(versions: number): void {
    this.#version -= versions;
    if (this.lease) this.#store(this.lease, "MODIFIED");
  }

  watch(listener: (event: WatchEvent<Lease>) => void): () => void {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  }

  #store(lease: Lease, type: "ADDED" | "MODIFIED"): Lease {
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: `${++this.#version}` } };
    this.writes.push(lease.spec?.holderIdentity ?? "");
    this.#tell({ type, object: this.lease });
    return this.lease;
  }

  #tell(event: WatchEvent<Lease>): void {
    for (const watcher of this.#watchers) watcher(event);
  }
}

/** One process: it can be stopped and continued, and its connection decides what becomes of its calls. */
export class Machine implements Clock, KubeClient {
  /** What becomes of the next calls. Watches tell nothing while it is not "ok". */
  fate: Fate = "ok";
  /** The writes that this process sent. */
  readonly sent: KubeRequest[] = [];
  readonly #server: LeaseServer;
  readonly #clock: Clock;
  #stopped: PromiseWithResolvers<void> | undefined;
  #due: (() => void)[] = [];

  constructor(server: LeaseServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** SIGSTOP: time goes on, nothing is called back. */
  stop(): void {
    this.#stopped ??= Promise.withResolvers();
  }

  /** SIGCONT: what fell due meanwhile comes all at once. */
  resume(): void {
    this.#stopped?.resolve();
    this.#stopped = undefined;
    for (const callback of this.#due.splice(0)) callback();
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, callback: () => void): () => void {
    let cancelled = false;
    const call = () => cancelled || callback();
    const cancel = this.#clock.after(ms, () => (this.#stopped ? void this.#due.push(call) : call()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  async json<T>(request: KubeRequest): Promise<T> {
    request.signal?.throwIfAborted();
    if (request.method !== "GET") this.sent.push(request);
    const { fate } = this;
    if (fate === "error") throw new KubeError(request, 500, { message: "etcd is away" });
    if (fate === "silent") return await silence(request.signal);
    if (fate === "late") {
      this.#clock.after(7000, () => this.#tryCommit(request));
      return await silence(request.signal);
    }
    const answer = this.#server.commit(request) as T;
    if (fate === "lost") throw new Error("connection reset");
    await this.#stopped?.promise;
    return structuredClone(answer);
  }

  async *watch<T>({ signal }: KubeRequest): AsyncIterable<WatchEvent<T>> {
    const queue: WatchEvent<Lease>[] = [];
    let wake = () => {};
    const end = this.#server.watch((event) => {
      queue.push(event);
      wake();
    });
    signal?.addEventListener("abort", () => wake());
    try {
      while (!signal?.aborted) {
        while (queue.length > 0) {
          await this.#stopped?.promise;
          // What happens while the connection is broken is told when it works again, as TCP does.
          while (this.fate !== "ok" && !signal?.aborted) await sleep(this.#clock, 500, signal);
          yield queue.shift()! as WatchEvent<T>;
        }
        if (!signal?.aborted) await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      end();
    }
  }

  text(): Promise<string> {
    return Promise.reject(new Error("not used"));
  }

  stream(): Promise<ReadableStream<Uint8Array>> {
    return Promise.reject(new Error("not used"));
  }

  #tryCommit(request: KubeRequest): void {
    try {
      this.#server.commit(request);
    } catch {
      // Nobody waits for the answer.
    }
  }
}

/** Never answers; ends with the signal. */
function silence(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}
