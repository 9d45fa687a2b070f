import { equal, match, ok } from "node:assert/strict";
import { Counter, newRegistry, type Registry } from "../../lib/runtime/metrics.ts";

/** The value of the metric whose line begins with `name`. */
async function value(registry: Registry, name: string): Promise<number> {
  const line = (await registry.metrics()).split("\n").find((line) => line.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

Deno.test("a process tells its program and version", async () => {
  const text = await newRegistry("orchestrate", "1.2.3").metrics();
  match(text, /^autocrane_build_info\{program="orchestrate",version="1\.2\.3"\} 1$/m);
});

Deno.test("a process tells its memory, processor time and start by Prometheus' usual names", async () => {
  const registry = newRegistry("orchestrate", "1.2.3");
  ok(await value(registry, "process_resident_memory_bytes") > 1e6);
  ok(await value(registry, "process_cpu_seconds_total") > 0);
  ok(await value(registry, "process_start_time_seconds") > Date.UTC(2026, 0, 1) / 1000);
});

Deno.test("processor time is told anew at each reading, not added up", async () => {
  const registry = newRegistry("orchestrate", "1.2.3");
  const first = await value(registry, "process_cpu_seconds_total");
  const second = await value(registry, "process_cpu_seconds_total");
  ok(second >= first && second < first * 2, `${first}, then ${second}`);
});

Deno.test("every metric says what it is", async () => {
  const text = await newRegistry("orchestrate", "1.2.3").metrics();
  const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
  const typed = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  ok(typed.length >= 4);
  for (const name of typed) ok(helped.has(name), name);
});

Deno.test("two registries share nothing", async () => {
  const [one, other] = [newRegistry("a", "1"), newRegistry("b", "1")];
  new Counter({ name: "shared_total", help: "A name that both use.", registers: [one] }).inc(3);
  new Counter({ name: "shared_total", help: "A name that both use.", registers: [other] });
  equal(await value(one, "shared_total"), 3);
  equal(await value(other, "shared_total"), 0);
});
