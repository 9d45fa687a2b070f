/**
 * An answer's text as it comes.
 *
 * @module
 */

/**
 * Decodes UTF-8 chunk by chunk, wherever a character was cut. The chunks are taken over: each one's memory is
 * given back as soon as it was decoded. Deno reads into 64 KiB however little comes, and memory outside of its
 * heap does not make the collector hurry: the pages of a long list would pile up (60 MB for 10,000 pods).
 */
export async function* textChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    yield decoder.decode(chunk, { stream: true });
    if (chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0);
  }
  yield decoder.decode();
}
