import { deepEqual } from "node:assert/strict";
import { rights } from "../../lib/manifests/roles.ts";

const rules = Object.values(rights).flatMap(({ watched, own, cluster }) => [...watched, ...own, ...cluster]);

Deno.test("the programs' Roles name verbs and kinds, never everything", () => {
  const words = rules.flatMap(({ verbs, resources = [], apiGroups = [] }): string[] => [
    ...verbs,
    ...resources,
    ...apiGroups,
  ]);
  deepEqual(words.filter((word) => word.includes("*")), []);
});

Deno.test("nobody may delete anything, read Secrets, or change workloads", () => {
  const writes = rules.filter(({ verbs }) =>
    verbs.some((verb) => ["create", "update", "patch"].includes(verb))
  );
  deepEqual([...new Set(writes.flatMap(({ resources = [] }): string[] => resources))].sort(), [
    "configmaps",
    "events",
    "leases",
    "pods",
    "pods/eviction",
  ]);
  deepEqual(rules.filter(({ verbs }) => verbs.some((verb) => verb.startsWith("delete"))), []);
  deepEqual(rules.filter(({ resources }) => resources?.includes("secrets")), []);
});
