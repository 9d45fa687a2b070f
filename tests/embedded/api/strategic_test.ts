import { deepEqual, throws } from "node:assert/strict";
import { ApiError } from "../../../lib/embedded/api/errors.ts";
import { resourceAt } from "../../../lib/embedded/api/resources.ts";
import { strategicMerge } from "../../../lib/embedded/api/strategic_patch.ts";
import { inPlace, type Parts, strategicVectors } from "./strategic_vectors.ts";

const deployments = resourceAt("apps", "v1", "deployments")!;
const merged = (held: Parts, patch: Parts) => strategicMerge(deployments, inPlace(held), inPlace(patch));

for (const { promise, held, patch, wanted } of strategicVectors) {
  Deno.test(promise, () => deepEqual(merged(held, patch), inPlace(wanted)));
}

Deno.test("neither the object nor the patch is changed", () => {
  for (const { held, patch } of strategicVectors) {
    const before = JSON.stringify([held, patch]);
    merged(held, patch);
    deepEqual(JSON.stringify([held, patch]), before);
  }
});

Deno.test("two ports of one number both stay", () => {
  const ports = [{ containerPort: 53, protocol: "UDP" }, { containerPort: 53, protocol: "TCP" }];
  const held = { pod: { containers: [{ name: "dns", ports }] } };
  const after = merged(held, { pod: { containers: [{ name: "dns", image: "new" }] } });
  deepEqual(after, inPlace({ pod: { containers: [{ name: "dns", ports, image: "new" }] } }));
});

Deno.test("a label may be called as what all objects have", () => {
  const patch = JSON.parse('{"metadata":{"labels":{"__proto__":"1","constructor":"2"}}}');
  const { metadata } = strategicMerge(deployments, { metadata: { labels: { a: "b" } } }, patch) as {
    metadata: { labels: object };
  };
  deepEqual(Object.keys(metadata.labels), ["a", "__proto__", "constructor"]);
});

Deno.test("directives in what is new to the object leave no trace", () => {
  const after = merged(
    { pod: { containers: [] } },
    {
      pod: { affinity: { nodeAffinity: { $patch: "replace" } }, volumes: [{ name: "v", $patch: "delete" }] },
    },
  );
  deepEqual(after, inPlace({ pod: { containers: [], affinity: {}, volumes: [] } }));
});

const refused: [string, Parts, RegExp][] = [
  ["an element without its key", { pod: { containers: [{ image: "x" }] } }, /declared merge key: name/],
  [
    "an element to delete without its key",
    { pod: { containers: [{ $patch: "delete" }] } },
    /merge key: name/,
  ],
  [
    "a word that is no directive",
    { pod: { nodeSelector: { $patch: "burn" } } },
    /unknown patch type: "burn"/,
  ],
  [
    "such a word in an element",
    { pod: { containers: [{ name: "one", $patch: "burn" }] } },
    /unknown patch type/,
  ],
  ["plain values among elements", { pod: { containers: ["one"] } }, /"one" is not an object/],
  ["an order that is no list", { pod: { "$setElementOrder/containers": "one" } }, /expected a list/],
  ["an order of plain values", { pod: { "$setElementOrder/containers": ["one"] } }, /expected objects/],
  [
    "an order that the patch itself does not keep",
    {
      pod: {
        "$setElementOrder/containers": [{ name: "two" }, { name: "one" }],
        containers: [{ name: "one" }, { name: "two" }],
      },
    },
    /does not match \$setElementOrder/,
  ],
  [
    "fields that are set and not retained",
    { pod: { nodeSelector: { $retainKeys: [], a: "b" } } },
    /retainKeys/,
  ],
];
for (const [what, patch, message] of refused) {
  Deno.test(`a strategic patch with ${what} is refused`, () => {
    const held = { pod: { containers: [{ name: "one" }], nodeSelector: { x: "y" } } };
    throws(() => merged(held, patch), (error: ApiError) => {
      return error instanceof ApiError && error.status.code === 400 && message.test(error.message);
    });
  });
}
