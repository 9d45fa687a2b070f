/**
 * `deno task test`: all tests, and a last line that counts them: `N passed, N failed, N skipped`.
 *
 * `deno task test PATH...` runs only these. Without a control plane the tests that need one are skipped, counted
 * as skipped, and it is said why.
 *
 * @module
 */
import { messageOf } from "../lib/runtime/failure.ts";
import { type Binaries, ensureBinaries } from "./cluster/build.ts";
import { addCounts, type Counts, runTests, summary } from "./check/run_tests.ts";
import { say } from "./check/say.ts";

const cluster = "tests/cluster";
/** It wants the whole machine. */
const scale = "tests/cluster/scale_test.ts";

/** Tests share nothing, so they run side by side. Those on a cluster mostly wait, so more of them run at once. */
async function all(): Promise<Counts> {
  const quick = await runTests(["tests"], { ignore: [cluster], jobs: navigator.hardwareConcurrency });
  const onCluster = await runTests([cluster], { ignore: [scale], jobs: 3 });
  return addCounts(addCounts(quick, onCluster), await runTests([scale]));
}

/** A control plane that cannot be built takes no other test with it. */
async function controlPlane(): Promise<Binaries> {
  try {
    return await ensureBinaries(say);
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

const binaries = await controlPlane();
const counts = Deno.args.length > 0 ? await runTests(Deno.args) : await all();
if ("missing" in binaries) say(`Skipped what needs a control plane: ${binaries.missing}.`);
say(summary(counts));
Deno.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
