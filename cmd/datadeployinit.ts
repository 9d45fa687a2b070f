/**
 * `autocrane datadeployinit`: an init container that ends when its pod's data is in place.
 *
 * @module
 */
import type { Deployer } from "../lib/data/deploy/deployer.ts";
import { exitCode, Failure } from "../lib/runtime/failure.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { catalogue, deploy } from "./deploying.ts";
import { type ClusterOptions, defineClusterOptions, house } from "./house.ts";

/** The program. */
export const datadeployinit: Program<typeof catalogue, ClusterOptions> = {
  mode: "datadeployinit",
  summary: "an init container that ends when every requested version of its pod's data is in place",
  catalogue,
  examples: ["autocrane datadeployinit --Pod:AnnotationsFile=/etc/podinfo/annotations"],
  define: defineClusterOptions,
  async run({ settings, options, log, signal }) {
    const met = new AbortController();
    const changed = (deployer: Deployer) => {
      if (deployer.isMet()) met.abort();
    };
    const until = AbortSignal.any([signal, met.signal]);
    await deploy("datadeployinit", settings, options, { log, signal: until, tell: false, changed });
    if (!met.signal.aborted) {
      throw new Failure("asked to end before every requested version was in place", exitCode.couldNot);
    }
  },
};

if (import.meta.main) {
  const entry = { summary: datadeployinit.summary, load: () => Promise.resolve(datadeployinit) };
  await main({ datadeployinit: entry }, house);
}
