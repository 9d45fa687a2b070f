/**
 * Running `deno test` and counting what came of it.
 *
 * @module
 */
import { say } from "./say.ts";

/**
 * Tests that are not quick: on a real control plane, by kubectl, the demo's whole story, storms of kills, and some that
 * run other programs very often.
 */
export const slow: readonly string[] = [
  "tests/cluster",
  "tests/cmd/data_test.ts",
  "tests/cmd/datadeploy_test.ts",
  "tests/cmd/datarepo_test.ts",
  "tests/data/deploy/deploy_storm_test.ts",
  "tests/data/deploy/kill_storm_test.ts",
  "tests/data/fetch/every_byte_storm_test.ts",
  "tests/data/repository/archive_hash_test.ts",
  "tests/data/repository/disk_full_test.ts",
  "tests/data/repository/repository_storm_test.ts",
  "tests/data/source/git_clone_storm_test.ts",
  "tests/data/source/git_source_test.ts",
  "tests/data/version/oracle_test.ts",
  "tests/data/version/pack_property_test.ts",
  "tests/demo/story_test.ts",
  "tests/embedded/conformance_test.ts",
  "tests/embedded/kubectl_test.ts",
  "tests/embedded/kubectl_workloads_test.ts",
  "tests/embedded/kubectl_write_test.ts",
  "tests/orchestrator/rollout/rollout_property_test.ts",
];

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What is run, and how. */
export interface RunOptions {
  /** Folders that are left out. */
  readonly ignore?: readonly string[];
  /** How many files run side by side. */
  readonly jobs?: number;
  /** Tells only what failed. */
  readonly terse?: boolean;
}

/** Runs the tests under these paths; what they print goes to our own output. */
export async function runTests(
  paths: readonly string[],
  { ignore = [], jobs = 1, terse = false }: RunOptions = {},
): Promise<Counts> {
  const report = await Deno.makeTempFile({ prefix: "autocrane-tests-", suffix: ".xml" });
  try {
    const output = terse ? "piped" : "inherit";
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-q",
        "-A",
        "--no-check",
        `--junit-path=${report}`,
        ...(ignore.length > 0 ? [`--ignore=${ignore.join(",")}`] : []),
        ...(jobs > 1 ? ["--parallel"] : []),
        ...paths,
      ],
      env: { DENO_JOBS: String(jobs) },
      stdin: "null",
      stdout: output,
      stderr: output,
    }).spawn();
    const code = terse ? await tellFailures(child) : (await child.status).code;
    const counts = countsIn(await Deno.readTextFile(report));
    // A file that could not even be loaded is no test in the report.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await Deno.remove(report);
  }
}

/** Waits for a run; where it fails, prints what it said from the first error on. */
async function tellFailures(child: Deno.ChildProcess): Promise<number> {
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout);
  const errors = said.lastIndexOf(" ERRORS ");
  if (code !== 0) {
    say(errors >= 0 ? said.slice(errors) : said);
    Deno.stderr.writeSync(stderr);
  }
  return code;
}

/** The counts of a JUnit report's suites; a test step counts as its test. */
export function countsIn(report: string): Counts {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of report.matchAll(/<testsuite [^>]*>/g)) {
    const number = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = number("failures") + number("errors");
    const skipped = number("disabled");
    counts = addCounts(counts, { passed: number("tests") - failed - skipped, failed, skipped });
  }
  return counts;
}

/** The sum of two runs. */
export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** `N passed, N failed`, and what was skipped if anything was. */
export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
