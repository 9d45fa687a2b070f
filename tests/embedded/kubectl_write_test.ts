/**
 * What kubectl's users change in an embedded cluster.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { stringify } from "yaml";
import type { Kubectl } from "./support/kubectl.ts";
import { deployment, pod, withKubectl } from "./support/kubectl_suite.ts";

const test = withKubectl();

const at = (kubectl: Kubectl, what: string, path: string) => kubectl.ok(`get ${what} -o jsonpath={${path}}`);

test("objects are created from YAML and from JSON", async (kubectl) => {
  equal(await kubectl.ok("create -f -", [], { input: pod("json") }), "pod/json created\n");
  equal(
    await kubectl.ok("create -f -", [], { input: stringify(JSON.parse(pod("yaml"))) }),
    "pod/yaml created\n",
  );
  match(
    await kubectl.refused("create -f -", [], { input: pod("yaml") }),
    /\(AlreadyExists\): .*pods "yaml" already exists/,
  );
});

test("a list of objects is created, and applied again as it was printed", async (kubectl) => {
  const items = [JSON.parse(pod("web")), JSON.parse(deployment("db", { replicas: 0 }))];
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  equal(await kubectl.ok("apply -f -", [], { input }), "pod/web created\ndeployment.apps/db created\n");
  const printed = await kubectl.ok("get pod/web deployment/db -o yaml");
  match(await kubectl.ok("apply -f -", [], { input: printed }), /^pod\/web .*\ndeployment.apps\/db .*\n$/);
});

test("a misspelled field is refused, and only warned of where the user wants that", async (kubectl) => {
  const input = deployment("web").replace('"replicas"', '"replica"');
  match(
    await kubectl.refused("create -f -", [], { input }),
    /strict decoding error: unknown field "spec.replica"/,
  );
  const { out, err } = await kubectl.run("create --validate=warn -f -", [], { input });
  match(err, /^Warning: unknown field "spec.replica"\n$/);
  equal(out, "deployment.apps/web created\n");
});

test("what is wrong with an object is said by field", async (kubectl) => {
  const input = (change: object) => JSON.stringify({ ...JSON.parse(pod("web")), ...change });
  match(
    await kubectl.refused("create -f -", [], { input: input({ spec: {} }) }),
    /The Pod "web" is invalid: spec.containers: Required value/,
  );
  const spec = { containers: [{ name: "app", image: 3 }] };
  match(
    await kubectl.refused("create -f -", [], { input: input({ spec }) }),
    /cannot unmarshal number into Go struct field Container.spec.containers.image of type string/,
  );
});

test("apply creates, changes, prunes fields and says when nothing changed", async (kubectl) => {
  const apply = (input: string) => kubectl.ok("apply -f -", [], { input });
  equal(await apply(deployment("web", { replicas: 0 })), "deployment.apps/web created\n");
  equal(await apply(deployment("web", { replicas: 0 })), "deployment.apps/web unchanged\n");
  const sidecar = JSON.parse(deployment("web", { replicas: 0 }));
  sidecar.spec.template.spec.containers.push({ name: "side", image: "web" });
  equal(await apply(JSON.stringify(sidecar)), "deployment.apps/web configured\n");
  equal(await at(kubectl, "deploy/web", ".spec.template.spec.containers[*].name"), "app side");
  equal(await apply(deployment("web", { replicas: 0 })), "deployment.apps/web configured\n");
  equal(await at(kubectl, "deploy/web", ".spec.template.spec.containers[*].name"), "app");
});

test("diff shows what apply would change", async (kubectl) => {
  await kubectl.ok("apply -f -", [], { input: deployment("web", { replicas: 0 }) });
  equal(await kubectl.ok("diff -f -", [], { input: deployment("web", { replicas: 0 }) }), "");
  const { code, out } = await kubectl.run("diff -f -", [], { input: deployment("web", { replicas: 2 }) });
  equal(code, 1);
  match(out, /\n- {2}replicas: 0\n\+ {2}replicas: 2\n/);
});

test("server-side apply is refused in words", async (kubectl) => {
  match(
    await kubectl.refused("apply --server-side -f -", [], { input: pod("web") }),
    /server-side apply is not supported by AutoCrane's embedded cluster/,
  );
});

test("run makes a pod", async (kubectl) => {
  equal(await kubectl.ok("run web --image=web --labels=app=web -- hello"), "pod/web created\n");
  await kubectl.ok("wait --for=condition=Ready pod/web --timeout=30s");
  await kubectl.ok("delete pod web --now");
});

test("labels and annotations are set, changed and removed", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: pod("web") });
  const labels = async () => JSON.parse(await at(kubectl, "pod/web", ".metadata.labels"));
  await kubectl.ok("label pod web tier=front");
  match(await kubectl.refused("label pod web tier=back"), /already has a value \(front\)/);
  await kubectl.ok("label pod web tier=back --overwrite");
  deepEqual(await labels(), { app: "web", tier: "back" });
  await kubectl.ok("label pod web tier=none --overwrite --dry-run=server");
  await kubectl.ok("label pod web app-");
  deepEqual(await labels(), { tier: "back" });
  await kubectl.ok("annotate pod web", ["note=two words"]);
  equal(await at(kubectl, "pod/web", ".metadata.annotations.note"), "two words");
  await kubectl.ok("annotate pod web note-");
  equal(await at(kubectl, "pod/web", ".metadata.annotations.note"), "");
  match(
    await kubectl.refused("label pod web tier=a,b --overwrite"),
    /invalid label value|Invalid value: "a,b"/,
  );
});

test("patches of all three kinds are taken", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: deployment("web", { replicas: 0 }) });
  const patch = (type: string, body: unknown) =>
    kubectl.ok(`patch deployment web --type=${type}`, ["-p", JSON.stringify(body)]);
  const containers = [{ name: "side", image: "web" }];
  await patch("strategic", { spec: { template: { spec: { containers } } } });
  equal(await at(kubectl, "deploy/web", ".spec.template.spec.containers[*].name"), "side app");
  await patch("merge", { spec: { template: { spec: { containers } } } });
  equal(await at(kubectl, "deploy/web", ".spec.template.spec.containers[*].name"), "side");
  await patch("json", [{ op: "replace", path: "/spec/template/spec/containers/0/name", value: "app" }]);
  equal(await at(kubectl, "deploy/web", ".spec.template.spec.containers[*].name"), "app");
  match(
    await kubectl.refused("patch deployment web", ["-p", '{"spec":{"replicas":"three"}}']),
    /cannot unmarshal string|unrecognized type/,
  );
});

test("an editor changes an object", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: deployment("web", { replicas: 0 }) });
  const env = { KUBE_EDITOR: "sed -i s/revisionHistoryLimit:.*/revisionHistoryLimit:\\ 3/" };
  equal(await kubectl.ok("edit deployment web", [], { env }), "deployment.apps/web edited\n");
  equal(await at(kubectl, "deploy/web", ".spec.revisionHistoryLimit"), "3");
});

test("replace needs the object that it replaces", async (kubectl) => {
  await kubectl.ok("create -f -", [], { input: deployment("web", { replicas: 0 }) });
  equal(
    await kubectl.ok("replace -f -", [], { input: deployment("web", { replicas: 0, args: ["new"] }) }),
    "deployment.apps/web replaced\n",
  );
  match(await kubectl.refused("replace -f -", [], { input: deployment("other") }), /NotFound/);
});

test("commands that speak only protobuf say what to do in their place", async (kubectl) => {
  const create = "create deployment web --image=web --replicas=0";
  const { code, err } = await kubectl.run(create);
  if (code !== 0) match(err, /--dry-run=client -o yaml/);
  const input = await kubectl.ok(`${create} --dry-run=client -o yaml`);
  match(await kubectl.ok("apply -f -", [], { input }), /deployment.apps\/web (created|configured|unchanged)/);
});

test("a namespace goes with all that is in it", async (kubectl) => {
  await kubectl.ok("apply -f -", [], { input: pod("web") });
  equal(
    await kubectl.ok(`delete namespace ${kubectl.namespace} --timeout=30s`),
    `namespace "${kubectl.namespace}" deleted\n`,
  );
  match(await kubectl.refused("get pod web"), /not found/);
});
