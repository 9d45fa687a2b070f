import { equal, match, notEqual } from "node:assert/strict";
import { sameTemplate, templateHash } from "../../../../lib/embedded/controllers/deployments/template.ts";
import { template } from "../build.ts";

Deno.test("templates are the same whatever the label with their hash says", () => {
  equal(sameTemplate(template(1), template(1, { "pod-template-hash": "abc" })), true);
  equal(sameTemplate(template(1), template(2)), false);
  equal(sameTemplate(template(1), template(1, { tier: "front" })), false);
});

Deno.test("the order of fields, and lists and maps that are empty, make no other template", () => {
  const { metadata, spec } = template();
  equal(sameTemplate({ metadata, spec }, { spec, metadata }), true);
  equal(sameTemplate({ metadata: { ...metadata, annotations: {} }, spec }, { metadata, spec }), true);
  equal(
    sameTemplate({ metadata, spec: { ...spec!, volumes: [], nodeSelector: {} } }, { metadata, spec }),
    true,
  );
  const nulled = { metadata: { ...metadata, creationTimestamp: null as unknown as string }, spec };
  equal(sameTemplate(nulled, { metadata, spec }), true);
});

Deno.test("an object that is empty by choice makes another template", () => {
  const { metadata, spec } = template();
  const withVolume = (more: object) => ({
    metadata,
    spec: { ...spec!, volumes: [{ name: "data", ...more }] },
  });
  equal(sameTemplate(withVolume({ emptyDir: {} }), withVolume({})), false);
});

Deno.test("the order of containers counts", () => {
  const [a, b] = [{ name: "a", image: "a" }, { name: "b", image: "b" }];
  equal(sameTemplate({ spec: { containers: [a, b] } }, { spec: { containers: [b, a] } }), false);
});

Deno.test("a hash is short, of safe letters, and the same for the same template", () => {
  match(templateHash(template(), undefined), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  equal(
    templateHash(template(1, { "pod-template-hash": "x" }), undefined),
    templateHash(template(1), undefined),
  );
  notEqual(templateHash(template(1), undefined), templateHash(template(2), undefined));
});

Deno.test("a collision makes another hash of the same template", () => {
  const hashes = [undefined, 0, 1, 2].map((count) => templateHash(template(), count));
  equal(new Set(hashes).size, 4);
});

Deno.test("many templates have as many hashes", () => {
  const hashes = Array.from({ length: 1000 }, (_, tag) => templateHash(template(tag), undefined));
  equal(new Set(hashes).size, 1000);
});
