import { equal } from "node:assert/strict";
import { writeErr, writeOut } from "../../lib/runtime/output.ts";
import { startLog } from "../../lib/runtime/log.ts";
import { captured } from "./captured.ts";

const module = JSON.stringify(import.meta.resolve("../../lib/runtime/output.ts"));

/** What is written where the system takes three bytes at once. */
async function inSmallPieces(to: "stdout" | "stderr", work: () => void): Promise<string> {
  const { out, err } = await captured(() => {
    const write = Deno[to].writeSync;
    Deno[to].writeSync = (bytes) => write.call(Deno[to], bytes.subarray(0, 3));
    try {
      work();
    } finally {
      Deno[to].writeSync = write;
    }
    return Promise.resolve();
  });
  return out + err;
}

Deno.test("all of a text is written, however little the system takes at once", async () => {
  const text = "a text of some length\n";
  equal(await inSmallPieces("stdout", () => writeOut(text)), text);
  equal(await inSmallPieces("stderr", () => writeErr(text)), text);
});

Deno.test("a log line is written whole", async () => {
  const said = await inSmallPieces("stderr", () => {
    startLog({ format: "json", level: "info" }).warn("a line", { field: "x".repeat(50) });
  });
  equal(JSON.parse(said).field.length, 50);
});

Deno.test("nobody who reads standard error is no failure", () => {
  const write = Deno.stderr.writeSync;
  Deno.stderr.writeSync = () => {
    throw new Deno.errors.BrokenPipe("gone");
  };
  try {
    writeErr("a text\n");
  } finally {
    Deno.stderr.writeSync = write;
  }
});

Deno.test("a reader who left is told apart from other failures", async () => {
  const script = `
    import { OutputClosed, writeOut } from ${module};
    try {
      for (let i = 0; i < 10_000; i++) writeOut("x".repeat(1000));
    } catch (error) {
      console.error(error instanceof OutputClosed);
    }`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  equal(await new Response(child.stderr).text(), "true\n");
  equal((await child.status).code, 0);
});
