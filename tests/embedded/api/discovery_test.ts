import { deepEqual, equal, ok } from "node:assert/strict";
import { apiVersion, discovery } from "../../../lib/embedded/api/discovery.ts";
import { resources } from "../../../lib/embedded/api/resources.ts";
import { kubernetes } from "../../../scripts/versions.ts";

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
// deno-lint-ignore no-explicit-any
const body = (path: string, accept = "application/json"): any => discovery(path, accept)?.body;

Deno.test("the version is the one that the client is generated for, marked as embedded", () => {
  equal(apiVersion, `${kubernetes.version.replace(/^v?/, "v")}+autocrane`);
  const { gitVersion, major, minor } = body("/version");
  deepEqual([gitVersion, major, minor], [apiVersion, "1", "37"]);
});

Deno.test("every group is found, and nothing else", () => {
  deepEqual(body("/api").versions, ["v1"]);
  const names = body("/apis").groups.map(({ name }: { name: string }) => name);
  deepEqual(new Set(["", ...names]), new Set(resources.map(({ group }) => group)));
  equal(body("/apis/apps").preferredVersion.groupVersion, "apps/v1");
  for (
    const path of [
      "/apis/batch",
      "/apis/batch/v1",
      "/apis/apps/v2",
      "/api/v2",
      "/",
      "/apis/apps/v1/deployments",
    ]
  ) {
    equal(body(path), undefined, path);
  }
});

Deno.test("every resource is told with its subresources", () => {
  const pods = body("/api/v1").resources.filter(({ name }: { name: string }) => name.startsWith("pods"));
  deepEqual(pods.map(({ name, kind, group, verbs }: Record<string, unknown>) => [name, kind, group, verbs]), [
    ["pods", "Pod", undefined, [
      "create",
      "delete",
      "deletecollection",
      "get",
      "list",
      "patch",
      "update",
      "watch",
    ]],
    ["pods/status", "Pod", undefined, ["get", "patch", "update"]],
    ["pods/eviction", "Eviction", "policy", ["create"]],
    ["pods/binding", "Binding", undefined, ["create"]],
    ["pods/log", "Pod", undefined, ["get"]],
  ]);
});

Deno.test("aggregated discovery says the same, to those who ask for it", () => {
  const accept =
    `${aggregated},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;
  equal(discovery("/apis", accept)!.contentType, aggregated);
  equal(discovery("/apis", "application/json")!.contentType, "application/json");
  equal(
    discovery("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList")!
      .contentType,
    "application/json",
  );
  const told = [...body("/api", accept).items, ...body("/apis", accept).items].flatMap((group) =>
    group.versions[0].resources.map((one: { resource: string }) =>
      `${group.metadata.name ?? ""}/${one.resource}`
    )
  );
  deepEqual(told, resources.map(({ group, plural }) => `${group}/${plural}`));
});

Deno.test("namespaces are not deleted together", () => {
  const namespaces = body("/api/v1").resources.find(({ name }: { name: string }) => name === "namespaces");
  ok(!namespaces.verbs.includes("deletecollection"));
});
