import { equal } from "node:assert/strict";
import { isDiskFull } from "../../../lib/data/repository/disk_full.ts";

Deno.test({
  name: "a full disk is told, what is here is served on, and nothing of the failed version stays",
  // A disk of one's own needs a mount, in a namespace of one's own, and that needs root.
  ignore: Deno.uid() !== 0,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "autocrane-full-" });
    try {
      const child = new URL("disk_full_child.ts", import.meta.url).pathname;
      const script =
        'mount -t tmpfs -o size=3m none "$1" && mkdir "$1/a" "$1/t" && exec "$2" run -q -A "$3" "$1/a" "$1/t"';
      const { code, stderr } = await new Deno.Command("unshare", {
        args: ["-m", "sh", "-ec", script, "sh", folder, Deno.execPath(), child],
      }).output();
      equal(code, 0, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a full disk is told from other faults, as Deno, git and quotas say it", () => {
  const full = [
    new Error("No space left on device (os error 28)"),
    new Error("Cannot write", { cause: Object.assign(new Error("write"), { code: "ENOSPC" }) }),
    new Error("Cannot fetch: fatal: write error: No space left on device"),
    new Error("Disk quota exceeded (os error 122)"),
  ];
  for (const error of full) equal(isDiskFull(error), true, error.message);
  for (
    const error of [
      new Error("Permission denied (os error 13)"),
      new Error("os error 280"),
      "text",
      undefined,
    ]
  ) {
    equal(isDiskFull(error), false);
  }
});
