import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import type { PodUid } from "../../../lib/contract/ids.ts";
import { FairSlots, type Tenant } from "../../../lib/watchdog/prober/slots.ts";
import { settled } from "../../support/fake_clock.ts";

function tenantOf(namespace: string, pod: string): Tenant {
  return { namespace, pod: pod as PodUid };
}

/** Slots with the work that holds them, which ends when a test says so. */
class Bench {
  readonly slots: FairSlots;
  /** Who holds a slot, in the order in which they got it. */
  readonly running: { readonly tenant: Tenant; readonly end: () => void }[] = [];
  /** Everybody who ever got a slot, in that order. */
  readonly served: string[] = [];

  /** Who waits. */
  readonly waiting = new Set<Tenant>();

  constructor(total: number, perPod: number) {
    this.slots = new FairSlots({ total, perPod });
  }

  ask(namespace: string, pod: string = "p", times: number = 1): void {
    for (let i = 0; i < times; i++) {
      const tenant = tenantOf(namespace, pod);
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { tenant, end: resolve };
      this.waiting.add(tenant);
      void this.slots.run(tenant, () => {
        this.waiting.delete(tenant);
        this.running.push(one);
        this.served.push(namespace);
        return promise.finally(() => this.running.splice(this.running.indexOf(one), 1));
      });
    }
  }

  /** Ends the work that has held its slot for longest, of those that fit. */
  async end(fits: (tenant: Tenant) => boolean = () => true): Promise<void> {
    this.running.find(({ tenant }) => fits(tenant))?.end();
    await settled();
  }

  held(namespace: string, pod?: string): number {
    return this.running.filter(({ tenant }) =>
      tenant.namespace === namespace && (pod === undefined || tenant.pod === pod)
    ).length;
  }
}

Deno.test("work's result is handed on, and its failure too, and both give the slot back", async () => {
  const slots = new FairSlots({ total: 1, perPod: 1 });
  const tenant = tenantOf("a", "p");
  equal(await slots.run(tenant, () => Promise.resolve(7)), 7);
  await rejects(slots.run(tenant, () => Promise.reject(new Error("broken"))), { message: "broken" });
  await settled();
  deepEqual({ free: slots.free, waiting: slots.waiting }, { free: 1, waiting: 0 });
});

Deno.test("a namespace that wants everything gets half, and the next one starts at once", () => {
  const bench = new Bench(64, 64);
  bench.ask("greedy", "p", 200);
  equal(bench.held("greedy"), 32);
  bench.ask("modest");
  equal(bench.held("modest"), 1);
});

Deno.test("two that want everything get a third each", async () => {
  const bench = new Bench(60, 60);
  bench.ask("a", "p", 200);
  bench.ask("b", "p", 200);
  for (let i = 0; i < 100; i++) await bench.end();
  deepEqual([bench.held("a"), bench.held("b")], [20, 20]);
});

Deno.test("a pod gets no more than its own share, and its neighbours start past it", () => {
  const bench = new Bench(64, 3);
  bench.ask("a", "greedy", 50);
  bench.ask("a", "modest", 2);
  deepEqual([bench.held("a", "greedy"), bench.held("a", "modest")], [3, 2]);
});

Deno.test("pods of a namespace take turns", async () => {
  const bench = new Bench(2, 2);
  for (const pod of ["p1", "p2", "p3"]) bench.ask("a", pod, 3);
  const order: string[] = [];
  while (bench.running.length > 0) {
    order.push(bench.running[0]!.tenant.pod);
    await bench.end();
  }
  // The first asked while nobody else did.
  deepEqual(order, ["p1", "p1", "p2", "p3", "p1", "p2", "p3", "p2", "p3"]);
});

Deno.test("of the namespaces that wait, the one that holds least goes first", async () => {
  const bench = new Bench(5, 5);
  bench.ask("a", "p", 10);
  bench.ask("b", "p", 10);
  bench.ask("c", "p", 10);
  await bench.end(({ namespace }) => namespace === "a");
  const least = ["a", "b", "c"].map((namespace) => bench.held(namespace));
  ok(Math.min(...least) >= 1, `${least}`);
});

Deno.test("more namespaces than slots, all of them greedy: each one's turn comes", async () => {
  const bench = new Bench(2, 2);
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  for (const name of names) bench.ask(name, "p", 20);
  for (let i = 0; i < 30; i++) await bench.end();
  deepEqual(names.filter((name) => !bench.served.includes(name)), []);
});

Deno.test("a slot that work gives back goes to who waits, though it asked again at once", async () => {
  const slots = new FairSlots({ total: 1, perPod: 1 });
  const served: string[] = [];
  const again = (namespace: string): Promise<void> =>
    slots.run(tenantOf(namespace, "p"), () => {
      served.push(namespace);
      return Promise.resolve();
    }).then(() => served.length < 20 ? again(namespace) : undefined);
  await Promise.all([again("a"), again("b"), again("c")]);
  for (const name of ["a", "b", "c"]) ok(served.filter((one) => one === name).length >= 5, served.join(""));
});

interface Step {
  readonly ask: boolean;
  readonly namespace: string;
  readonly pod: string;
  readonly nth: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    ask: fc.boolean(),
    namespace: fc.constantFrom("a", "b", "c", "d"),
    pod: fc.constantFrom("p", "q"),
    nth: fc.nat(20),
  }),
  { maxLength: 60 },
);
const sizes = { total: fc.integer({ min: 1, max: 12 }), perPod: fc.integer({ min: 1, max: 4 }) };

/** Carries out steps and looks at the bench after each one. */
async function through(bench: Bench, steps: readonly Step[], look: () => void) {
  for (const { ask, namespace, pod, nth } of steps) {
    if (ask) bench.ask(namespace, pod);
    else bench.running[nth % Math.max(1, bench.running.length)]?.end();
    await settled();
    look();
  }
}

Deno.test("never more slots are held than there are, in all and by a pod", async () => {
  await fc.assert(
    fc.asyncProperty(sizes.total, sizes.perPod, steps, async (total, perPod, steps) => {
      const bench = new Bench(total, perPod);
      await through(bench, steps, () => {
        equal(bench.slots.free, total - bench.running.length);
        ok(bench.slots.free >= 0);
        equal(bench.slots.waiting, bench.waiting.size);
        for (const { tenant } of bench.running) ok(bench.held(tenant.namespace, tenant.pod) <= perPod);
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("nobody waits who may have a slot", async () => {
  await fc.assert(
    fc.asyncProperty(sizes.total, sizes.perPod, steps, async (total, perPod, steps) => {
      const bench = new Bench(total, perPod);
      await through(bench, steps, () => {
        const { free } = bench.slots;
        for (const { namespace, pod } of bench.waiting) {
          const may = free > 0 && bench.held(namespace) < free && bench.held(namespace, pod) < perPod;
          ok(!may, `${namespace}/${pod} waits although ${free} slots are free`);
        }
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("everybody who asked is served in the end", async () => {
  await fc.assert(
    fc.asyncProperty(sizes.total, sizes.perPod, steps, async (total, perPod, steps) => {
      const bench = new Bench(total, perPod);
      const asked = steps.filter(({ ask }) => ask).length;
      await through(bench, steps, () => {});
      while (bench.running.length > 0) await bench.end();
      equal(bench.served.length, asked);
      deepEqual({ free: bench.slots.free, waiting: bench.slots.waiting }, { free: total, waiting: 0 });
    }),
    { numRuns: 60 },
  );
});

Deno.test("work that throws at once fails as any other, and gives its slot back", async () => {
  const slots = new FairSlots({ total: 1, perPod: 1 });
  const thrown = slots.run(tenantOf("a", "p"), () => {
    throw new Error("broken");
  });
  await rejects(thrown, { message: "broken" });
  await settled();
  equal(slots.free, 1);
  equal(await slots.run(tenantOf("a", "p"), () => Promise.resolve(7)), 7);
});

Deno.test("one more that waits, or has done, costs no more when very many wait in a namespace", async () => {
  const slots = new FairSlots({ total: 64, perPod: 16 });
  const wait = (pods: number) => {
    for (let i = 0; i < pods; i++) {
      void slots.run(tenantOf("a", `${slots.waiting}`), () => new Promise(() => {}));
    }
  };
  const began = performance.now();
  wait(40_000);
  for (let i = 0; i < 10_000; i++) await slots.run(tenantOf("b", "p"), () => Promise.resolve());
  const took = performance.now() - began;
  // Walking past all that wait each time would take many seconds.
  ok(took < 3000, `${took} ms`);
  equal(slots.waiting, 40_000 - 32);
});
