/**
 * `autocrane getwatchdog`: shows pods' watchdogs.
 *
 * @module
 */
import { Option } from "commander";
import { CoreV1Api, type CoreV1NamespacedApi } from "../k8s/core_v1.ts";
import { isStatus } from "../lib/kube/errors.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { writeOut } from "../lib/runtime/output.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { type Asked, type Output, questionIn } from "../lib/watchdog/question.ts";
import { asCsv, asJson, contractLines, readingsOf, rowsAt, Table } from "../lib/watchdog/report.ts";
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
    const connection = await connectTo("getwatchdog", options);
    const core = new CoreV1Api(connection.client);
    const namespace = question.namespace ?? connection.namespace;
    const pods = core.namespace(namespace);
    if (question.show === "lines") {
      return writeOut(contractLines(rowsAt(readingsOf(await pods.getPod(question.pod)), clock.now())));
    }
    const nothing = () => nothingFound(core, namespace, question);
    if (question.watch) {
      return await watchPods(
        { source: sourceOf(pods, question), print: writeOut, nothing, clock, log },
        signal,
      );
    }
    const { selector: labelSelector } = question;
    const found = question.pod === undefined
      ? (await pods.getPodList({ labelSelector })).items
      : [await pods.getPod(question.pod)];
    const readings = found.flatMap(readingsOf);
    if (readings.length === 0) await nothing();
    writeOut(rendered(rowsAt(readings, clock.now()), question.show));
  },
};

function rendered(rows: Parameters<typeof asJson>[0], output: Output): string {
  if (output === "json") return asJson(rows);
  return output === "csv" ? asCsv(rows) : new Table().lines(rows, clock.now());
}

function sourceOf(
  pods: CoreV1NamespacedApi,
  { pod, selector }: { readonly pod: string | undefined; readonly selector: string | undefined },
): Parameters<typeof watchPods>[0]["source"] {
  const only = {
    labelSelector: selector,
    ...(pod !== undefined && { fieldSelector: `metadata.name=${pod}` }),
  };
  return {
    list: (page) => pods.getPodList({ ...page, ...only }),
    watch: (from) => pods.watchPodList({ ...from, ...only }),
  };
}

/**
 * Says to people, on standard error, that no status is there.
 *
 * @throws KubeError where that is so because the pod, or the namespace, does not exist
 */
async function nothingFound(
  core: CoreV1Api,
  namespace: string,
  { pod, show }: { readonly pod: string | undefined; readonly show: Output },
): Promise<void> {
  try {
    await (pod === undefined ? core.getNamespace(namespace) : core.namespace(namespace).getPod(pod));
  } catch (error) {
    // Few may look at namespaces: to them a missing one is as an empty one.
    if (!isStatus(error, 403)) throw error;
  }
  if (show !== "table") return;
  const where = pod === undefined ? `in the namespace ${namespace}` : `on the pod ${namespace}/${pod}`;
  Deno.stderr.writeSync(new TextEncoder().encode(`No watchdog has reported ${where}.\n`));
}

if (import.meta.main) {
  const entry = { summary: getwatchdog.summary, load: () => Promise.resolve(getwatchdog) };
  await main({ getwatchdog: entry }, house);
}
