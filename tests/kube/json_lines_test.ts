import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { jsonLines } from "../../lib/kube/json_lines.ts";

/** A stream of exactly these chunks. */
function streamOf(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

async function read(text: string): Promise<unknown[]> {
  return await Array.fromAsync(jsonLines(streamOf([new TextEncoder().encode(text)])));
}

/** Cuts bytes at the given places, wherever in a character or an escape they are. */
function* cut(bytes: Uint8Array, places: number[]): Generator<Uint8Array> {
  let start = 0;
  for (const place of [...places, bytes.length].map((n) => n % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.slice(start, Math.max(start, place));
    start = Math.max(start, place);
  }
  yield bytes.slice(start);
}

Deno.test("documents arrive whole and in order wherever the bytes between were cut", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.jsonValue({ stringUnit: "binary" }), { maxLength: 8 }),
    fc.array(fc.nat(), { maxLength: 12 }),
    async (values, places) => {
      const lines = values.map((value) => JSON.stringify(value) + "\n").join("");
      const documents = lines.split("\n").slice(0, -1).map((line) => JSON.parse(line));
      const bytes = new TextEncoder().encode(lines);
      deepEqual(await Array.fromAsync(jsonLines(streamOf(cut(bytes, places)))), documents);
    },
  ));
});

Deno.test("a cut in the middle of a character spoils nothing", async () => {
  const bytes = new TextEncoder().encode('{"name":"zażółć 🏗"}\n');
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  deepEqual(await Array.fromAsync(jsonLines(streamOf(single))), [{ name: "zażółć 🏗" }]);
});

Deno.test("a last line that was cut off is dropped", async () => {
  deepEqual(await read('{"a":1}\n{"b":'), [{ a: 1 }]);
  deepEqual(await read('{"a":1}\n{"b":2}'), [{ a: 1 }]);
});

Deno.test("empty lines are passed over", async () => {
  deepEqual(await read('\n{"a":1}\r\n  \n{"b":2}\n\n'), [{ a: 1 }, { b: 2 }]);
});

Deno.test("a whole line that is no JSON is an error, after the documents before it", async () => {
  const seen: unknown[] = [];
  await rejects(async () => {
    const bytes = new TextEncoder().encode('{"a":1}\n<html>\n');
    for await (const value of jsonLines(streamOf([bytes]))) seen.push(value);
  }, SyntaxError);
  deepEqual(seen, [{ a: 1 }]);
});

Deno.test("a line that never ends is given up before it fills the memory", async () => {
  const piece = new Uint8Array(1024 * 1024).fill(0x61);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(piece.slice());
    },
  });
  await rejects(() => Array.fromAsync(jsonLines(endless)), RangeError);
  equal(pulled < 40, true, `read ${pulled} MiB`);
});

Deno.test("who stops reading cancels the stream", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("1\n2\n3\n")),
    cancel: () => void (cancelled = true),
  });
  for await (const value of jsonLines(body)) {
    if (value === 2) break;
  }
  equal(cancelled, true);
});
