import { deepEqual, equal, match, ok } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { drawn, Screen } from "../../scripts/demo/screen.ts";
import type { Stage, Step } from "../../scripts/demo/stage.ts";
import { play, progressOf } from "../../scripts/demo/teller.ts";
import { NotSeen, type View } from "../../scripts/demo/view.ts";
import { Demo } from "./running.ts";

const stage = {} as Omit<Stage, "tell">;
const seen: Step = { title: "it rains", play: () => Promise.resolve("drops") };
const unseen: Step = { title: "it snows", play: () => Promise.reject(new NotSeen("it was too warm")) };

/** Plays steps on a clock that gains a second whenever it is read. */
async function played(...steps: Step[]) {
  const progress = progressOf(steps);
  let now = 0;
  const all = await play(steps, progress, stage, { changed() {} }, () => now += 1000);
  return { all, progress };
}

Deno.test("a story whose steps are all seen is told to the end", async () => {
  const { all, progress } = await played(seen, seen);
  ok(all);
  deepEqual(progress.map(({ state, outcome, took }) => [state, outcome, took]), [
    ["seen", "drops", 1000],
    ["seen", "drops", 1000],
  ]);
});

Deno.test("a step that is not seen ends the story, and says why", async () => {
  const { all, progress } = await played(seen, unseen, seen);
  equal(all, false);
  deepEqual(progress.map(({ state }) => state), ["seen", "not seen", "to come"]);
  equal(progress[1]!.outcome, "it was too warm");
});

Deno.test("a step that cannot be done at all ends the story as well", async () => {
  const broken: Step = { title: "it hails", play: () => Promise.reject(new Error("no sky")) };
  const { all, progress } = await played(broken);
  equal(all, false);
  equal(progress[0]!.outcome, "it could not be done: no sky");
});

const empty = { pods: () => [], events: () => [] } as unknown as View;

Deno.test("a picture fits its terminal, however small that is", async () => {
  const steps = (await played(seen, unseen, seen)).progress;
  const scene = {
    title: ["A very long title ".repeat(10), "second"],
    steps,
    view: empty,
    elapsed: 0,
    now: 0,
  };
  for (const columns of [20, 80, 200]) {
    for (const rows of [5, 24, 60]) {
      const lines = drawn(scene, { columns, rows }).map((line) => stripVTControlCharacters(line));
      ok(lines.length < rows, `${lines.length} lines on ${rows}`);
      for (const line of lines) ok([...line].length <= columns, line);
    }
  }
});

Deno.test("a picture is drawn over the one before, and not again while it is the same", () => {
  const written: string[] = [];
  const screen = new Screen((text) => written.push(text));
  screen.show(["a", "b"]);
  screen.show(["a", "b"]);
  screen.show(["c"]);
  screen.close();
  equal(written.length, 4);
  ok(written[2]!.startsWith("\x1b[2A"), "it goes up by the lines of the one before");
  ok(written.at(-1)!.includes("?25h"), "the cursor is shown again");
});

Deno.test("an option that nobody knows is refused with the ones there are", async () => {
  await using demo = await Demo.start("--twice");
  equal(await demo.ended(), 2);
  match(demo.printed, /unknown option '--twice'[\s\S]*--once/);
});
