import { equal, ok } from "node:assert/strict";
import { FolderChanges } from "../../lib/kube/folder_changes.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";

const { signal } = new AbortController();

Deno.test("a file that is replaced in a watched folder wakes who waits, as does one before the wait", async () => {
  const folder = await Deno.makeTempDir();
  try {
    using changes = new FolderChanges(folder);
    ok(changes.watched);
    const start = performance.now();
    for (let round = 0; round < 3; round++) {
      const waiting = changes.wait(60_000, clock, signal);
      await Deno.symlink(`${round}`, `${folder}/.new`);
      await Deno.rename(`${folder}/.new`, `${folder}/..data`);
      await waiting;
    }
    ok(performance.now() - start < 10_000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a folder that cannot be watched never changes", async () => {
  using changes = new FolderChanges("/no/such/folder");
  equal(changes.watched, false);
  await changes.wait(1, clock, signal);
});
