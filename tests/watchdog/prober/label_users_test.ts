import { deepEqual, equal } from "node:assert/strict";
import type { WatchEvent } from "../../../k8s/client.ts";
import type { Source } from "../../../lib/kube/reflector.ts";
import { sourcesOver } from "../../../lib/kube/sources.ts";
import { Registry } from "../../../lib/runtime/metrics.ts";
import { LabelUsers } from "../../../lib/watchdog/prober/label_users.ts";
import { proberMetrics } from "../../../lib/watchdog/prober/metrics.ts";
import { FakeClient } from "../../k8s/fake_client.ts";
import { FakeClock, settled } from "../../support/fake_clock.ts";
import { makePod, read } from "./build.ts";
import { silentLog } from "../../support/silent_log.ts";

const health = "status.autocrane.io/health";
const web = read(makePod({ labels: { app: "web", [health]: "info" } }));
const db = read(makePod({ labels: { app: "db", [health]: "info" } }));

interface Service {
  readonly metadata: { namespace: string; name: string; uid: string; resourceVersion: string };
  readonly spec: { selector: Record<string, string> };
}

function service(selector: Record<string, string>, resourceVersion: string = "1"): Service {
  return { metadata: { namespace: "shop", name: "web", uid: "s1", resourceVersion }, spec: { selector } };
}

/** A source of what a test lists and then lets happen. */
function sourceOf<T>(items: T[]) {
  const events: WatchEvent<T>[] = [];
  let wake = () => {};
  const source: Source<T> = {
    list: () => Promise.resolve({ metadata: { resourceVersion: "1" }, items }),
    async *watch({ signal }) {
      signal?.addEventListener("abort", () => wake());
      while (!signal?.aborted) {
        yield* events.splice(0);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
  const happen = async (event: WatchEvent<T>) => {
    events.push(event);
    wake();
    await settled();
  };
  return { source, happen };
}

/** Runs a test on label users that follow these Services and nothing else. */
async function following(
  services: Service[],
  test: (bench: {
    users: LabelUsers;
    notes: string[];
    changed: string[];
    lead: (leads: boolean) => void;
    happen: (event: WatchEvent<Service>) => Promise<void>;
    withheld: () => Promise<number>;
  }) => Promise<void> | void,
): Promise<void> {
  const { source, happen } = sourceOf(services);
  const none = () => sourceOf<never>([]).source;
  const notes: string[] = [];
  const changed: string[] = [];
  const metrics = proberMetrics(new Registry());
  let leads = true;
  const users = new LabelUsers({
    sources: {
      ...sourcesOver(new FakeClient()),
      services: () => source as Source<never>,
      replicaSets: none,
      statefulSets: none,
      daemonSets: none,
      budgets: none,
    },
    namespaces: ["shop"],
    recorder: {
      record: ({ kind, namespace, name }, { reason }) =>
        notes.push(`${kind} ${namespace}/${name}: ${reason}`),
    },
    leads: () => leads,
    changed: (namespace) => changed.push(namespace),
    metrics,
    clock: new FakeClock(),
    log: silentLog,
  });
  const stop = new AbortController();
  const run = users.run(stop.signal);
  await users.synced;
  await test({
    users,
    notes,
    changed,
    happen,
    lead: (yes) => leads = yes,
    withheld: async () => (await metrics.withheld.get()).values[0]!.value,
  });
  stop.abort();
  await run;
}

Deno.test("where no selector uses the label it may be written, and nothing is reported", async () => {
  await following([service({ app: "web" })], ({ users, notes, changed }) => {
    equal(users.allows(web), true);
    deepEqual({ notes, changed }, { notes: [], changed: [] });
  });
});

Deno.test("a pod that a Service selects by the label keeps it as it is, its neighbours do not", async () => {
  await following([service({ app: "web", [health]: "info" })], async ({ users, withheld }) => {
    equal(users.allows(web), false);
    equal(users.allows(db), true);
    equal(await withheld(), 1);
  });
});

Deno.test("a selector that uses the label is reported once", async () => {
  await following([service({ app: "web", [health]: "info" })], ({ users, notes }) => {
    for (let i = 0; i < 3; i++) users.allows(web);
    deepEqual(notes, ["Service shop/web: SelectorUsesHealthLabel"]);
  });
});

Deno.test("who does not lead withholds the label as well and reports nothing before it leads", async () => {
  await following([service({ app: "web", [health]: "info" })], ({ users, notes, lead }) => {
    lead(false);
    equal(users.allows(web), false);
    deepEqual(notes, []);
    lead(true);
    users.allows(web);
    equal(notes.length, 1);
  });
});

Deno.test("when a selector begins or ceases to use the label, its namespace is looked at again", async () => {
  await following([service({ app: "web" })], async ({ users, changed, happen, withheld }) => {
    await happen({ type: "MODIFIED", object: service({ app: "web", [health]: "info" }, "2") });
    equal(users.allows(web), false);
    await happen({ type: "MODIFIED", object: service({ app: "web" }, "3") });
    equal(users.allows(web), true);
    await happen({ type: "MODIFIED", object: service({ app: "web", [health]: "info" }, "4") });
    await happen({ type: "DELETED", object: service({ app: "web", [health]: "info" }, "5") });
    equal(users.allows(web), true);
    deepEqual(changed, ["shop", "shop", "shop", "shop"]);
    equal(await withheld(), 0);
  });
});

Deno.test("a selector that is gone is forgotten: one that comes back is reported again", async () => {
  await following([service({ app: "web", [health]: "info" })], async ({ users, notes, happen }) => {
    users.allows(web);
    await happen({ type: "MODIFIED", object: service({ app: "web", [health]: "error" }, "2") });
    users.allows(web);
    equal(notes.length, 1);
    await happen({ type: "DELETED", object: service({ app: "web", [health]: "error" }, "3") });
    await happen({ type: "ADDED", object: service({ app: "web", [health]: "info" }, "4") });
    users.allows(web);
    equal(notes.length, 2);
  });
});
