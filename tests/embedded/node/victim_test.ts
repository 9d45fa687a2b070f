import { equal, ok, rejects } from "node:assert/strict";
import { until } from "../../cluster/support/wait.ts";
import { alive } from "./support/scripts.ts";

Deno.test("after a SIGKILL of the node no process and no file of its pods is left", async () => {
  const victim = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", new URL("support/victim.ts", import.meta.url).pathname],
    stdout: "piped",
  }).spawn();
  let said = "";
  for await (const text of victim.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.includes("\n")) break;
  }
  const [folder = "", ...pids] = said.trim().split(" ");
  const processes = pids.map(Number);
  equal(processes.length, 4);
  ok(processes.every(alive));
  ok((await Deno.stat(folder)).isDirectory);
  victim.kill("SIGKILL");
  await victim.status;
  await until("the processes have ended", () => !processes.some(alive));
  await until("the folder is gone", () => Deno.stat(folder).then(() => false, () => true));
  await rejects(Deno.stat(folder), Deno.errors.NotFound);
});
