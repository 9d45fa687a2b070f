/**
 * `autocrane getwatchdog`: shows pods' watchdogs.
 *
 * @module
 */
import { Option } from "commander";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { writeErr, writeOut } from "../lib/runtime/output.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { AskedPods } from "../lib/watchdog/asked_pods.ts";
import { type Asked, questionIn } from "../lib/watchdog/question.ts";
import { contractLines, rendered, rowsAt } from "../lib/watchdog/report.ts";
import { watchPods } from "../lib/watchdog/watch.ts";
import { type ClusterOptions, connectTo, defineClusterOptions, house } from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = { podNamespace: settings.podNamespace, podName: settings.podName };

/** The program. */
export const getwatchdog: Program<typeof catalogue, ClusterOptions & Asked["options"]> = {
  mode: "getwatchdog",
  summary: "shows the watchdogs of a pod, or of the pods of a namespace",
  catalogue,
  examples: [
    "autocrane getwatchdog --Pod:Namespace=shop --Pod:Name=web-7c9    # name,level,timestamp/message",
    "autocrane getwatchdog -n shop                                    # a table of all pods",
    "autocrane getwatchdog -n shop -l app=web -o json",
    "autocrane getwatchdog -n shop web-7c9 --watch",
  ],
  define(command) {
    defineClusterOptions(command);
    command
      .argument("[pod]", "one pod; without it all of the namespace")
      .option(
        "-n, --namespace <namespace>",
        "the namespace, instead of Pod__Namespace or the credentials' one",
      )
      .option("-l, --selector <selector>", "only pods with these labels, as in kubectl")
      .addOption(
        new Option("-o, --output <format>", "how; without it a table").choices(["table", "json", "csv"]),
      )
      .option("-w, --watch", "go on, and show each change (table only)");
  },
  async run({ settings, flagged, options, args, log, signal }) {
    const question = questionIn({ pod: args[0], options, settings, flagged });
    const { client, namespace } = await connectTo("getwatchdog", options);
    const { pod, selector } = { selector: undefined, ...question };
    const pods = new AskedPods(client, { namespace: question.namespace ?? namespace, pod, selector }, signal);
    if (question.show === "lines") {
      return writeOut(contractLines(rowsAt(await pods.readings(), clock.now())));
    }
    const nothing = async () => {
      const words = await pods.nothing();
      if (question.show === "table") writeErr(words);
    };
    if (question.watch) {
      return await watchPods({ source: pods.source, print: writeOut, nothing, clock, log }, signal);
    }
    const readings = await pods.readings();
    if (readings.length === 0) await nothing();
    writeOut(rendered(rowsAt(readings, clock.now()), question.show, clock.now()));
  },
};

if (import.meta.main) {
  const entry = { summary: getwatchdog.summary, load: () => Promise.resolve(getwatchdog) };
  await main({ getwatchdog: entry }, house);
}
