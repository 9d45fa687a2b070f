import { equal } from "node:assert/strict";
import type { KubeClient, KubeRequest } from "../../../k8s/client.ts";
import { fieldManager } from "../../../lib/contract/programs.ts";
import { emptyState } from "../../../lib/orchestrator/rollout/state.ts";
import { StateStore } from "../../../lib/orchestrator/rollout/store.ts";
import { silentLog } from "../../support/silent_log.ts";
import { Cluster } from "./in_cluster.ts";

/** A store that follows a cluster, and what happens between a write and its answer. */
function stage({ client, clock }: Cluster) {
  let beforeAnswer: () => Promise<void> = () => Promise.resolve();
  const writer = {
    async json<T>(request: KubeRequest): Promise<T> {
      const answer = await client.json<T>(request);
      await beforeAnswer();
      return answer;
    },
  } as KubeClient;
  const store = new StateStore({
    client,
    writer,
    own: "autocrane",
    fieldManager: fieldManager.orchestrate,
    clock,
    log: silentLog,
  });
  const end = new AbortController();
  const running = store.run(end.signal);
  const notes = { kept: "{}", catalogue: undefined, settings: undefined };
  return {
    store,
    meanwhile: (what: () => Promise<void>) => void (beforeAnswer = what),
    write: (kept = "{}") =>
      store.write("shop", store.get("shop"), { state: emptyState, notes: { ...notes, kept } }),
    async [Symbol.asyncDispose]() {
      end.abort();
      await running;
    },
  };
}

Deno.test("what was written is held at once, and what others wrote in its place is not overwritten", async () => {
  await using cluster = await Cluster.start(0);
  await using stood = stage(cluster);
  const { store, write } = stood;
  await store.synced;
  equal(await write(), true);
  const made = store.get("shop")!;
  equal(made.notes.kept, "{}");
  const content = { state: emptyState, notes: { ...made.notes, kept: '{"a":[]}' } };
  equal(await store.write("shop", made, content), true);
  equal(await store.write("shop", made, { ...content, notes: made.notes }), false);
  equal(store.get("shop")!.notes.kept, '{"a":[]}');
});

Deno.test("a state that was deleted before the answer to its write came is not brought back", async () => {
  await using cluster = await Cluster.start(0);
  await using stood = stage(cluster);
  const { store, write, meanwhile } = stood;
  await store.synced;
  await write();
  meanwhile(async () => {
    await cluster.core.namespace("autocrane").deleteConfigMap("data-shop");
    await cluster.pass(100);
    equal(store.get("shop"), undefined);
  });
  equal(await write('{"a":[]}'), true);
  equal(store.get("shop"), undefined);
});
