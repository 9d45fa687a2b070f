import { equal } from "node:assert/strict";
import { writeOut } from "../../lib/runtime/output.ts";
import { captured } from "./captured.ts";

const module = JSON.stringify(import.meta.resolve("../../lib/runtime/output.ts"));

Deno.test("all of a text is written, however little the system takes at once", async () => {
  const { out } = await captured(() => {
    const write = Deno.stdout.writeSync;
    Deno.stdout.writeSync = (bytes) => write.call(Deno.stdout, bytes.subarray(0, 3));
    try {
      writeOut("a text of some length\n");
    } finally {
      Deno.stdout.writeSync = write;
    }
    return Promise.resolve();
  });
  equal(out, "a text of some length\n");
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
