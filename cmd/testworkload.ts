/**
 * `autocrane testworkload`: a workload that fails on request.
 *
 * @module
 */
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { main, type Program } from "../lib/runtime/program.ts";
import { testWorkload } from "../lib/watchdog/test_workload.ts";
import { house, registryFor, serveBase } from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = { listenPort: settings.listenPort, listenHost: settings.listenHost };

/** The program. */
export const testworkload: Program<typeof catalogue> = {
  mode: "testworkload",
  summary: "a workload to try AutoCrane with: GET /watchdog is 200, and 500 for 10 minutes after POST /fail",
  catalogue,
  examples: ["autocrane testworkload", "curl -X POST http://127.0.0.1:8080/fail"],
  async run({ settings, log, signal }) {
    await serveBase(settings, {
      registry: registryFor("testworkload"),
      log,
      signal,
      more: testWorkload(clock),
    });
  },
};

if (import.meta.main) {
  const entry = { summary: testworkload.summary, load: () => Promise.resolve(testworkload) };
  await main({ testworkload: entry }, house);
}
