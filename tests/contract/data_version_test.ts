import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import {
  applyFaults,
  type DataStatus,
  type DataVersion,
  formatDataRequest,
  formatDataStatus,
  formatPath,
  formatStatusReport,
  parseDataRequest,
  parseDataStatus,
  parsePath,
  parseStatusReport,
} from "../../lib/contract/data_version.ts";
import type { ContentId, Digest } from "../../lib/contract/ids.ts";
import { anyText } from "./any_text.ts";

const hex = (length: number) =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((all) =>
    all.join("")
  );

const anyVersion: fc.Arbitrary<DataVersion> = fc.record({
  time: fc.nat(),
  commit: hex(40),
  hash: hex(64),
  digest: hex(64),
  version: hex(64),
}).map(({ time, commit, hash, digest, version }) => ({
  path: formatPath(time, commit),
  hash: hash.toUpperCase(),
  time,
  digest: `sha256:${digest}` as Digest,
  version: `sha256:${version}` as ContentId,
}));

const anyStatus: fc.Arbitrary<DataStatus> = fc.record({
  version: anyVersion,
  state: fc.constantFrom("downloading", "applied", "failed" as const),
  message: fc.constantFrom("", "all 12 files in place", "Umlaute: äöü 🚀"),
  fault: fc.option(fc.constantFrom(...applyFaults), { nil: undefined }),
  live: fc.option(anyVersion, { nil: undefined }),
  probed: fc.option(fc.nat(), { nil: undefined }),
}).map(({ version, fault, live, probed, ...rest }) => ({
  ...version,
  ...rest,
  ...(fault !== undefined && { fault }),
  ...(live !== undefined && { live }),
  ...(probed !== undefined && { probed }),
}));

Deno.test("a request and a status are read as they were written", () => {
  fc.assert(
    fc.property(anyVersion, (version) => deepEqual(parseDataRequest(formatDataRequest(version)), version)),
  );
  fc.assert(fc.property(anyStatus, (status) => deepEqual(parseDataStatus(formatDataStatus(status)), status)));
});

Deno.test("a deployer's report is read as it was written", () => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom("a", "b-1", "C.d"), anyStatus), (all) => {
    const statuses = new Map(Object.entries(all));
    deepEqual(parseStatusReport(formatStatusReport(statuses)), statuses);
  }));
});

Deno.test("a request is base64 of the JSON that the original reads", () => {
  const [version] = fc.sample(anyVersion, 1);
  const fields = JSON.parse(atob(formatDataRequest(version!)));
  deepEqual(Object.keys(fields), ["Path", "Hash", "UnixTimestampSeconds", "Digest", "Version"]);
  equal(fields.UnixTimestampSeconds, version!.time);
});

Deno.test("a field that is not known is ignored, and one that is missing is named", () => {
  const [version] = fc.sample(anyVersion, 1);
  const fields = JSON.parse(atob(formatDataRequest(version!)));
  deepEqual(parseDataRequest(btoa(JSON.stringify({ ...fields, Later: [1] }))), version);
  for (const field of Object.keys(fields)) {
    const { [field]: _, ...others } = fields;
    match(JSON.stringify(parseDataRequest(btoa(JSON.stringify(others)))), new RegExp(`no valid ${field}`));
  }
});

Deno.test("reading anything ends in a value or a problem", () => {
  const wrong = fc.oneof(
    anyText(),
    anyText().map((text) => JSON.stringify(text)),
    fc.json(),
    fc.json().map(btoaSafe),
  );
  fc.assert(fc.property(wrong, (text) => {
    for (const read of [parseDataRequest, parseDataStatus]) equal("problem" in read(text), true);
    const report = parseStatusReport(text);
    if (!("problem" in report)) equal(report.size, 0);
  }));
  equal("problem" in parseDataRequest("x".repeat(1_000_000)), true);
});

function btoaSafe(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

Deno.test("what a deployer says reaches people without control characters", () => {
  const [version] = fc.sample(anyVersion, 1);
  const status: DataStatus = { ...version!, state: "failed", message: "disk\n\u001b[31mfull" };
  const read = parseDataStatus(formatDataStatus(status));
  equal("problem" in read ? "" : read.message, "disk [31mfull");
});

Deno.test("a version's name at the repository is its time and commit, and nothing else is one", () => {
  equal(formatPath(1_700_000_000, "0a1b2c3d"), "6553f100-0a1b2c3d.tar");
  deepEqual(parsePath("6553f100-0a1b2c3d.tar"), { time: 1_700_000_000, commit: "0a1b2c3d" });
  for (
    const bad of [
      "",
      "../x",
      "6553f100-0a1b2c3d",
      "6553F100-0a1b2c3d.tar",
      "x-0a1b2c3d.tar",
      "6553f100-/../a.tar",
    ]
  ) {
    equal(parsePath(bad), undefined, bad);
  }
});
