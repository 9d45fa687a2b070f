import { deepEqual, equal, throws } from "node:assert/strict";
import type { ContentId, Digest } from "../../../lib/contract/ids.ts";
import { formatConfig, formatManifest, type Manifest } from "../../../lib/data/version/manifest.ts";
import { parseManifest } from "../../../lib/data/version/parse_manifest.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;

const manifest: Manifest = {
  version: `sha256:${"c".repeat(64)}` as ContentId,
  config: { digest: digest("d"), size: 123 },
  layers: ["0", "1"].map((bit) => ({
    digest: digest(bit),
    size: 1000,
    title: `layer-${bit}.tar.zst`,
    table: { offset: 500, length: 100, rawLength: 700 },
    tableDigest: digest("a"),
    tarSplit: { offset: 608, length: 200, rawLength: 900 },
  })),
};

// deno-lint-ignore no-explicit-any -- tests break fields of any kind
type Json = any;

function changed(change: (json: Json) => void): Uint8Array {
  const json = JSON.parse(new TextDecoder().decode(formatManifest(manifest)));
  change(json);
  return new TextEncoder().encode(JSON.stringify(json));
}

const tablePosition = "io.github.containers.zstd-chunked.manifest-position";
const tableChecksum = "io.github.containers.zstd-chunked.manifest-checksum";
const tarSplitPosition = "io.github.containers.zstd-chunked.tarsplit-position";

Deno.test("a manifest that was written is read the same, and written again as the same bytes", () => {
  const bytes = formatManifest(manifest);
  deepEqual(parseManifest(bytes), manifest);
  deepEqual(formatManifest(parseManifest(bytes)), bytes);
});

Deno.test("a manifest is what the OCI specification and zstd:chunked want", () => {
  const json = JSON.parse(new TextDecoder().decode(formatManifest(manifest)));
  equal(json.schemaVersion, 2);
  equal(json.mediaType, "application/vnd.oci.image.manifest.v1+json");
  equal(json.config.mediaType, "application/vnd.oci.image.config.v1+json");
  deepEqual(json.annotations, { ["autocrane." + "io/content"]: manifest.version });
  deepEqual(json.layers[0], {
    mediaType: "application/vnd.oci.image.layer.v1.tar+zstd",
    digest: digest("0"),
    size: 1000,
    annotations: {
      [tableChecksum]: digest("a"),
      [tablePosition]: "500:100:700:1",
      [tarSplitPosition]: "608:200:900",
      "org.opencontainers.image.title": "layer-0.tar.zst",
    },
  });
});

Deno.test("a config has the layers' digests and a platform", () => {
  deepEqual(JSON.parse(new TextDecoder().decode(formatConfig([digest("0")]))), {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [digest("0")] },
  });
});

Deno.test("a layer without tar-split data is taken", () => {
  const bytes = changed(({ layers }) => delete layers[0].annotations[tarSplitPosition]);
  equal(parseManifest(bytes).layers[0]!.tarSplit, undefined);
});

const broken: readonly (readonly [string, (json: Json) => void, RegExp])[] = [
  ["another schema", (json) => json.schemaVersion = 1, /not of the type/],
  ["an index", (json) => json.mediaType = "application/vnd.oci.image.index.v1+json", /not of the type/],
  ["no layers", (json) => json.layers = [], /has 0 layers/],
  ["layers that are no list", (json) => json.layers = {}, /layers is no list/],
  ["too many layers", (json) => json.layers = Array(129).fill(json.layers[0]), /has 129 layers/],
  ["a layer twice", (json) => json.layers[1] = json.layers[0], /lists a layer twice/],
  ["a gzip layer", (json) => json.layers[1].mediaType += "x", /layers\[1\] is not of the type/],
  ["no digest", (json) => delete json.layers[0].digest, /layers\[0\]\.digest is no text/],
  ["an odd digest", (json) => json.layers[0].digest = "sha256:../../x", /digest is no sha256 digest/],
  ["a size of text", (json) => json.layers[0].size = "1000", /size is no whole number/],
  ["a size that is negative", (json) => json.layers[0].size = -1, /size is no whole number/],
  ["a size past what is exact", (json) => json.layers[0].size = 2 ** 60, /size is no whole number/],
  ["no annotations", (json) => delete json.layers[0].annotations, /annotations is no object/],
  ["no content identity", (json) => json.annotations = {}, /content is no text/],
  [
    "an odd content identity",
    (json) => json.annotations["autocrane." + "io/content"] = "x",
    /no content identity/,
  ],
  ["an odd config", (json) => json.config.mediaType = "text/plain", /config is not of the type/],
  [
    "an odd title",
    (json) => json.layers[0].annotations["org.opencontainers.image.title"] = "../x",
    /no layer's name/,
  ],
  [
    "a table outside",
    (json) => json.layers[0].annotations[tablePosition] = "950:100:700:1",
    /table is not in the blob/,
  ],
  [
    "a table at the start",
    (json) => json.layers[0].annotations[tablePosition] = "0:100:700:1",
    /table is not in/,
  ],
  ["an empty table", (json) => json.layers[0].annotations[tablePosition] = "500:0:700:1", /table is not in/],
  [
    "another kind of table",
    (json) => json.layers[0].annotations[tablePosition] = "500:100:700:2",
    /another kind/,
  ],
  [
    "a position too short",
    (json) => json.layers[0].annotations[tablePosition] = "500:100:700",
    /not 4 numbers/,
  ],
  [
    "a position with signs",
    (json) => json.layers[0].annotations[tablePosition] = "+500:1e2:700:1",
    /not 4 numbers/,
  ],
  [
    "a huge table",
    (json) => json.layers[0].annotations[tablePosition] = "500:100:99999999999:1",
    /table of more/,
  ],
  [
    "tar-split outside",
    (json) => json.layers[0].annotations[tarSplitPosition] = "999:2:3",
    /tarSplit is not in/,
  ],
  [
    "a table's digest that is none",
    (json) => json.layers[0].annotations[tableChecksum] = "",
    /checksum is no sha256/,
  ],
];

Deno.test("a manifest in which anything is wrong is refused, and it is said what", () => {
  for (const [what, change, message] of broken) {
    throws(() => parseManifest(changed(change)), { name: "BadVersion", message }, what);
  }
});

Deno.test("what is no manifest at all is refused", () => {
  for (const text of ["", "null", "[]", "{", '"x"', "\xff"]) {
    throws(() => parseManifest(new TextEncoder().encode(text)), { name: "BadVersion" }, text);
  }
  throws(() => parseManifest(new Uint8Array(5 << 20)), /it has 5242880 bytes/);
});

Deno.test("a manifest that is cut anywhere is refused", () => {
  const bytes = formatManifest(manifest);
  for (let length = 0; length < bytes.length; length++) {
    throws(() => parseManifest(bytes.subarray(0, length)), { name: "BadVersion" });
  }
});
