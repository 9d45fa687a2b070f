import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { matchesEtag, wantedRange } from "../../../lib/data/repository/http_range.ts";

const etag = '"e"';
const of = (range: string | undefined, size = 100, ifRange?: string) =>
  wantedRange({ range, ifRange }, size, etag);

Deno.test("one range of bytes is a part, from the end as well, and never past it", () => {
  deepEqual(of("bytes=0-0"), { kind: "part", offset: 0, length: 1 });
  deepEqual(of("bytes=90-"), { kind: "part", offset: 90, length: 10 });
  deepEqual(of("Bytes= 90-1000 "), { kind: "part", offset: 90, length: 10 });
  deepEqual(of("bytes=-10"), { kind: "part", offset: 90, length: 10 });
  deepEqual(of("bytes=-1000"), { kind: "part", offset: 0, length: 100 });
});

Deno.test("what is past the end, or nothing, cannot be satisfied", () => {
  for (const range of ["bytes=100-", "bytes=100-200", "bytes=-0"]) equal(of(range).kind, "unsatisfiable");
  equal(of("bytes=0-", 0).kind, "unsatisfiable");
  equal(of("bytes=-1", 0).kind, "unsatisfiable");
});

Deno.test("anything else is the whole", () => {
  const others = ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,2-3", "lines=0-1"];
  for (const range of [undefined, ...others, `bytes=0-${"9".repeat(20)}`]) equal(of(range).kind, "whole");
  equal(of("bytes=0-1", 100, '"other"').kind, "whole");
  equal(of("bytes=0-1", 100, `W/${etag}`).kind, "whole");
  equal(of("bytes=0-1", 100, etag).kind, "part");
});

Deno.test("no header makes a part that is empty or leaves the whole", () => {
  fc.assert(fc.property(fc.string(), fc.nat(1000), (text, size) => {
    for (const range of [text, `bytes=${text}`, `bytes=${text.length}-${size}`]) {
      const wanted = of(range, size);
      if (wanted.kind !== "part") continue;
      if (wanted.length < 1 || wanted.offset < 0 || wanted.offset + wanted.length > size) return false;
    }
    return true;
  }));
});

Deno.test("an ETag is found in a list, weak ones too, and * is any", () => {
  for (const header of [etag, `"x", ${etag}`, `W/${etag}`, "*"]) equal(matchesEtag(header, etag), true);
  for (const header of [undefined, "", '"x"', "e"]) equal(matchesEtag(header, etag), false);
});
