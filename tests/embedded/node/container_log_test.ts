import { deepEqual, equal, ok } from "node:assert/strict";
import { ContainerLog, type LogOptions } from "../../../lib/embedded/node/container_log.ts";

const noon = Date.parse("2026-01-31T12:00:00Z");
const encoder = new TextEncoder();

class Written {
  now = noon;
  readonly log = new ContainerLog(() => this.now);

  /** Prints text, then lets a second pass. */
  write(text: string, stream: string = "stdout"): this {
    this.log.write(encoder.encode(text), stream);
    this.now += 1000;
    return this;
  }

  read(
    options: Partial<LogOptions> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<string> {
    return new Response(this.log.read({ follow: false, timestamps: false, ...options }, signal)).text();
  }
}

const abc = () => new Written().write("a\nb\n").write("c\n");

Deno.test("a log is the lines of both streams, each whole", async () => {
  const written = new Written().write("out 1").write("err 1\n", "stderr").write(", more\n");
  equal(await written.read(), "err 1\nout 1, more\n");
});

Deno.test("a line without an end is there when the run is over", async () => {
  const written = new Written().write("a\nb");
  equal(await written.read(), "a\n");
  written.log.end();
  equal(await written.read(), "a\nb");
});

Deno.test("lines are shown with the times at which they came", async () => {
  equal(
    await abc().read({ timestamps: true }),
    "2026-01-31T12:00:00.000000000Z a\n2026-01-31T12:00:00.000000000Z b\n2026-01-31T12:00:01.000000000Z c\n",
  );
});

Deno.test("only the last lines, the newest, or some bytes may be wanted", async () => {
  equal(await abc().read({ tailLines: 2 }), "b\nc\n");
  equal(await abc().read({ tailLines: 0 }), "");
  equal(await abc().read({ since: noon + 1000 }), "c\n");
  equal(await abc().read({ limitBytes: 3 }), "a\nb");
  equal(await abc().read({ since: noon + 5000 }), "");
});

Deno.test("who follows reads on until the run is over", async () => {
  const written = abc();
  const read = written.read({ follow: true, tailLines: 1 });
  await Promise.resolve();
  written.write("d\n");
  written.log.end();
  equal(await read, "c\nd\n");
});

Deno.test("who follows may leave before", async () => {
  const stop = new AbortController();
  const read = abc().read({ follow: true }, stop.signal);
  stop.abort();
  ok((await read).length <= 6);
  const reader = abc().log.read({ follow: true, timestamps: false }, new AbortController().signal)
    .getReader();
  await reader.read();
  await reader.cancel();
});

Deno.test("the oldest lines go when there is too much, and who reads goes on with what is left", async () => {
  const written = new Written();
  const stream = written.log.read({ follow: true, timestamps: false }, new AbortController().signal);
  const line = `${"x".repeat(900)}\n`;
  for (let n = 0; n < 3000; n++) written.log.write(encoder.encode(`${n} ${line}`), "stdout");
  written.log.end();
  const kept = (await written.read()).trim().split("\n");
  ok(kept.length > 800 && kept.length < 1100);
  ok(kept.at(-1)!.startsWith("2999 "));
  deepEqual((await new Response(stream).text()).trim().split("\n"), kept);
});

Deno.test("a very long line is kept in parts, and read in one piece", async () => {
  const long = "y".repeat(100_000);
  const written = new Written().write(`${long}\nend\n`);
  equal(await written.read(), `${long}\nend\n`);
});
