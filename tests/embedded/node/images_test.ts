import { deepEqual, equal, match } from "node:assert/strict";
import { entrypointOf, namesOf, unknownImage } from "../../../lib/embedded/node/images.ts";

const examples: Record<string, string[]> = {
  "web": ["web"],
  "web:1.2": ["web:1.2", "web"],
  "shop/web": ["shop/web", "web"],
  "localhost:5000/web": ["localhost:5000/web", "web"],
  "ghcr.io/shop/web@sha256:abc": ["ghcr.io/shop/web@sha256:abc", "ghcr.io/shop/web", "shop/web", "web"],
  "ghcr.io/shop/web:1@sha256:abc": ["ghcr.io/shop/web:1@sha256:abc", "ghcr.io/shop/web", "shop/web", "web"],
};

for (const [image, names] of Object.entries(examples)) {
  Deno.test(`${image} is known as ${names.join(", ")}`, () => deepEqual(namesOf(image), names));
}

Deno.test("the most exact name decides", () => {
  const images = { web: ["old"], "web:2": ["new"] };
  deepEqual(entrypointOf("web:2", images), ["new"]);
  deepEqual(entrypointOf("web:3", images), ["old"]);
  equal(entrypointOf("constructor", images), undefined);
});

Deno.test("who names an unknown image learns what there is", () => {
  match(
    unknownImage("redis:7", { web: [], api: [] }),
    /image "redis:7" .* it knows api, web; or let .* command/,
  );
  match(unknownImage("redis:7", {}), /it knows none/);
});
