/**
 * Requests that cannot be understood.
 *
 * @module
 */
import { equal, match } from "node:assert/strict";
import type { Volume } from "../../k8s/core_v1.ts";
import { type Expected, refused } from "./api.ts";
import { boundPod, map, pod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function errors(test: Conformance): void {
  paths(test);
  methods(test);
  bodies(test);
  credentials(test);
}

/** A server may say why: that it knows of such a resource, but does not serve it. */
const noSuch = { code: 404, reason: "NotFound" };

function paths(test: Conformance): void {
  const unknown = {
    "a resource": "/api/v1/namespaces/default/gadgets",
    "a resource of no namespace": "/api/v1/gadgets",
    "a subresource": "/api/v1/namespaces/default/configmaps/one/gadget",
    "a version of a group": "/apis/apps/v9/deployments",
    "a resource of a group": "/apis/apps/v1/namespaces/default/gadgets",
  };
  for (const [what, path] of Object.entries(unknown)) {
    test(`${what} that does not exist is answered with a Status`, async (subject) => {
      await refused(subject.api.json("GET", path), noSuch);
    });
  }

  for (const path of ["/nowhere", "/apis/gadgets.example.com/v1", "/apis/gadgets.example.com/v1/gadgets"]) {
    test(`the path ${path} is answered with 404`, async (subject) => {
      equal((await subject.api.call("GET", path)).code, 404);
    });
  }

  test("a Status is sent as JSON", async (subject) => {
    const { maps } = await subject.room();
    const { headers } = await subject.api.call("GET", maps.at("none"));
    equal(headers.get("content-type"), "application/json");
  });
}

function methods(test: Conformance): void {
  const expected = { code: 405, reason: "MethodNotAllowed" };
  test("a method that a resource does not know is refused", async (subject) => {
    const { maps, pods } = await subject.room();
    await maps.create(map("one"));
    await pods.create(pod("one"));
    await refused(subject.api.json("PUT", maps.path, { body: {} }), expected);
    await refused(subject.api.json("POST", maps.at("one"), { body: {} }), expected);
    await refused(subject.api.json("DELETE", pods.at("one", "status")), expected);
  });

  test("a part of a pod cannot be used to change the pod, nor a whole cluster's pods be deleted", async (subject) => {
    const { pods } = await subject.room();
    await pods.create(boundPod("one"));
    const headers = { "content-type": "application/merge-patch+json" };
    const body = { metadata: { labels: { changed: "yes" } } };
    for (const part of ["log", "eviction", "binding"]) {
      await refused(subject.api.json("PATCH", pods.at("one", part), { body, headers }), expected);
    }
    await refused(subject.api.json("DELETE", "/api/v1/pods"), expected);
    await refused(subject.api.json("DELETE", "/api/v1/namespaces"), expected);
    equal((await pods.get("one")).metadata.labels?.changed, undefined);
  });

  test("a deletion whose options cannot be read deletes nothing", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    const remove = (body: object) => subject.api.json("DELETE", maps.at("one"), { body });
    await refused(remove({ dryRun: ["all"] }), { code: 422, reason: "Invalid" });
    await refused(remove({ dryRun: 5 }), { code: 400 });
    await refused(remove({ gracePeriodSeconds: "soon" }), { code: 400 });
    await maps.get("one");
  });

  test("a pod's volumes have names of their own, and their files stay inside", async (subject) => {
    const { pods } = await subject.room();
    const withVolumes = (volumes: Volume[]) => {
      const pod = boundPod("one");
      return pods.create({ ...pod, spec: { ...pod.spec!, volumes } });
    };
    const invalid = { code: 422, reason: "Invalid" };
    const emptyDir = {};
    await refused(withVolumes([{ name: "../x", emptyDir }]), invalid);
    await refused(withVolumes([{ name: "a", emptyDir }, { name: "a", emptyDir }]), invalid);
    const items = [{ path: "../x", fieldRef: { fieldPath: "metadata.name" } }];
    await refused(withVolumes([{ name: "a", downwardAPI: { items } }]), invalid);
  });
}

function bodies(test: Conformance): void {
  const wrong: [string, unknown, Expected][] = [
    ["no JSON", "{nope", { code: 400, reason: "BadRequest" }],
    ["nothing", "", { code: 400, reason: "BadRequest" }],
    ["a list", [], { code: 400, reason: "BadRequest" }],
    ["another kind", { apiVersion: "v1", kind: "Pod", metadata: { name: "one" } }, {
      code: 400,
      reason: "BadRequest",
      says: /^Pod in version "v1" cannot be handled as a ConfigMap/,
    }],
    ["another version", { apiVersion: "v2", kind: "ConfigMap", metadata: { name: "one" } }, {
      code: 400,
      reason: "BadRequest",
      says: /v2/,
    }],
    ["a number where text must be", { metadata: { name: "one" }, data: { a: 1 } }, {
      code: 400,
      reason: "BadRequest",
      says: /cannot be handled as a ConfigMap/,
    }],
  ];
  for (const [what, body, expected] of wrong) {
    test(`${what} instead of an object is refused`, async (subject) => {
      const { maps } = await subject.room();
      await refused(subject.api.json("POST", maps.path, { body }), expected);
    });
  }

  test("a body of a media type that is not known is refused", async (subject) => {
    const { maps } = await subject.room();
    const headers = { "content-type": "text/plain" };
    await refused(subject.api.json("POST", maps.path, { body: "one", headers }), {
      code: 415,
      reason: "UnsupportedMediaType",
    });
  });

  test("a body that is too large is refused", async (subject) => {
    const { maps } = await subject.room();
    const body = map("large", { a: "x".repeat(3_200_000) });
    await refused(subject.api.json("POST", maps.path, { body }), {
      code: 413,
      reason: "RequestEntityTooLarge",
      says: /limit is 3145728/,
    });
  });
}

function credentials(test: Conformance): void {
  test("a token that nobody has is refused", async (subject) => {
    const { maps } = await subject.room();
    const headers = { authorization: "Bearer nonsense" };
    const answers = [maps.path, "/api", "/apis/apps/v1"].map((path) =>
      refused(subject.api.json("GET", path, { headers }), {
        code: 401,
        reason: "Unauthorized",
        says: "Unauthorized",
      })
    );
    await Promise.all(answers);
  });

  test("who shows no token may see nothing", async (subject) => {
    const { maps } = await subject.room();
    const { code, text } = await subject.api.call("GET", maps.path, { headers: { authorization: "" } });
    match(String(code), /^40[13]$/);
    match(text, /"kind":\s*"Status"/);
  });

  test("a watch needs a token too", async (subject) => {
    const { maps } = await subject.room();
    const headers = { authorization: "Bearer nonsense" };
    await refused(subject.api.watch(maps.path, { headers }), { code: 401 });
  });
}
