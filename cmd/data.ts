/**
 * `autocrane data`: shows how data rollouts stand, and lets people decide about them.
 *
 * @module
 */
import { Argument, Option } from "commander";
import { fieldManager } from "../lib/contract/programs.ts";
import { carryOut, noState, type Order, unknownSource } from "../lib/orchestrator/rollout/orders.ts";
import { withShortNames } from "../lib/orchestrator/rollout/short_names.ts";
import { statusOf } from "../lib/orchestrator/rollout/status.ts";
import {
  renderedHistory,
  renderedStatus,
  type StatusOutput,
} from "../lib/orchestrator/rollout/status_text.ts";
import { systemClock as clock } from "../lib/runtime/clock.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import { writeErr, writeOut } from "../lib/runtime/output.ts";
import { type Context, main, type Program } from "../lib/runtime/program.ts";
import { pack, unpack } from "./data/layouts.ts";
import { withoutLeader } from "./data/leader.ts";
import { type ClusterOptions, connectTo, defineClusterOptions, house } from "./house.ts";
import { settings } from "./settings.ts";

const catalogue = {
  repositoryUrl: settings.repositoryUrl,
  canaryPercent: settings.canaryPercent,
  probation: settings.probation,
  failingPercent: settings.failingPercent,
  applyDeadline: settings.applyDeadline,
};

/** What each action takes after its name, and does. */
const actions = {
  status: ["[SOURCE]", "how each source stands: known good, candidate, rejected, who has what, and why"],
  history: ["SOURCE", "what happened to a source, and what is rejected"],
  pin: ["SOURCE VERSION", "everybody gets this version at once, and no other until unpin"],
  unpin: ["SOURCE", "back to the known good version; rollouts go on"],
  reject: ["SOURCE VERSION", "this version is never asked for again, and who has it goes back (--why)"],
  unreject: ["SOURCE VERSION", "this version may be asked for again"],
  rollback: ["SOURCE", "the known good version is rejected; everybody gets the one before"],
  promote: ["SOURCE", "the candidate is known good without waiting for its canaries"],
  pause: ["SOURCE", "nothing is begun, judged or put back"],
  resume: ["SOURCE", "rollouts go on"],
  pack: ["DIR", "makes a version of a folder in an OCI layout (--to); prints its manifest digest last"],
  unpack: ["LAYOUT DIR", "writes the version of an OCI layout into a folder"],
} as const;

type Action = keyof typeof actions;

interface Options extends ClusterOptions {
  readonly namespace?: string;
  readonly autocraneNamespace: string;
  readonly output: StatusOutput;
  readonly why?: string;
  readonly to?: string;
}

/** The program. */
export const data: Program<typeof catalogue, Options> = {
  mode: "data",
  summary: "shows data rollouts, and lets people decide about them",
  catalogue,
  examples: [
    "autocrane data status -n shop",
    "autocrane data history catalog -n shop",
    "autocrane data pin catalog 3f2a9c1 -n shop      # a commit, a name, a digest, or the beginning of one",
    "autocrane data reject catalog 3f2a9c1 -n shop --why 'prices are wrong'",
    "autocrane data rollback catalog -n shop",
    "autocrane data pack ./catalog --to ./layout",
  ],
  define(command) {
    defineClusterOptions(command);
    const words = Object.entries(actions).map(([name, [takes, does]]) =>
      `  ${`${name} ${takes}`.padEnd(24)} ${does}`
    );
    command
      .addArgument(new Argument("<action>", "what to do").choices(Object.keys(actions)))
      .argument("[what...]", "what the action takes")
      .option("-n, --namespace <namespace>", "the namespace, instead of the credentials' one")
      .option("--autocrane-namespace <namespace>", "where AutoCrane runs", "autocrane")
      .addOption(
        new Option("-o, --output <format>", "how").choices(["table", "wide", "json"]).default("table"),
      )
      .option("--why <words>", "reject: why, for those who ask later")
      .option("--to <layout>", "pack: the OCI layout folder")
      .addHelpText("after", `\nActions:\n${words.join("\n")}`);
  },
  async run(context) {
    const { args: [action, ...given], options, signal } = context;
    const what = checked(action as Action, given, options);
    if (action === "pack") return await pack({ folder: what[0]!, layout: options.to!, signal });
    if (action === "unpack") return await unpack({ layout: what[0]!, folder: what[1]!, signal });
    if (action === "status" || action === "history") return await show(context, action, what[0]);
    await decideAbout(context, action as Order["do"], what[0]!, what[1]);
  },
};

/** What an action was given, once it is what it takes. */
function checked(action: Action, given: readonly string[], { why, to }: Options): readonly string[] {
  const takes = actions[action][0].split(" ");
  const least = takes.filter((one) => !one.startsWith("[")).length;
  const usage = `autocrane data ${action} ${actions[action][0]}`;
  if (given.length < least || given.length > takes.length) throw new WrongUse(`Write ${usage}.`);
  if (why !== undefined && action !== "reject") throw new WrongUse("--why belongs to reject.");
  if ((to !== undefined) !== (action === "pack")) {
    throw new WrongUse(to === undefined ? `Write ${usage} --to LAYOUT.` : "--to belongs to pack.");
  }
  return given;
}

async function show(
  { settings, options }: Context<typeof catalogue, Options>,
  action: "status" | "history",
  source: string | undefined,
): Promise<void> {
  const { client, namespace } = await connectTo("data", options);
  const own = options.autocraneNamespace;
  const asked = options.namespace ?? namespace;
  const { held, sources } = await statusOf({
    client,
    own,
    proberFieldManager: fieldManager.watchdogprober,
    going: settings,
    now: clock.now(),
  }, asked);
  const shown = source === undefined ? sources : sources.filter((one) => one.source === source);
  if (!held && (action === "history" || shown.length === 0)) throw noState(own, asked);
  if (held && source !== undefined && shown.length === 0) throw unknownSource(held, source);
  // What pods have is told whatever AutoCrane remembers.
  if (!held) writeErr(`${noState(own, asked).message}\n`);
  if (action === "status") return writeOut(renderedStatus(shown, options.output));
  const state = held!.state.sources.get(source!);
  if (!state) throw unknownSource(held!, source!);
  writeOut(renderedHistory(state, options.output));
}

async function decideAbout(
  { options }: Context<typeof catalogue, Options>,
  action: Order["do"],
  source: string,
  version: string | undefined,
): Promise<void> {
  const { client, namespace } = await connectTo("data", options);
  const order = { do: action, version, ...(options.why !== undefined && { why: options.why }) } as Order;
  const own = options.autocraneNamespace;
  const asked = options.namespace ?? namespace;
  const said = await carryOut({ client, own, fieldManager: fieldManager.data, clock }, asked, source, order);
  for (const { words } of said) writeOut(`${source}: ${withShortNames(words)}\n`);
  writeOut("It is written down: the orchestrator will carry it out.\n");
  const missing = await withoutLeader(client, own, clock.now());
  if (missing === undefined) return;
  writeErr(`No orchestrator seems to run: ${missing}. Until one does, nothing is carried out.\n`);
}

if (import.meta.main) {
  await main({ data: { summary: data.summary, load: () => Promise.resolve(data) } }, house);
}
