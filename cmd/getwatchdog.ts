/**
 * `autocrane getwatchdog`: shows pods' watchdogs.
 *
 * @module
 */
import { Option } from "commander";
import { CoreV1Api, type Pod } from "../k8s/core_v1.ts";
import { Reflector } from "../lib/kube/reflector.ts";
import { Store } from "../lib/kube/store.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { asCsv, asJson, asTable, contractLines, type Row, rowsOf } from "../lib/watchdog/report.ts";
import { type ClusterOptions, connectTo, defineClusterOptions, house } from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = { podNamespace: settings.podNamespace, podName: settings.podName };

interface Options extends ClusterOptions {
  readonly namespace?: string;
  readonly selector?: string;
  readonly output: "table" | "json" | "csv";
  readonly watch?: boolean;
}

/** The program. */
export const getwatchdog: Program<typeof catalogue, Options> = {
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
      .option("-n, --namespace <namespace>", "the namespace")
      .option("-l, --selector <selector>", "only pods with these labels, as in kubectl")
      .addOption(
        new Option("-o, --output <format>", "how").choices(["table", "json", "csv"]).default("table"),
      )
      .option("-w, --watch", "go on, and show each change (table only)");
  },
  async run({ settings, options, args, log, signal }) {
    const { client, namespace } = await connectTo("getwatchdog", options);
    const core = new CoreV1Api(client);
    if (settings.podName) {
      const pods = core.namespace(settings.podNamespace || options.namespace || namespace);
      return print(contractLines(rows([await pods.getPod(settings.podName)])));
    }
    if (options.watch && options.output !== "table") {
      throw new WrongUse("--watch shows a table: leave out -o.");
    }
    const pods = core.namespace(options.namespace ?? (settings.podNamespace || namespace));
    const found = args[0] !== undefined
      ? [await pods.getPod(args[0])]
      : (await pods.getPodList({ labelSelector: options.selector })).items;
    print(rendered(rows(found), options.output));
    if (!options.watch) return;
    const store = new Store((pod: Pod) => rows([pod]));
    store.onChange(({ before, after }) => {
      const old = new Set(before?.map((row) => JSON.stringify(row)));
      const fresh = (after ?? []).filter((row) => !old.has(JSON.stringify(row)));
      if (before && fresh.length > 0) print(asTable(fresh, clock.now(), false));
    });
    const selector = {
      labelSelector: options.selector,
      ...(args[0] !== undefined && { fieldSelector: `metadata.name=${args[0]}` }),
    };
    const source = {
      list: (page: object) => pods.getPodList({ ...page, ...selector }),
      watch: (from: object) => pods.watchPodList({ ...from, ...selector }),
    };
    await new Reflector({ what: "pods", source, store, clock, log }).run(signal);
  },
};

function rows(pods: readonly Pod[]): Row[] {
  return pods.flatMap(({ metadata }) =>
    rowsOf({
      namespace: metadata?.namespace ?? "",
      pod: metadata?.name ?? "",
      annotations: metadata?.annotations ?? {},
    }, clock.now())
  );
}

function rendered(found: readonly Row[], output: Options["output"]): string {
  if (output === "json") return asJson(found);
  if (output === "csv") return asCsv(found);
  return found.length === 0 ? "No watchdog has reported here.\n" : asTable(found, clock.now());
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  const entry = { summary: getwatchdog.summary, load: () => Promise.resolve(getwatchdog) };
  await main({ getwatchdog: entry }, house);
}
