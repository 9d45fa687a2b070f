/**
 * Where rollouts are remembered: one ConfigMap a watched namespace, in AutoCrane's namespace.
 *
 * @module
 */
import type { KubeClient } from "../../../k8s/client.ts";
import { type ConfigMap, CoreV1Api } from "../../../k8s/core_v1.ts";
import type { keptField } from "../../contract/data_catalogue.ts";
import { key } from "../../contract/keys.ts";
import { isStatus } from "../../kube/errors.ts";
import { follow, type Followed } from "../../kube/follow.ts";
import type { Source } from "../../kube/reflector.ts";
import type { Clock } from "../../runtime/clock.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { RolloutState } from "./state.ts";
import { formatState, parseState } from "./state_text.ts";

/** A namespace's rollouts as their ConfigMap holds them. */
export interface HeldState {
  /** The namespace whose rollouts they are. */
  readonly namespace: string;
  /** The ConfigMap's own. */
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The state, or why it cannot be read. */
  readonly state: RolloutState | { readonly problem: string };
  /** The other fields of ours, as they are written. */
  readonly notes: Notes;
}

/** The field that holds the state. */
const stateField = "state";

/** What is written beside the state, each in the field of its name; without it the field is removed. */
export interface Notes {
  /** What the repository is to keep ({@link formatKept}). */
  readonly [keptField]: string | undefined;
  /** What the repository has, in its own words: for people, who may not reach it. */
  readonly catalogue: string | undefined;
  /** What is decided by: for people. */
  readonly settings: string | undefined;
}

/** The name of the ConfigMap of a namespace. */
export function stateName(namespace: string): string {
  return `data-${namespace}`;
}

/** Reads a ConfigMap; `undefined` where it is not the one that its label says it is. */
export function readHeld({ metadata, data }: ConfigMap): HeldState | undefined {
  const namespace = metadata?.labels?.[key.dataState] ?? "";
  const name = metadata?.name ?? "";
  if (namespace === "" || name !== stateName(namespace)) return undefined;
  const text = data?.[stateField];
  return {
    namespace,
    name,
    uid: metadata?.uid ?? "",
    resourceVersion: metadata?.resourceVersion ?? "",
    state: text === undefined ? { problem: `has no field "${stateField}"` } : parseState(text),
    notes: { kept: data?.kept, catalogue: data?.catalogue, settings: data?.settings },
  };
}

/** Lists and watches the ConfigMaps that hold states. */
export function stateSource(client: KubeClient, own: string): Source<ConfigMap> {
  const core = new CoreV1Api(client).namespace(own);
  const labelSelector = key.dataState;
  return {
    list: (page) => core.getConfigMapList({ ...page, labelSelector }),
    watch: (from) => core.watchConfigMapList({ ...from, labelSelector }),
  };
}

/**
 * Writes a state over the one that was read, or makes the ConfigMap. Notes that are not given stay.
 *
 * @param held what was read; nothing where there was none
 * @returns the ConfigMap as it is now; `undefined` where somebody wrote meanwhile, so that it must be read again
 */
export async function writeState(
  { client, own, fieldManager }: {
    readonly client: KubeClient;
    readonly own: string;
    readonly fieldManager: string;
  },
  namespace: string,
  held: Pick<HeldState, "uid" | "resourceVersion"> | undefined,
  { state, notes }: { readonly state: RolloutState; readonly notes: Partial<Notes> },
): Promise<ConfigMap | undefined> {
  const core = new CoreV1Api(client).namespace(own);
  const labels = { [key.dataState]: namespace };
  const data = { ...notes, [stateField]: formatState(state) } as Record<string, string>;
  const name = stateName(namespace);
  try {
    if (!held) {
      return await core.createConfigMap({ metadata: { name, labels }, data }, { fieldManager });
    }
    const { uid, resourceVersion } = held;
    // In a merge patch `null` removes.
    const patch = Object.entries(data).map(([field, text]) => [field, text ?? null]);
    const body = { metadata: { uid, resourceVersion, labels }, data: Object.fromEntries(patch) };
    return await core.patchConfigMap(name, { type: "merge", body }, { fieldManager });
  } catch (error) {
    // Written, made or deleted by another since.
    if (isStatus(error, 409) || (held && isStatus(error, 404))) return undefined;
    throw error;
  }
}

function notOurs(own: string, name: string): Failure {
  return new Failure(
    `Cannot use the ConfigMap ${own}/${name}: it has not the label ${key.dataState} that says whose it is. ` +
      "Rename or delete it: data is remembered under this name.",
    exitCode.couldNot,
  );
}

/** What a store of states is made of. */
export interface StateStoreOptions {
  /** For reading. */
  readonly client: KubeClient;
  /** For writing: it refuses when this process does not lead. */
  readonly writer: KubeClient;
  /** AutoCrane's own namespace. */
  readonly own: string;
  readonly fieldManager: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the states of all namespaces, and writes them. */
export class StateStore {
  readonly #options: StateStoreOptions;
  readonly #followed: Followed<ConfigMap, HeldState>;

  constructor(options: StateStoreOptions) {
    const { client, own, clock, log } = options;
    this.#options = options;
    this.#followed = follow({
      what: `ConfigMaps of data in ${own}`,
      namespaces: ["*"],
      source: () => stateSource(client, own),
      trim: readHeld,
      clock,
      log,
    });
  }

  /** Resolves when all were listed once. */
  get synced(): Promise<void> {
    return this.#followed.synced;
  }

  /** Why what is held may be old, where it may. */
  get stale(): string | undefined {
    return this.#followed.current() ? undefined : this.#followed.trouble() ?? "not listed yet";
  }

  /** A namespace's. */
  get(namespace: string): HeldState | undefined {
    return this.#followed.store.get(`${this.#options.own}/${stateName(namespace)}`);
  }

  /** All that there are. */
  all(): HeldState[] {
    return [...this.#followed.store.values()];
  }

  /** Calls back with the namespace whose state changed, by whomever. */
  onChange(listener: (namespace: string) => void): void {
    this.#followed.store.onChange(({ before, after }) => listener((after ?? before)!.namespace));
  }

  /** Reads all of them past the watch, which may tell what is written a moment later. */
  async refresh(): Promise<void> {
    const source = stateSource(this.#options.client, this.#options.own);
    let next: string | undefined;
    do {
      const { items, metadata } = await source.list({ limit: 100, ...(next && { continue: next }) });
      // The watch goes on meanwhile: what it has told since is not taken back.
      for (const item of items) this.#followed.store.upsert(item);
      next = metadata?.continue || undefined;
    } while (next !== undefined);
  }

  /**
   * Writes a namespace's state over `held`. Where somebody else wrote meanwhile, it is read again instead.
   *
   * @returns whether it was written
   */
  async write(
    namespace: string,
    held: HeldState | undefined,
    content: { readonly state: RolloutState; readonly notes: Notes },
  ): Promise<boolean> {
    const { writer, own, fieldManager } = this.#options;
    const written = await writeState({ client: writer, own, fieldManager }, namespace, held, content);
    if (!written) await this.#readAgain(namespace, held);
    // One that was deleted since is not brought back: nothing would ever tell of its end again.
    else if (held) this.#followed.store.written(written);
    else this.#followed.store.upsert(written);
    return written !== undefined;
  }

  async #readAgain(namespace: string, held: HeldState | undefined): Promise<void> {
    const { client, own } = this.#options;
    const name = stateName(namespace);
    try {
      const found = await new CoreV1Api(client).namespace(own).getConfigMap(name);
      if (!readHeld(found)) throw notOurs(own, name);
      this.#followed.store.upsert(found);
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      if (held) this.#followed.store.remove({ metadata: { namespace: own, name, uid: held.uid } });
    }
  }

  /** Follows until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#followed.run(signal);
  }
}
