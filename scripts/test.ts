/**
 * `deno task test`: all tests, and a last line that counts them: `N passed, N failed, N skipped`.
 *
 * `deno task test PATH...` runs only these. Without a control plane the tests that need one are skipped, counted
 * as skipped, and it is said why.
 *
 * @module
 */
import { ensureBinaries } from "./cluster/build.ts";
import { addCounts, type Counts, runTests, summary } from "./check/run_tests.ts";
import { say } from "./check/say.ts";

/** Quick tests share nothing, so they run side by side; cluster tests have the machine to themselves. */
const rooms = { quick: "tests", cluster: "tests/cluster" };

async function all(): Promise<Counts> {
  const quick = await runTests([rooms.quick], { ignore: [rooms.cluster], parallel: true });
  return addCounts(quick, await runTests([rooms.cluster]));
}

const binaries = await ensureBinaries(say);
const counts = Deno.args.length > 0 ? await runTests(Deno.args) : await all();
if ("missing" in binaries) say(`Skipped what needs a control plane: ${binaries.missing}.`);
say(summary(counts));
Deno.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
