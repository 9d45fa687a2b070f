import { deepEqual, equal } from "node:assert/strict";
import * as k8s from "../../k8s/mod.ts";
import { moduleName } from "../../scripts/generate/names.ts";
import { operationsOf } from "../../scripts/generate/openapi.ts";
import { GROUP_VERSIONS } from "../../scripts/generate/kinds.ts";
import { readDocument } from "../../scripts/generate/spec.ts";
import { FakeClient } from "./fake_client.ts";

const SPEC = new URL("../../k8s/spec/", import.meta.url);
const NAMESPACE = "some-namespace";
const NAME = "some-name";

type Methods = Record<string, (...args: unknown[]) => unknown>;

Deno.test("the methods call every operation of the documents, and no other", () => {
  deepEqual([...new Set(called())].toSorted(), documented().toSorted());
});

Deno.test("everything that a document refers to is there", () => {
  const documents = new Map(modules().map((module) => [module, readDocument(SPEC, module)]));
  let references = 0;
  for (const [module, document] of documents) {
    for (const [, file = module, section, name = ""] of JSON.stringify(document).matchAll(REFERENCE)) {
      const components = documents.get(file)?.components;
      const found = section === "schemas" ? components?.schemas?.[name] : components?.parameters?.[name];
      equal(typeof found, "object", `${module} refers to ${section}/${name} in ${file}`);
      references++;
    }
  }
  equal(references > 1000, true);
});

Deno.test("every option of a delete goes into its body, of one object and of a collection", async () => {
  const client = new FakeClient();
  const pods = new k8s.CoreV1Api(client).namespace(NAMESPACE);
  const schema = readDocument(SPEC, "meta_v1").components.schemas?.[DELETE_OPTIONS];
  const names = Object.keys(schema?.properties ?? {}).filter((name) =>
    name !== "apiVersion" && name !== "kind"
  );
  const options = Object.fromEntries(names.map((name) => [name, "given"]));

  await pods.deletePod(NAME, options);
  await pods.deletePodList(options);
  for (const { request } of client.calls) {
    deepEqual(Object.keys(request.body ?? {}).toSorted(), names.toSorted());
    deepEqual(request.query, {});
  }
});

const DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
const REFERENCE = /"\$ref":"(?:(\w+)\.json)?#\/components\/(schemas|parameters)\/([^"]+)"/g;

function modules(): string[] {
  return ["meta_v1", ...GROUP_VERSIONS.map(moduleName)];
}

/** What the documents offer, as `GET /api/v1/pods`. */
function documented(): string[] {
  return modules().flatMap((module) =>
    Object.entries(readDocument(SPEC, module).paths).flatMap(([path, item]) =>
      operationsOf(item).map(([method]) => `${method.toUpperCase()} ${path}`)
    )
  );
}

/** What the methods of all classes send, in the same form. */
function called(): string[] {
  const client = new FakeClient();
  for (const [name, Api] of Object.entries(k8s)) {
    const api: unknown = name.endsWith("NamespacedApi") ? new Api(client, NAMESPACE) : new Api(client, "");
    for (const method of Object.getOwnPropertyNames(Api.prototype)) {
      if (method === "constructor" || method === "namespace") continue;
      const call = (api as Methods)[method];
      // What a method must be given says which: nothing, a name or a body, or both a name and a body.
      call?.apply(api, [NAME, { type: "merge", body: {} }].slice(0, call.length));
    }
  }
  return client.calls.map(({ request: { method, path } }) =>
    `${method} ${path.replace(NAMESPACE, "{namespace}").replace(NAME, "{name}")}`
  );
}
