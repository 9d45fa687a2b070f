/**
 * Changing parts of objects: merge patches (RFC 7396), JSON patches (RFC 6902) and strategic ones.
 *
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import type { JsonPatchOperation } from "../../k8s/patch.ts";
import type { Deployment } from "../../k8s/apps_v1.ts";
import { refused } from "./api.ts";
import { jsonPatch, mergePatch } from "./collection.ts";
import { deployment, map } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function patches(test: Conformance): void {
  merges(test);
  mergeRefusals(test);
  jsonPatches(test);
  jsonPatchRefusals(test);
  strategicPatches(test);
}

function merges(test: Conformance): void {
  test("a merge patch sets, replaces and removes what it names", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(
      map("one", { kept: "1", changed: "1", gone: "1" }, { annotations: { kept: "1", gone: "1" } }),
    );
    const body = {
      data: { changed: "2", gone: null, added: "3" },
      metadata: { annotations: { gone: null } },
    };
    const { data, metadata } = await maps.merge("one", body);
    deepEqual(data, { kept: "1", changed: "2", added: "3" });
    deepEqual(metadata.annotations, { kept: "1" });
  });

  test("null for a whole field removes it", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", { a: "1" }, { labels: { a: "1" } }));
    const { data, metadata } = await maps.merge("one", { data: null, metadata: { labels: null } });
    deepEqual([data, metadata.labels], [undefined, undefined]);
  });

  test("a list is replaced as a whole", async (subject) => {
    const { deployments } = await subject.room();
    await deployments.create(deployment("web", 0, { paused: true }));
    const containers = [{ name: "other", image: "other" }];
    const { spec } = await deployments.merge("web", { spec: { template: { spec: { containers } } } });
    deepEqual(spec?.template.spec?.containers.map(({ name }) => name), ["other"]);
  });

  for (
    const [what, body] of [
      ["what is there", { data: { a: "1" }, metadata: { labels: { b: "2" } } }],
      ["null for what is not there", { data: { other: null }, metadata: { annotations: { none: null } } }],
      ["nothing", {}],
      ["null for its uid and version", { metadata: { uid: null, resourceVersion: null } }],
      ["another time of creation", { metadata: { creationTimestamp: "2000-01-01T00:00:00Z" } }],
    ] as const
  ) {
    test(`a merge patch that says ${what} leaves the version as it is`, async (subject) => {
      const { maps } = await subject.room();
      const { metadata } = await maps.create(map("one", { a: "1" }, { labels: { b: "2" } }));
      const after = await maps.merge("one", body);
      equal(after.metadata.resourceVersion, metadata.resourceVersion);
      equal(after.metadata.uid, metadata.uid);
      equal(after.metadata.creationTimestamp, metadata.creationTimestamp);
    });
  }
}

function mergeRefusals(test: Conformance): void {
  const refusals: [string, unknown, { code: number; says?: RegExp; field?: string }][] = [
    ["another name", { metadata: { name: "two" } }, {
      code: 400,
      says: /does not match the name on the URL/,
    }],
    ["another namespace", { metadata: { namespace: "elsewhere" } }, {
      code: 400,
      says: /does not match the namespace/,
    }],
    ["a number where text must be", { data: { a: 1 } }, { code: 422 }],
    ["a list where an object must be", [], { code: 400, says: /error decoding patch/ }],
    ["no JSON", "{nope", { code: 400 }],
  ];
  for (const [what, body, expected] of refusals) {
    test(`a merge patch that says ${what} is refused and changes nothing`, async (subject) => {
      const { maps } = await subject.room();
      const before = await maps.create(map("one", { a: "1" }));
      const request = subject.api.json("PATCH", maps.at("one"), { body, headers: mergePatch });
      await refused(request, expected);
      deepEqual(await maps.get("one"), before);
    });
  }

  test("a patch of a media type that is none is refused", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const headers = { "content-type": "application/json" };
    await refused(subject.api.json("PATCH", maps.at("one"), { body: {}, headers }), {
      code: 415,
      reason: "UnsupportedMediaType",
    });
  });
}

function jsonPatches(test: Conformance): void {
  test("a JSON patch is carried out in its order", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", { a: "1", b: "2" }));
    const { data } = await maps.patch("one", [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/data/c", value: "3" },
      { op: "replace", path: "/data/a", value: "4" },
      { op: "copy", from: "/data/a", path: "/data/d" },
      { op: "move", from: "/data/b", path: "/data/e" },
      { op: "remove", path: "/data/c" },
    ]);
    deepEqual(data, { a: "4", d: "4", e: "2" });
  });

  test("slashes in keys are escaped in a JSON patch", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one", undefined, { annotations: { "example.com/a": "1" } }));
    const path = "/metadata/annotations/example.com~1a";
    const { metadata } = await maps.patch("one", [{ op: "replace", path, value: "2" }]);
    deepEqual(metadata.annotations, { "example.com/a": "2" });
  });

  test("a JSON patch adds to lists, at a place and at the end", async (subject) => {
    const { deployments } = await subject.room();
    await deployments.create(deployment("web", 0, { paused: true }));
    const path = "/spec/template/spec/containers";
    const { spec } = await deployments.patch("web", [
      { op: "add", path: `${path}/-`, value: { name: "last", image: "x" } },
      { op: "add", path: `${path}/0`, value: { name: "first", image: "x" } },
    ]);
    deepEqual(spec?.template.spec?.containers.map(({ name }) => name), ["first", "app", "last"]);
  });

  test("a JSON patch that changes nothing leaves the version as it is", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create(map("one", { a: "1" }));
    const after = await maps.patch("one", [{ op: "replace", path: "/data/a", value: "1" }]);
    equal(after.metadata.resourceVersion, metadata.resourceVersion);
  });
}

function jsonPatchRefusals(test: Conformance): void {
  const failing: Record<string, JsonPatchOperation[]> = {
    "whose test fails": [
      { op: "replace", path: "/data/a", value: "2" },
      { op: "test", path: "/data/b", value: "other" },
    ],
    "whose test of a uid fails": [{ op: "test", path: "/metadata/uid", value: "other" }],
    "that tests what is not there": [{ op: "test", path: "/data/none", value: "1" }],
    "that removes what is not there": [{ op: "remove", path: "/data/none" }],
    "that adds below what is not there": [{ op: "add", path: "/metadata/labels/a", value: "1" }],
  };
  for (const [what, operations] of Object.entries(failing)) {
    test(`a JSON patch ${what} is refused and changes nothing`, async (subject) => {
      const { maps } = await subject.room();
      const before = await maps.create(map("one", { a: "1", b: "1" }));
      await refused(maps.patch("one", operations), { code: 422, reason: "Invalid" });
      deepEqual(await maps.get("one"), before);
    });
  }

  test("what is no list of operations is refused", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const send = (body: unknown) => subject.api.json("PATCH", maps.at("one"), { body, headers: jsonPatch });
    await refused(send({}), { code: 400, reason: "BadRequest", says: /error decoding patch/ });
    await refused(send([{ op: "guess", path: "/data" }]), { code: 422 });
  });

  test("a JSON patch of an old version is refused", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const body: JsonPatchOperation[] = [
      { op: "replace", path: "/metadata/resourceVersion", value: "1" },
      { op: "add", path: "/data", value: { a: "1" } },
    ];
    await refused(maps.patch("one", body), { code: 409, reason: "Conflict" });
  });
}

function strategicPatches(test: Conformance): void {
  test("a strategic patch merges maps, and containers by their names", async (subject) => {
    const { deployments } = await subject.room();
    await deployments.create(deployment("web", 0, { paused: true }));
    const body = {
      metadata: { annotations: { a: "1" } },
      spec: {
        template: {
          spec: { containers: [{ name: "app", image: "app:2" }, { name: "side", image: "side" }] },
        },
      },
    };
    const headers = { "content-type": "application/strategic-merge-patch+json" };
    const { spec, metadata } = await subject.api.json<Deployment>("PATCH", deployments.at("web"), {
      body,
      headers,
    });
    const containers = spec?.template.spec?.containers.map(({ name, image }) => `${name} ${image}`);
    deepEqual(containers?.toSorted(), ["app app:2", "side side"]);
    deepEqual(metadata?.annotations, { a: "1" });
  });
}
