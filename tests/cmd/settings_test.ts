import { deepEqual, equal, ok } from "node:assert/strict";
import { house, identity, version } from "../../cmd/house.ts";
import { replacedSettings, settings } from "../../cmd/settings.ts";

/** Every setting by its name, with its default as help shows it; undefined where it is required. */
const shown = Object.fromEntries(
  Object.values(settings).map(({ name, fallback }) => [name, fallback?.shown]),
);

const contract: Record<string, string | undefined> = {
  AutoCrane__Namespaces: undefined,
  AutoCrane__WatchdogProbeTimeoutSeconds: "5",
  AutoCrane__EvictionDeleteGracePeriodSeconds: "the larger of 120 and the pod's own",
  AutoCrane__ProbeIntervalSeconds: "30",
  AutoCrane__ScanIntervalSeconds: "60",
  AutoCrane__FailuresBeforeEviction: "3",
  AutoCrane__StormPercent: "50",
  AutoCrane__StormMinPods: "5",
  AutoCrane__ProbeHostNetwork: "false",
  AutoCrane__DryRun: "false",
  Pod__Namespace: "none",
  Pod__Name: "none",
  Pod__AnnotationsFile: "none",
  Watchdog__Name: "none",
  Watchdog__Message: "none",
  Watchdogs__MinReadySeconds: "0",
  Watchdogs__AlwaysHealthyAfterSeconds: "off",
  Watchdogs__WaitForResults: "false",
  LISTEN_PORT: "8080",
};

for (const [name, fallback] of Object.entries(contract)) {
  Deno.test(`${name} is known and ${fallback === undefined ? "required" : `without it holds ${fallback}`}`, () => {
    ok(Object.hasOwn(shown, name));
    equal(shown[name], fallback);
  });
}

Deno.test("durations are milliseconds once they are read", () => {
  equal(settings.probeInterval.fallback?.value, 30_000);
  equal(settings.probeTimeout.parse("0.5"), 500);
  equal(settings.evictionGracePeriod.parse("30"), 30_000);
  equal(settings.evictionGracePeriod.fallback?.value, undefined);
});

Deno.test("an eviction's grace period is whole seconds, as the API wants it", () => {
  equal(settings.evictionGracePeriod.parse("0.5"), undefined);
});

Deno.test("a default is a value that somebody could have given", () => {
  const words = new Set(["none", "off", "for ever", "the larger of 120 and the pod's own"]);
  for (const { name, fallback, parse } of Object.values(settings)) {
    if (!fallback || words.has(fallback.shown)) continue;
    deepEqual(parse(fallback.shown), fallback.value, name);
  }
});

Deno.test("namespaces are names that Kubernetes takes, or a star for all", () => {
  deepEqual(settings.namespaces.parse("shop,check-out,a1"), ["shop", "check-out", "a1"]);
  deepEqual(settings.namespaces.parse("*"), ["*"]);
  for (const wrong of ["Shop", "-shop", "shop-", "shop.web", "s*", "x".repeat(64), "shop bank"]) {
    equal(settings.namespaces.parse(wrong), undefined, wrong);
  }
  deepEqual(settings.namespaces.parse("x".repeat(63)), ["x".repeat(63)]);
});

Deno.test("a watchdog's level is read in any case", () => {
  equal(settings.watchdogLevel.parse("ERROR"), "error");
  equal(settings.watchdogLevel.parse("Warning"), "warning");
  equal(settings.watchdogLevel.parse("fatal"), undefined);
});

Deno.test("no two settings share a name, whatever its case, and none is both known and gone", () => {
  const names = [...Object.values(settings).map(({ name }) => name), ...Object.keys(replacedSettings)]
    .map((name) => name.toLowerCase());
  equal(new Set(names).size, names.length);
});

Deno.test("what is gone names what replaces it", () => {
  deepEqual(Object.keys(house.goneModes), ["secretwriter", "janitor"]);
  ok(replacedSettings.Kubeconfig__Location.includes("--kubeconfig"));
  ok(replacedSettings.OTLP_ENDPOINT.includes("OTEL_EXPORTER_OTLP_ENDPOINT"));
});

Deno.test("a process is known by its pod and by something that no other process has", () => {
  const one = identity("orchestrate-0");
  ok(one.startsWith("orchestrate-0_"));
  ok(one !== identity("orchestrate-0"));
  ok(identity("").startsWith(`${Deno.hostname()}_`));
});

Deno.test("the version is a semantic one", () => ok(/^\d+\.\d+\.\d+/.test(version)));
