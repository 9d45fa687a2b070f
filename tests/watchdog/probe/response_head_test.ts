import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  HeadReader,
  maxHeadBytes,
  NotHttp,
  type ResponseHead,
} from "../../../lib/watchdog/probe/response_head.ts";

/** The bytes of a text, one a character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The head of what came in one piece. */
function parseHead(bytes: Uint8Array): ResponseHead | undefined {
  return new HeadReader().take(bytes);
}

const answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nX-A: 1\r\n\r\nbody";

Deno.test("a head is status, reason, headers by lower-case name, and its length", () => {
  const head = parseHead(bytesOf(answer))!;
  equal(head.status, 503);
  equal(head.reason, "Service Unavailable");
  deepEqual([...head.headers], [["content-type", "text/plain"], ["x-a", "1"]]);
  equal(answer.slice(head.length), "body");
});

Deno.test("until its end has arrived there is no head, wherever the bytes are cut", () => {
  const bytes = bytesOf(answer);
  const { length } = parseHead(bytes)!;
  for (let cut = 0; cut < bytes.length; cut++) {
    equal(parseHead(bytes.subarray(0, cut))?.length, cut < length ? undefined : length, `cut at ${cut}`);
  }
});

Deno.test("lines may end in a bare LF", () => {
  const head = parseHead(bytesOf("HTTP/1.0 200 OK\nA: b\n\nbody"))!;
  deepEqual([head.status, head.headers.get("a"), head.length], [200, "b", 22]);
});

Deno.test("a reason may be empty or missing, and a head may have no headers", () => {
  deepEqual([parseHead(bytesOf("HTTP/1.1 204 \r\n\r\n"))!.reason], [""]);
  const head = parseHead(bytesOf("HTTP/1.1 204\r\n\r\n"))!;
  deepEqual([head.status, head.reason, head.headers.size], [204, "", 0]);
});

Deno.test("of a repeated header the first counts, and white space around a value does not", () => {
  const { headers } = parseHead(bytesOf("HTTP/1.1 302 Found\r\nLocation: \t/a \t\r\nlocation: /b\r\n\r\n"))!;
  deepEqual([...headers], [["location", "/a"]]);
});

Deno.test("interim answers are passed over, 101 is final", () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  equal(parseHead(bytesOf(interim)), undefined);
  const head = parseHead(bytesOf(`${interim}HTTP/1.1 200 OK\r\n\r\nbody`))!;
  deepEqual([head.status, head.headers.size, head.length], [200, 0, interim.length + 19]);
  equal(parseHead(bytesOf("HTTP/1.1 101 Switching Protocols\r\n\r\n"))!.status, 101);
});

Deno.test("a server that sends interim answers for ever is refused", () => {
  throws(() => parseHead(bytesOf("HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000))), NotHttp);
});

const refused: readonly string[] = [
  "SSH-2.0-OpenSSH_9.9\r\n",
  "HTTP/2 200\r\n\r\n",
  "HTTP/1.2 200 OK\r\n\r\n",
  "HTTP/1.1 20 OK\r\n\r\n",
  "HTTP/1.1 2000 OK\r\n\r\n",
  "HTTP/1.1 000 OK\r\n\r\n",
  "HTTP/1.1  200 OK\r\n\r\n",
  "http/1.1 200 OK\r\n\r\n",
  " HTTP/1.1 200 OK\r\n\r\n",
  "\r\n\r\n",
  "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
  "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
  "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
  "\u0015\u0003\u0003\u0000\u0002\u0002\u0050",
];
for (const text of refused) {
  Deno.test(`${JSON.stringify(text)} is no answer`, () => {
    throws(() => parseHead(bytesOf(text)), NotHttp);
  });
}

Deno.test("what cannot become an answer is refused at its first wrong byte", () => {
  equal(parseHead(bytesOf("HTT")), undefined);
  throws(() => parseHead(bytesOf("HTX")), NotHttp);
});

Deno.test("a head is read up to its limit and refused past it", () => {
  const start = "HTTP/1.1 200 OK\r\nA: ";
  const fits = `${start}${"x".repeat(maxHeadBytes - start.length - 4)}\r\n\r\n`;
  equal(fits.length, maxHeadBytes);
  equal(parseHead(bytesOf(`${fits}body`))!.length, maxHeadBytes);
  throws(() => parseHead(bytesOf(start + "x".repeat(maxHeadBytes))), /more than 65536 bytes/);
  const late = `${start}${"x".repeat(2 * maxHeadBytes)}\r\n\r\n`;
  throws(() => parseHead(bytesOf(late)), /more than 65536 bytes/);
});

Deno.test("a long run of spaces within a value is read as fast as any other value", () => {
  // A pattern that trims it needs seconds here, in which no other pod is probed.
  const value = `a${" ".repeat(maxHeadBytes - 100)}b`;
  equal(parseHead(bytesOf(`HTTP/1.1 200 OK\r\nA: ${value}\r\n\r\n`))!.headers.get("a"), value);
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.1 100 C", "\r\n", "\n", "\r", "a: b", " ", ":", "é"),
  })
    .map(bytesOf),
  fc.tuple(fc.constant(bytesOf("HTTP/1.1 200 OK\r\n")), fc.uint8Array({ maxLength: 100 }))
    .map(([start, rest]) => new Uint8Array([...start, ...rest])),
);

/** The head, `undefined`, or `refused`; anything else that is thrown is a failure. */
function outcome(bytes: Uint8Array) {
  try {
    return parseHead(bytes);
  } catch (error) {
    ok(error instanceof NotHttp, String(error));
    return "refused";
  }
}

Deno.test("any bytes are an answer, the beginning of one, or refused in words", () => {
  fc.assert(fc.property(anyBytes, (bytes) => void outcome(bytes)), { numRuns: 1000 });
});

Deno.test("what was found in the first bytes is found as well when more have come", () => {
  fc.assert(
    fc.property(anyBytes, fc.nat(200), (bytes, cut) => {
      const early = outcome(bytes.subarray(0, cut));
      if (early !== undefined) deepEqual(outcome(bytes), early);
    }),
    { numRuns: 1000 },
  );
});

/** The outcome of bytes that come in pieces of these sizes, over and over. */
function inPieces(bytes: Uint8Array, sizes: readonly number[]) {
  const reader = new HeadReader();
  let found: ReturnType<typeof outcome>;
  try {
    let at = 0;
    for (let i = 0; at < bytes.length && !found; i++) {
      const size = sizes[i % sizes.length]!;
      found = reader.take(bytes.slice(at, at + size));
      at += size;
    }
  } catch (error) {
    ok(error instanceof NotHttp, String(error));
    found = "refused";
  }
  return found;
}

Deno.test("an answer says the same in pieces, wherever it is split", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(anyBytes, sizes, (bytes, sizes) => deepEqual(inPieces(bytes, sizes), outcome(bytes))),
    { numRuns: 2000 },
  );
});

Deno.test("what comes of the body is kept, in pieces too, and no more of it than is asked for", () => {
  const reader = new HeadReader();
  for (const byte of bytesOf(answer)) reader.take(Uint8Array.of(byte));
  equal(reader.bodyLength, 4);
  equal(new TextDecoder().decode(reader.body(100)), "body");
  equal(new TextDecoder().decode(reader.body(2)), "bo");
});

Deno.test("a head that drips byte by byte costs no more than its length", () => {
  // Looked through from its beginning at each byte it would take ten seconds and more.
  const slow = bytesOf(`HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(maxHeadBytes / 6 - 10)}`);
  const reader = new HeadReader();
  const began = performance.now();
  for (const byte of slow) equal(reader.take(Uint8Array.of(byte)), undefined);
  equal(reader.take(bytesOf("\r\n"))?.status, 200);
  const took = performance.now() - began;
  ok(took < 2000, `${took} ms`);
});
