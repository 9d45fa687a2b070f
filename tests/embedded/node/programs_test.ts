import { deepEqual, rejects } from "node:assert/strict";
import { join } from "node:path";
import { findProgram, NoProgram } from "../../../lib/embedded/node/programs.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "tool"), "#!/bin/sh\n", { mode: 0o755 });
    await Deno.writeTextFile(join(folder, "notes"), "", { mode: 0o644 });
    await Deno.writeTextFile(join(folder, "serve.ts"), "");
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const deno = ["/opt/deno", "run"];

Deno.test("a program is found on PATH, by its path, and relative to the folder", () =>
  inFolder(async (cwd) => {
    const where = { path: `/nowhere:${cwd}`, cwd, deno };
    const tool = join(cwd, "tool");
    for (const name of ["tool", tool, "./tool"]) {
      deepEqual(await findProgram([name, "-x"], where), [tool, "-x"]);
    }
  }));

Deno.test("a script is run by Deno", () =>
  inFolder(async (cwd) => {
    const line = await findProgram(["serve.ts", "--port=1"], { path: "", cwd, deno });
    deepEqual(line, ["/opt/deno", "run", join(cwd, "serve.ts"), "--port=1"]);
  }));

Deno.test("a program that is not there is refused in words that users know", () =>
  inFolder(async (cwd) => {
    const where = { path: cwd, cwd, deno };
    await rejects(findProgram(["none"], where), /exec: "none": executable file not found in \$PATH/);
    await rejects(findProgram(["notes"], where), /executable file not found/);
    await rejects(findProgram(["./notes"], where), /permission denied/);
    await rejects(findProgram(["./none"], where), /no such file or directory/);
    await rejects(findProgram(["none.ts"], where), /no such file or directory/);
    await rejects(findProgram([], where), NoProgram);
  }));
