import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { key, maxAnnotationBytes, namesUnder, prefix } from "../../lib/contract/keys.ts";
import {
  fieldManager,
  leaseName,
  ownServiceAccounts,
  reportingController,
} from "../../lib/contract/programs.ts";

Deno.test("the annotations of pods that are out there keep their names", () => {
  deepEqual(prefix, {
    data: "data.autocrane.io/",
    dataNotify: "notify.data.autocrane.io/",
    dataRequest: "request.data.autocrane.io/",
    dataStatus: "status.data.autocrane.io/",
    probe: "probe.autocrane.io/",
    probeOptions: "probe-options.autocrane.io/",
    status: "status.autocrane.io/",
    statusExpiry: "expires.status.autocrane.io/",
  });
  deepEqual(key, {
    health: "status.autocrane.io/health",
    started: "autocrane.io/started",
    evict: "autocrane.io/evict",
    pause: "autocrane.io/pause",
    failingLimit: "autocrane.io/failing-limit",
    storeUrl: "store.autocrane.io/url",
    storeLocation: "store.autocrane.io/location",
    storeData: "store.autocrane.io/data",
    storeDeps: "store.autocrane.io/deps",
    dataState: "autocrane.io/data-state",
    content: "autocrane.io/content",
  });
});

Deno.test("Kubernetes takes 256 KiB of annotations on one object", () =>
  equal(maxAnnotationBytes, 256 * 1024));

Deno.test("names are what stands behind the prefix, in their order", () => {
  const annotations = {
    "probe.autocrane.io/b": "",
    "status.autocrane.io/c": "",
    "probe.autocrane.io/a": "",
    "my-probe.autocrane.io/d": "",
    "probe-options.autocrane.io/b": "",
  };
  deepEqual(namesUnder(annotations, prefix.probe), ["b", "a"]);
  deepEqual(namesUnder(annotations, prefix.probeOptions), ["b"]);
  deepEqual(namesUnder({}, prefix.probe), []);
});

Deno.test("no annotation is taken for two kinds at once", () => {
  const kinds = Object.values(prefix);
  fc.assert(fc.property(fc.constantFrom(...kinds), fc.string(), (kind, name) => {
    const annotations = { [kind + name]: "" };
    deepEqual(kinds.filter((one) => namesUnder(annotations, one).length > 0), [kind]);
  }));
});

Deno.test("no two programs share a field manager or a lease", () => {
  for (const names of [fieldManager, leaseName, ownServiceAccounts]) {
    const all = Object.values(names);
    equal(new Set(all).size, all.length);
  }
});

Deno.test("a program reports Events under a name that Kubernetes takes", () => {
  equal(reportingController("orchestrate"), "autocrane.io/orchestrate");
});
