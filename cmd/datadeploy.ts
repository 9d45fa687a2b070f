/**
 * `autocrane datadeploy`: a sidecar that keeps its pod's data current.
 *
 * @module
 */
import { main, type Program } from "../lib/runtime/program.ts";
import { catalogue, deploy } from "./deploying.ts";
import { type ClusterOptions, defineClusterOptions, house } from "./house.ts";

/** The program. */
export const datadeploy: Program<typeof catalogue, ClusterOptions> = {
  mode: "datadeploy",
  summary: "a sidecar that keeps its pod's data current: fetches, verifies, swaps, and tells at /status",
  catalogue,
  examples: [
    "autocrane datadeploy --Pod:AnnotationsFile=/etc/podinfo/annotations",
    "autocrane datadeploy --Pod:Namespace=shop --Pod:Name=web-7c9 --Store:Location=/data",
  ],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    await deploy("datadeploy", settings, options, { log, signal, tell: true });
  },
};

if (import.meta.main) {
  const entry = { summary: datadeploy.summary, load: () => Promise.resolve(datadeploy) };
  await main({ datadeploy: entry }, house);
}
