import { deepEqual, equal, match } from "node:assert/strict";
import { story } from "../../scripts/demo/story.ts";
import { until } from "../cluster/support/wait.ts";
import { Demo } from "./running.ts";

const ignore = Deno.build.os !== "linux";

/** Runs a demo to its end, and looks at what it told and left. */
async function toldOnce(): Promise<void> {
  await using demo = await Demo.start("--once");
  const code = await demo.ended();
  equal(code, 0, demo.printed);
  for (const { title } of story) match(demo.printed, new RegExp(title));
  equal(demo.printed.match(/ seen: /g)?.length, story.length);
  deepEqual(await demo.leftovers(), []);
}

Deno.test({
  name: "two demos side by side are each told to the end and leave nothing",
  ignore,
  fn: async () => void await Promise.all([toldOnce(), toldOnce()]),
});

for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${name} in the middle of the story ends it with 1 and leaves nothing`,
    ignore,
    async fn() {
      await using demo = await Demo.start("--once", "--plain");
      await demo.says(new RegExp(`2/${story.length}`));
      demo.signal(name);
      equal(await demo.ended(), 1, demo.printed);
      match(demo.printed, /NOT SEEN: asked to end/);
      deepEqual(await demo.leftovers(), []);
    },
  });
}

Deno.test({
  name: "a demo that is killed leaves no process and no file either",
  ignore,
  async fn() {
    await using demo = await Demo.start("--once");
    await demo.says(new RegExp(`2/${story.length}`));
    demo.signal("SIGKILL");
    await demo.ended();
    await until("nothing is left", async () => (await demo.leftovers()).length === 0, 10_000);
  },
});

Deno.test({
  name: "without --once the cluster stays up for kubectl until it is asked to end",
  ignore: ignore || !(await hasKubectl()),
  async fn() {
    await using demo = await Demo.start();
    const [, kubeconfig] = await demo.says(/KUBECONFIG=(\S+)/);
    await demo.says(new RegExp(`1/${story.length}`));
    const watch = new Deno.Command("kubectl", {
      args: ["--kubeconfig", kubeconfig!, "get", "pods", "-L", "status.autocrane.io/health", "-w"],
      env: { HOME: demo.folder },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await demo.says(/the cluster stays up until Ctrl-C/, 150_000);
    demo.signal("SIGINT");
    equal(await demo.ended(), 0, demo.printed);
    const { stdout } = await watch.output();
    const seen = new TextDecoder().decode(stdout);
    for (const health of ["info", "error"]) match(seen, new RegExp(`^web-.*${health}\\s*$`, "m"));
    await Deno.remove(`${demo.folder}/.kube`, { recursive: true });
    deepEqual(await demo.leftovers(), []);
  },
});

async function hasKubectl(): Promise<boolean> {
  try {
    return (await new Deno.Command("kubectl", { args: ["version", "--client"] }).output()).success;
  } catch {
    return false;
  }
}
