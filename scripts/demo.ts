/**
 * `deno task demo`: AutoCrane at work on a cluster of its own, within a minute.
 *
 * `--once` ends when the story is told: with 0 if each step was seen to happen, else with 1. Without it the
 * cluster stays up until Ctrl-C.
 *
 * @module
 */
import { Command } from "commander";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { exitCodeOf, messageOf } from "../lib/runtime/failure.ts";
import { writeErr } from "../lib/runtime/output.ts";
import { untilAsked } from "../lib/runtime/signals.ts";
import { version } from "../lib/runtime/version.ts";
import { demo } from "./demo/demo.ts";

const command = new Command("deno task -q demo")
  .description(
    "Shows AutoCrane at work on an embedded Kubernetes cluster: pods are processes on this machine.",
  )
  .option("--once", "end when the story is told: 0 if each step was seen to happen, else 1")
  .option("--plain", "lines in place of a picture that changes, as where there is no terminal")
  .version(version)
  .showHelpAfterError()
  .exitOverride(({ exitCode }) => Deno.exit(exitCode === 0 ? 0 : 2));
command.parse(Deno.args, { from: "user" });

const { signal } = untilAsked(clock);
/** All that runs was ended; a connection that a killed pod left open must not keep us. */
const end = (code: number): never => Deno.exit(code);
try {
  end(await demo(command.opts(), { clock, signal }) ? 0 : 1);
} catch (error) {
  writeErr(`demo: ${messageOf(error)}\n`);
  end(exitCodeOf(error));
}
