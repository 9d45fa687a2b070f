import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { formatCatalogue, formatKept, parseCatalogue, parseKept } from "../../lib/contract/data_catalogue.ts";
import type { DataVersion } from "../../lib/contract/data_version.ts";
import type { ContentId, Digest } from "../../lib/contract/ids.ts";
import { anyText } from "./any_text.ts";

const version: DataVersion = {
  path: "6553f100-0a1b2c3d.tar",
  hash: "AB".repeat(32),
  time: 1_700_000_000,
  digest: `sha256:${"c".repeat(64)}` as Digest,
  version: `sha256:${"d".repeat(64)}` as ContentId,
};

Deno.test("a catalogue is read as it was written, troubles included", () => {
  const catalogue = new Map([
    ["a", { versions: [version] }],
    ["b", { versions: [], trouble: { since: 1_700_000_000, message: "git: host not found" } }],
  ]);
  deepEqual(parseCatalogue(formatCatalogue(catalogue)), catalogue);
});

Deno.test("a source may have the name of what every object has", () => {
  const names = ["constructor", "prototype", "hasOwnProperty", "toJSON", "__proto__"];
  const catalogue = new Map(names.map((name) => [name, { versions: [version] }]));
  deepEqual(parseCatalogue(formatCatalogue(catalogue)), catalogue);
  const kept = new Map(names.map((name) => [name, [version]]));
  deepEqual(parseKept(formatKept(kept)), kept);
});

Deno.test("a catalogue has the original's fields as it had them", () => {
  const { Sources } = JSON.parse(formatCatalogue(new Map([["a", { versions: [version] }]])));
  const { ArchiveFilePath, Hash, Timestamp } = Sources.a[0];
  deepEqual([ArchiveFilePath, Hash, Timestamp], [version.path, version.hash, "2023-11-14T22:13:20.000Z"]);
});

Deno.test("versions that cannot be read are left out of a catalogue, and the others count", () => {
  const text = formatCatalogue(new Map([["a", { versions: [version] }]]));
  const changed = JSON.parse(text);
  changed.Sources.a.unshift(null, 1, { ArchiveFilePath: "old.tar", Hash: "", Timestamp: "" });
  changed.Sources.b = "none";
  deepEqual(
    parseCatalogue(JSON.stringify(changed)),
    new Map([["a", { versions: [version] }], ["b", { versions: [] }]]),
  );
});

Deno.test("what must be kept is read whole or not at all", () => {
  const kept = new Map([["a", [version]], ["b", []]]);
  deepEqual(parseKept(formatKept(kept)), kept);
  for (
    const bad of ["", "[]", "null", '{"a":1}', '{"a":[1]}', formatKept(kept).replace("sha256:c", "sha256:")]
  ) {
    equal(parseKept(bad), undefined, bad);
  }
});

Deno.test("reading anything as a catalogue ends in a value or a problem", () => {
  fc.assert(fc.property(fc.oneof(anyText(), fc.json()), (text) => {
    parseCatalogue(text);
    parseKept(text);
    parseCatalogue(`{"Sources":${JSON.stringify(text)}}`);
    parseCatalogue(`{"Sources":{"a":[${JSON.stringify(text)}]},"Troubles":{"a":${JSON.stringify(text)}}}`);
  }));
});
