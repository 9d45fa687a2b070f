/**
 * What the server makes of a new object.
 *
 * @module
 */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { Deployment } from "../../k8s/apps_v1.ts";
import type { ConfigMap } from "../../k8s/core_v1.ts";
import type { MergePatch } from "../../k8s/patch.ts";
import { refused } from "./api.ts";
import { Collection } from "./collection.ts";
import { budget, deployment, map, nobody, pod } from "./objects.ts";
import type { Conformance } from "./subject.ts";

/** Declares the tests. */
export function creating(test: Conformance): void {
  metadata(test);
  names(test);
  generations(test);
  places(test);
}

function metadata(test: Conformance): void {
  test("a new object gets a uid, a version and a time of creation", async (subject) => {
    const { maps, namespace } = await subject.room();
    const began = Math.floor(Date.now() / 1000) * 1000;
    const made = await maps.create(map("one", { a: "1" }));
    deepEqual([made.kind, made.apiVersion, made.data], ["ConfigMap", "v1", { a: "1" }]);
    const { uid, resourceVersion, creationTimestamp } = made.metadata;
    match(uid!, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    match(resourceVersion!, /^[1-9]\d*$/);
    match(creationTimestamp!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    ok(Date.parse(creationTimestamp!) >= began && Date.parse(creationTimestamp!) <= Date.now());
    equal(made.metadata.namespace, namespace);
    deepEqual(await maps.get("one"), made);
  });

  test("creating is answered with 201", async (subject) => {
    const { maps } = await subject.room();
    equal((await subject.api.call("POST", maps.path, { body: map("one") })).code, 201);
  });

  test("what only the server may say is not taken from who creates", async (subject) => {
    const { maps } = await subject.room();
    const said = {
      uid: nobody,
      creationTimestamp: "2000-01-01T00:00:00Z",
      deletionTimestamp: "2000-01-01T00:00:00Z",
    };
    const made = await maps.create(map("one", undefined, said));
    notEqual(made.metadata.uid, nobody);
    notEqual(made.metadata.creationTimestamp, said.creationTimestamp);
    equal(made.metadata.deletionTimestamp, undefined);
  });

  test("an object with a version cannot be created", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(map("one", undefined, { resourceVersion: "5" })), {
      code: 500,
      says: "resourceVersion should not be set on objects to be created",
    });
  });

  test("labels, annotations and finalizers are kept as they are given", async (subject) => {
    const { maps } = await subject.room();
    const said = {
      labels: { "example.com/tier": "web", empty: "" },
      annotations: { note: 'any text: ü "quoted" \n 🙂', "example.com/empty": "" },
      finalizers: ["example.com/kept"],
    };
    const { metadata } = await maps.create(map("one", undefined, said));
    const { labels, annotations, finalizers } = metadata;
    deepEqual({ labels, annotations, finalizers }, said);
    await maps.merge("one", { metadata: { finalizers: null } });
  });
}

function names(test: Conformance): void {
  test("a name is given once", async (subject) => {
    const { maps, deployments } = await subject.room();
    await maps.create(map("one"));
    const status = await refused(maps.create(map("one")), {
      code: 409,
      reason: "AlreadyExists",
      says: 'configmaps "one" already exists',
    });
    deepEqual([status.details?.name, status.details?.kind, status.details?.group], [
      "one",
      "configmaps",
      undefined,
    ]);
    await deployments.create(deployment("one", 0));
    const other = await refused(deployments.create(deployment("one", 0)), {
      code: 409,
      reason: "AlreadyExists",
      says: 'deployments.apps "one" already exists',
    });
    deepEqual([other.details?.group, other.details?.kind], ["apps", "deployments"]);
  });

  test("a name of one kind or namespace is free in others", async (subject) => {
    const [here, there] = [await subject.room(), await subject.room()];
    await here.maps.create(map("one"));
    await there.maps.create(map("one"));
    await here.pods.create(pod("one"));
  });

  test("a generated name begins as asked for and differs each time", async (subject) => {
    const { maps } = await subject.room();
    const generate = () => maps.create({ metadata: { generateName: "web-" } });
    const made = [await generate(), await generate(), await generate()];
    for (const { metadata } of made) {
      match(metadata.name!, /^web-[a-z0-9]{5}$/);
      equal(metadata.generateName, "web-");
    }
    equal(new Set(made.map(({ metadata }) => metadata.name)).size, 3);
  });

  test("a long beginning of a generated name is cut", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create({ metadata: { generateName: "a".repeat(80) } });
    match(metadata.name!, /^a{58}[a-z0-9]{5}$/);
  });

  test("a given name wins over a generated one", async (subject) => {
    const { maps } = await subject.room();
    const { metadata } = await maps.create({ metadata: { name: "one", generateName: "web-" } });
    equal(metadata.name, "one");
  });

  test("an object needs a name", async (subject) => {
    const { maps } = await subject.room();
    const expected = { code: 422, reason: "Invalid", field: "metadata.name", cause: "FieldValueRequired" };
    for (const unnamed of [{ metadata: {} }, {}]) {
      await refused(maps.create(unnamed), { ...expected, says: /name or generateName is required/ });
    }
  });

  for (const name of ["No-Good", "-web", "web-", "a_b", "a/b", "ü", "a".repeat(254)]) {
    test(`the name ${JSON.stringify(name.slice(0, 20))} of ${name.length} letters is refused`, async (subject) => {
      const { maps } = await subject.room();
      await refused(maps.create(map(name)), {
        code: 422,
        reason: "Invalid",
        says: /^ConfigMap "/,
        field: "metadata.name",
        cause: "FieldValueInvalid",
      });
    });
  }
}

function generations(test: Conformance): void {
  test("a Deployment's generation grows with its spec and its annotations, and with nothing else", async (subject) => {
    const { deployments } = await subject.room();
    const { metadata } = await deployments.create(deployment("web", 0, { paused: true }));
    equal(metadata.generation, 1);
    const generationAfter = async (change: MergePatch<Deployment>) =>
      (await deployments.merge("web", change)).metadata.generation;
    equal(await generationAfter({ metadata: { labels: { a: "1" } } }), 1);
    equal(await generationAfter({ spec: { replicas: 0 } }), 1);
    const status = { conditions: [{ type: "Tested", status: "True" }] };
    equal((await deployments.mergeStatus("web", { status })).metadata.generation, 1);
    equal(await generationAfter({ spec: { minReadySeconds: 1 } }), 2);
    equal(await generationAfter({ metadata: { annotations: { b: "2" } } }), 3);
  });

  test("a budget's generation grows with its spec only", async (subject) => {
    const { budgets } = await subject.room();
    const { metadata } = await budgets.create(budget("web", "web", { minAvailable: 1 }));
    equal(metadata.generation, 1);
    const metadataOnly = { metadata: { labels: { a: "1" }, annotations: { b: "2" } } };
    equal((await budgets.merge("web", metadataOnly)).metadata.generation, 1);
    equal((await budgets.merge("web", { spec: { minAvailable: 2 } })).metadata.generation, 2);
  });

  test("a generation that is given is not taken", async (subject) => {
    const { deployments, pods } = await subject.room();
    const wanted = deployment("web", 0);
    const made = await deployments.create({ ...wanted, metadata: { ...wanted.metadata, generation: 7 } });
    equal(made.metadata.generation, 1);
    equal((await deployments.merge("web", { metadata: { generation: 9 } })).metadata.generation, 1);
    equal((await pods.create(pod("one", { generation: 7 }))).metadata.generation, 1);
  });

  test("a ConfigMap has no generation", async (subject) => {
    const { maps } = await subject.room();
    await maps.create(map("one"));
    equal((await maps.merge("one", { data: { a: "1" } })).metadata.generation, undefined);
  });
}

function places(test: Conformance): void {
  test("an object of another namespace is refused", async (subject) => {
    const { maps } = await subject.room();
    await refused(maps.create(map("one", undefined, { namespace: "elsewhere" })), {
      code: 400,
      reason: "BadRequest",
      says: "the namespace of the provided object does not match the namespace sent on the request",
    });
  });

  test("nothing can be created in a namespace that does not exist", async (subject) => {
    const nowhere = new Collection<ConfigMap>(subject.api, "/api/v1/namespaces/nowhere/configmaps");
    const status = await refused(nowhere.create(map("one")), {
      code: 404,
      reason: "NotFound",
      says: 'namespaces "nowhere" not found',
    });
    deepEqual([status.details?.name, status.details?.kind], ["nowhere", "namespaces"]);
  });

  test("what is not there cannot be read, changed, replaced or deleted", async (subject) => {
    const { maps, deployments } = await subject.room();
    const expected = { code: 404, reason: "NotFound", says: 'configmaps "one" not found' };
    const status = await refused(maps.get("one"), expected);
    deepEqual([status.details?.name, status.details?.kind], ["one", "configmaps"]);
    await refused(maps.merge("one", { data: {} }), expected);
    await refused(maps.patch("one", [{ op: "add", path: "/data", value: {} }]), expected);
    await refused(maps.replace("one", map("one")), expected);
    await refused(maps.delete("one"), expected);
    const other = { ...expected, says: 'deployments.apps "one" not found' };
    equal((await refused(deployments.get("one"), other)).details?.group, "apps");
    await refused(deployments.mergeStatus("one", { status: {} }), other);
  });
}
