import { deepEqual, equal } from "node:assert/strict";
import {
  compressFrame,
  decompressFrame,
  endOfArchiveFrame,
  skippableFrame,
} from "../../../lib/data/version/zstd.ts";
import { has, run } from "./support.ts";

const content = new TextEncoder().encode("content ".repeat(1000));

Deno.test("a frame gives back just what it was made of", () => {
  deepEqual(decompressFrame(compressFrame(content), content.length), new Uint8Array(content));
  equal(decompressFrame(compressFrame(new Uint8Array()), 0)?.length, 0);
});

Deno.test("a frame that is cut anywhere, or gives another size, is refused", () => {
  const frame = compressFrame(content);
  for (let length = 0; length < frame.length; length++) {
    equal(decompressFrame(frame.subarray(0, length), content.length), undefined, `cut at ${length}`);
  }
  equal(decompressFrame(frame, content.length - 1), undefined);
  equal(decompressFrame(frame, content.length + 1), undefined);
});

Deno.test("a bomb is not decompressed past the size that was told", () => {
  equal(decompressFrame(compressFrame(new Uint8Array(100 << 20)), 1000), undefined);
});

Deno.test({
  name: "zstd reads the end of an archive as 1,024 zeros, and passes over skippable frames",
  ignore: !has("zstd"),
  async fn() {
    const bytes = new Blob(
      [skippableFrame(content), endOfArchiveFrame, skippableFrame(content)] as BlobPart[],
    );
    const zeros = await run("zstd", ["-d", "-c", "-q"], new Uint8Array(await bytes.arrayBuffer()));
    deepEqual(zeros, new Uint8Array(1024));
  },
});
