import { deepEqual, equal, match, ok } from "node:assert/strict";
import { apiVersion } from "../../../lib/embedded/api/discovery.ts";
import { oldForm, openApi } from "../../../lib/embedded/api/openapi.ts";
import { groupVersion, resources } from "../../../lib/embedded/api/resources.ts";

// deno-lint-ignore no-explicit-any
const body = (path: string): any => openApi(path)?.body;
const pathOf = (one: (typeof resources)[number]) => `${one.group ? "apis" : "api"}/${groupVersion(one)}`;
const documents = [...new Set(resources.map(pathOf))].map((path) =>
  [path, body(`/openapi/v3/${path}`)] as const
);

Deno.test("the index leads to the document of every group version", () => {
  const { paths } = body("/openapi/v3");
  deepEqual(Object.keys(paths), documents.map(([path]) => path));
  for (const [path, { serverRelativeURL }] of Object.entries<{ serverRelativeURL: string }>(paths)) {
    match(serverRelativeURL, /\?hash=[0-9a-f]{64}$/);
    equal(new URL(serverRelativeURL, "https://x").pathname, `/openapi/v3/${path}`);
  }
});

Deno.test("a document needs no other", () => {
  for (const [path, document] of documents) {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g);
    for (const [, reference] of references) {
      const [, name] = /^#\/components\/schemas\/(.*)$/.exec(reference!) ?? [];
      ok(document.components.schemas[name ?? ""], `${path}: ${reference}`);
    }
  }
});

Deno.test("every kind is found by its group, version and kind", () => {
  for (const resource of resources) {
    const { group, version, kind } = resource;
    const { schemas } = body(`/openapi/v3/${pathOf(resource)}`).components;
    const kinds = Object.values<{ "x-kubernetes-group-version-kind"?: object[] }>(schemas)
      .flatMap((one) => one["x-kubernetes-group-version-kind"] ?? []);
    ok(kinds.some((one) => JSON.stringify(one) === JSON.stringify({ group, kind, version })), kind);
  }
});

Deno.test("patches tell that they validate fields, and offer what is served", () => {
  const { patch } =
    body("/openapi/v3/apis/apps/v1").paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
  ok(patch.parameters.some(({ name }: { name: string }) => name === "fieldValidation"));
  deepEqual(patch["x-kubernetes-group-version-kind"], { group: "apps", kind: "Deployment", version: "v1" });
  deepEqual(Object.keys(patch.requestBody.content), [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
  ]);
});

Deno.test("only served kinds are described", () => {
  const { paths, components } = body("/openapi/v3/api/v1");
  ok(paths["/api/v1/namespaces/{namespace}/pods/{name}/log"]);
  deepEqual(Object.keys(paths).filter((path) => path.includes("secrets") || path.includes("token")), []);
  equal(components.schemas["io.k8s.api.core.v1.Secret"], undefined);
});

Deno.test("there is nothing at other paths", () => {
  for (const path of ["/openapi/v3/apis/batch/v1", "/openapi/v2", "/openapi", "/api"]) {
    equal(openApi(path), undefined);
  }
});

Deno.test("the old form is a protobuf message with a version, a title and nothing more", () => {
  equal(new TextDecoder().decode(oldForm), `\n\x032.0\x12\x1f\n\nKubernetes\x12\x11${apiVersion}`);
});
