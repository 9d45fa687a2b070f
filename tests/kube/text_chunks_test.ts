import { deepEqual, equal, ok } from "node:assert/strict";
import { textChunks } from "../../lib/kube/text_chunks.ts";

Deno.test("text arrives whole wherever a character was cut", async () => {
  const bytes = Array.from(new TextEncoder().encode("zażółć 🏗"), (byte) => Uint8Array.of(byte));
  equal((await Array.fromAsync(textChunks(ReadableStream.from(bytes)))).join(""), "zażółć 🏗");
});

Deno.test("no two chunks of an answer share memory, so that one can be taken over", async () => {
  const piece = new Uint8Array(10_000);
  const body = () => ReadableStream.from(Array.from({ length: 200 }, () => piece.slice()));
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body()),
  );
  const response = await fetch(`http://127.0.0.1:${server.addr.port}`);
  const buffers = (await Array.fromAsync(response.body!)).map(({ buffer }) => buffer);
  ok(buffers.length > 1);
  equal(new Set(buffers).size, buffers.length);
});

Deno.test("a chunk's memory is given back once it was read", async () => {
  const chunks = [new Uint8Array(64 * 1024), new Uint8Array(64 * 1024)];
  await Array.fromAsync(textChunks(ReadableStream.from(chunks)));
  deepEqual(chunks.map(({ buffer }) => buffer.byteLength), [0, 0]);
});
