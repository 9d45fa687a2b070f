import { deepEqual, equal, throws } from "node:assert/strict";
import type { ApiError } from "../../../lib/embedded/api/errors.ts";
import { resourceAt, resources } from "../../../lib/embedded/api/resources.ts";
import { checkedObject, checkedPatch, fieldValidationIn } from "../../../lib/embedded/api/schema/check.ts";
import { decode } from "../../../lib/embedded/api/schema/decode.ts";
import { duplicateFields } from "../../../lib/embedded/api/schema/duplicates.ts";
import { deploymentWith, goodDeployment, schemaVectors } from "./schema_vectors.ts";

const deployments = resourceAt("apps", "v1", "deployments")!;
const pods = resourceAt("", "v1", "pods")!;
const strict = { validation: "Strict", text: "{}" } as const;

for (const { what, at, value, says } of schemaVectors) {
  Deno.test(`a Deployment with ${what} is refused in a real server's words`, () => {
    const message = `Deployment in version "v1" cannot be handled as a Deployment: ${says}`;
    throws(() => checkedObject(deployments, deploymentWith({ at, value }), strict), (error: ApiError) => {
      return error.status.code === 400 && error.message === message;
    });
  });
}

Deno.test("a good object is taken as it is", () => {
  const { object, warnings, missing } = checkedObject(deployments, goodDeployment(), strict);
  deepEqual([object, warnings, missing], [goodDeployment(), [], []]);
});

Deno.test("every served kind can be read", () => {
  for (const resource of resources) {
    const { unknown, wrong } = decode(resource, { metadata: { name: "x", labels: { a: "b" } }, nothing: 1 });
    deepEqual([unknown, wrong], [["nothing"], undefined]);
  }
});

Deno.test("unknown fields are warned of and left out, unless the caller wants to hear nothing", () => {
  const sent = deploymentWith({ at: ["spec", "replica"], value: 3 });
  const warned = checkedObject(deployments, sent, { validation: "Warn", text: "{}" });
  deepEqual(warned.warnings, ['unknown field "spec.replica"']);
  deepEqual(warned.object, goodDeployment());
  deepEqual(checkedObject(deployments, sent, { validation: "Ignore", text: "{}" }).warnings, []);
});

Deno.test("what is wrong is said before what is unknown", () => {
  const sent = { ...goodDeployment(), x: 1, metadata: { name: 1 } };
  throws(() => checkedObject(deployments, sent, strict), /unmarshal number into Go struct field ObjectMeta/);
});

Deno.test("a field that stands twice is refused with those that are unknown", () => {
  const text =
    '{"spec":{"replicas":1,"replicas":2,"template":{"spec":{"containers":[{},{"name":"a","name":"b"}]}}}}';
  throws(
    () => checkedObject(deployments, deploymentWith({ at: ["x"], value: 1 }), { validation: "Strict", text }),
    new RegExp(
      'strict decoding error: duplicate field "spec.replicas", ' +
        String.raw`duplicate field "spec.template.spec.containers\[1\].name", unknown field "x"`,
    ),
  );
});

const once: [string, string[]][] = [
  ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', []],
  [String.raw`{"a\"b":"{\"a\":1,\"a\":2}"}`, []],
  ['{"a":"x,y","b":[1,2,{"c":null}],"b":[]}', ["b"]],
  [String.raw`{"\u0061":1,"a":2}`, ["a"]],
  ['{"a":1,"a":2,"a":3}', ["a"]],
  ["[]", []],
  ["", []],
];
for (const [text, found] of once) {
  Deno.test(`in ${text || "nothing"} these stand twice: ${found.join(", ") || "none"}`, () =>
    deepEqual(duplicateFields(text), found));
}

Deno.test("null is as good as nothing", () => {
  const { object, wrong } = decode(pods, {
    metadata: { name: "x", labels: { a: null } },
    spec: { nodeName: null, containers: [null], tolerations: null },
  });
  deepEqual(object, { metadata: { name: "x", labels: { a: "" } }, spec: { containers: [{}] } });
  equal(wrong, undefined);
});

Deno.test("a quantity may be sent as a number and is kept as text", () => {
  const resources = { limits: { cpu: 1.5, memory: "1Gi" } };
  const { object } = decode(pods, { spec: { containers: [{ name: "a", resources }] } });
  deepEqual(object, {
    spec: { containers: [{ name: "a", resources: { limits: { cpu: "1.5", memory: "1Gi" } } }] },
  });
});

Deno.test("managed fields may hold anything", () => {
  const metadata = { managedFields: [{ fieldsV1: { "f:spec": { ".": {} } } }] };
  deepEqual(decode(pods, { metadata }), { object: { metadata }, unknown: [], missing: [] });
});

Deno.test("fields that a spec must have are named where they are missing", () => {
  const { missing } = decode(pods, { spec: { volumes: [{}] } });
  deepEqual(missing.map(({ field, message }) => `${field}: ${message}`), [
    "spec.volumes[0].name: Required value",
    "spec.containers: Required value",
  ]);
});

const times: [string, boolean][] = [
  ["2026-01-02T03:04:05Z", true],
  ["2026-01-02T03:04:05.678+02:00", true],
  ["2026-01-02", false],
  ["yesterday", false],
  ["2026-13-02T03:04:05Z", false],
];
for (const [value, good] of times) {
  Deno.test(`"${value}" is ${good ? "a" : "no"} time`, () => {
    equal(decode(pods, { metadata: { creationTimestamp: value } }).wrong === undefined, good);
  });
}

Deno.test("a Lease's times have microseconds", () => {
  const leases = resourceAt("coordination.k8s.io", "v1", "leases")!;
  const wrong = (renewTime: string) => decode(leases, { spec: { renewTime } }).wrong;
  equal(wrong("2026-01-02T03:04:05.678901Z"), undefined);
  equal(
    wrong("2026-01-02T03:04:05Z"),
    'parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": it does not have this form',
  );
});

Deno.test("bytes are base64", () => {
  const maps = resourceAt("", "v1", "configmaps")!;
  equal(decode(maps, { binaryData: { a: "aGk=" } }).wrong, undefined);
  equal(decode(maps, { binaryData: { a: "%%%" } }).wrong, "illegal base64 data at input byte 0");
});

Deno.test("a patch that makes an object wrong is refused as the patch's fault", () => {
  const sent = { validation: "Strict", text: '{"spec":{"replicas":"3"}}' } as const;
  throws(
    () => checkedPatch(deployments, deploymentWith({ at: ["spec", "replicas"], value: "3" }), sent),
    ({ status }: ApiError) =>
      status.code === 422 && status.reason === "Invalid" && status.details?.causes?.[0]?.field === "patch" &&
      /DeploymentSpec.spec.replicas of type int32$/.test(status.message ?? ""),
  );
});

Deno.test("a word that is no field validation is refused", () => {
  equal(fieldValidationIn(null, "CreateOptions"), "Warn");
  throws(
    () => fieldValidationIn("Maybe", "CreateOptions"),
    ({ message }: Error) =>
      message === 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": ' +
          'supported values: "", "Ignore", "Strict", "Warn"',
  );
});
