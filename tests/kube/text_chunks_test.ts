import { deepEqual, equal } from "node:assert/strict";
import { textChunks } from "../../lib/kube/text_chunks.ts";

Deno.test("text arrives whole wherever a character was cut", async () => {
  const bytes = Array.from(new TextEncoder().encode("zażółć 🏗"), (byte) => Uint8Array.of(byte));
  equal((await Array.fromAsync(textChunks(ReadableStream.from(bytes)))).join(""), "zażółć 🏗");
});

Deno.test("a chunk's memory is given back once it was read", async () => {
  const chunks = [new Uint8Array(64 * 1024), new Uint8Array(64 * 1024)];
  await Array.fromAsync(textChunks(ReadableStream.from(chunks)));
  deepEqual(chunks.map(({ buffer }) => buffer.byteLength), [0, 0]);
});
