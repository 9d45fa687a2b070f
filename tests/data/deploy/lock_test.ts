import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { LocationLock } from "../../../lib/data/deploy/lock.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { until } from "../../cluster/support/wait.ts";
import type { Made } from "../fetch/upstream.ts";
import { inFolder } from "../version/support.ts";
import { expectNothingLeft, expectTree, forever, onStage } from "./stage.ts";

Deno.test("one holds the lock at a time, unless they know of each other", () =>
  inFolder(async (folder) => {
    const [mine, other] = [
      new LocationLock(`${folder}/lock`, clock),
      new LocationLock(`${folder}/lock`, clock),
    ];
    const done = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = mine.hold(forever, async () => {
      order.push("first");
      await done.promise;
      equal(mine.alone, false);
    });
    const second = mine.hold(forever, async () => {
      order.push("second");
      await done.promise;
    });
    const third = other.hold(forever, () => Promise.resolve(void order.push("third")));
    await new Promise((resolve) => setTimeout(resolve, 150));
    deepEqual(order, ["first", "second"]);
    done.resolve();
    await Promise.all([first, second, third]);
    deepEqual(order, ["first", "second", "third"]);
  }));

Deno.test("who waits for the lock may be called away", () =>
  inFolder(async (folder) => {
    const [mine, other] = [
      new LocationLock(`${folder}/lock`, clock),
      new LocationLock(`${folder}/lock`, clock),
    ];
    await mine.hold(forever, async () => {
      const stop = new AbortController();
      const waiting = other.hold(stop.signal, () => Promise.resolve());
      stop.abort(new Error("something else is wanted"));
      await rejects(waiting, /something else is wanted/);
    });
    await other.hold(forever, () => Promise.resolve());
  }));

Deno.test("the kernel releases the lock of a process that was killed", () =>
  inFolder(async (folder) => {
    const code = `import { LocationLock } from "${new URL(
      "../../../lib/data/deploy/lock.ts",
      import.meta.url,
    )}";
      import { systemClock } from "${new URL("../../../lib/runtime/clock.ts", import.meta.url)}";
      await new LocationLock(Deno.args[0], systemClock).hold(new AbortController().signal, () => {
        console.log("held");
        return new Promise(() => setInterval(() => {}, 1000));
      });`;
    await Deno.writeTextFile(`${folder}/holder.ts`, code);
    const args = ["run", "-q", "-A", "--no-check", `${folder}/holder.ts`, `${folder}/lock`];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
    try {
      const reader = child.stdout.getReader();
      await reader.read();
      await reader.cancel();
      let taken = false;
      const mine = new LocationLock(`${folder}/lock`, clock).hold(forever, () =>
        Promise.resolve(void (taken = true)));
      await new Promise((resolve) =>
        setTimeout(resolve, 150)
      );
      equal(taken, false);
      child.kill("SIGKILL");
      await mine;
    } finally {
      await child.status;
    }
  }));

Deno.test("two deployers on one folder do not get into each other's way", () =>
  onStage(async (stage) => {
    const { upstream, open, place } = stage;
    const versions: Made[] = [];
    for (let i = 0; i < 3; i++) versions.push(await upstream.make({ a: `${i}`, same: "same" }));
    const [mine, other] = [open(), open()];
    for (let round = 0; round < 6; round++) {
      const version = versions[round % 3]!;
      await Promise.all([
        place(mine, version),
        place(other, version),
        place(other, versions[(round + 1) % 3]!, { name: "api" }),
      ]);
      await expectTree(stage, `tree-${round % 3 + 1}`);
      await expectTree(stage, `tree-${(round + 1) % 3 + 1}`, "api");
    }
    await until("all is clean", async () => {
      await place(mine, versions[0]!);
      await place(mine, versions[0]!, { name: "api" });
      await place(mine, versions[1]!);
      await place(mine, versions[1]!, { name: "api" });
      return true;
    });
    expectNothingLeft(stage, { versions: versions.slice(0, 2), links: ["api", "web"] });
    ok(true);
  }));
