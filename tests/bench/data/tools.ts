/**
 * Programs of other people, to measure beside.
 *
 * @module
 */

/** Which of these programs is not on this machine, in words; `undefined` where all are. */
export async function missingTool(...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`], stdout: "null" })
      .output();
    if (!success) return `${name} is not on this machine`;
  }
  return undefined;
}

/**
 * Runs a program to its end.
 *
 * @returns what it said on standard error
 */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdout: "null",
    stdin: "null",
  })
    .output();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${command} ${args.join(" ")} failed: ${said}`);
  return said;
}

/** Mounts a file system in memory at a new folder; `undefined` for whoever may not. */
export async function mountTmpfs(
  folder: string,
): Promise<{ readonly folder: string } & AsyncDisposable | undefined> {
  await Deno.mkdir(folder);
  const mount = new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=2g", "autocrane-bench", folder],
  });
  if (Deno.uid() !== 0 || !(await mount.output()).success) return undefined;
  return { folder, [Symbol.asyncDispose]: async () => void await run("umount", [folder]) };
}
