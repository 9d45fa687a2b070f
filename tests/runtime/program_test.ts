import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Option } from "commander";
import { exitCode, Failure, WrongUse } from "../../lib/runtime/failure.ts";
import { OutputClosed } from "../../lib/runtime/output.ts";
import { type Context, type House, type Program, runMain } from "../../lib/runtime/program.ts";
import { choice, count } from "../../lib/runtime/setting.ts";
import { captured } from "./captured.ts";

const base = {
  logFormat: choice("Demo__LogFormat", { help: "how", words: ["text", "json"], default: "text" }),
  logLevel: choice("Demo__LogLevel", {
    help: "which",
    words: ["debug", "info", "warning", "error"],
    default: "info",
  }),
};
const catalogue = { port: count("LISTEN_PORT", { help: "the port", default: 8080 }) };
const house: House = {
  version: "1.2.3",
  known: { all: { ...base, ...catalogue }, replaced: {} },
  base,
  goneModes: { oldmode: "use the new one" },
};

type Run = Program<typeof catalogue, { watch?: boolean }>["run"];

/** A program that does `run`, and everything that it was given. */
function demo(run: Run = () => Promise.resolve()) {
  const contexts: Context<typeof catalogue, { watch?: boolean }>[] = [];
  const program: Program<typeof catalogue, { watch?: boolean }> = {
    mode: "demo",
    summary: "shows things",
    catalogue,
    examples: ["autocrane demo pod"],
    define: (command) =>
      void command.argument("[pod]").option("--watch", "go on")
        .addOption(new Option("--output <format>").choices(["table", "json"])),
    run: (context) => {
      contexts.push(context);
      return run(context);
    },
  };
  return { contexts, entry: { summary: program.summary, load: () => Promise.resolve(program) } };
}

/** A program that must not even be loaded. */
const other = { summary: "another", load: () => Promise.reject(new Error("it was loaded")) };

/** Runs `autocrane` with these arguments; without a `run` its program does nothing. */
async function start(args: string[], { env = {}, run }: { env?: Record<string, string>; run?: Run } = {}) {
  const { contexts, entry } = demo(run);
  const said = await captured(() => runMain({ demo: entry, other }, house, { args, env }));
  return { code: said.result, out: said.out, err: said.err, contexts, context: contexts[0] };
}

Deno.test("the first argument is the mode, in any case, and only its program is loaded", async () => {
  for (const mode of ["demo", "Demo", "DEMO"]) {
    const { code, contexts, err } = await start([mode]);
    equal(code, 0, err);
    equal(contexts.length, 1);
  }
});

Deno.test("a program is given its settings, options and arguments", async () => {
  const given = await start(["demo", "--Demo:LogLevel=error", "web", "--watch"], {
    env: { LISTEN_PORT: "1" },
  });
  deepEqual(given.context?.settings, { logFormat: "text", logLevel: "error", port: 1 });
  deepEqual(given.context?.options, { watch: true });
  deepEqual(given.context?.args, ["web"]);
  equal(given.context?.signal.aborted, false);
});

Deno.test("a program alone in its binary needs no mode, and takes it all the same", async () => {
  for (const args of [["web"], ["demo", "web"], ["DEMO", "web"]]) {
    const { contexts, entry } = demo();
    equal(await runMain({ demo: entry }, house, { args, env: {} }), 0);
    deepEqual(contexts[0]?.args, ["web"]);
  }
});

Deno.test("AUTOCRANE_ARGS, split on spaces, replaces the arguments when it is set", async () => {
  const env = { AUTOCRANE_ARGS: "  demo   web --watch " };
  const { context } = await start(["other", "ignored"], { env });
  deepEqual(context?.args, ["web"]);
  deepEqual(context?.options, { watch: true });
});

Deno.test("an empty AUTOCRANE_ARGS replaces nothing", async () => {
  for (const empty of ["", "  "]) {
    const { context } = await start(["demo", "web"], { env: { AUTOCRANE_ARGS: empty } });
    deepEqual(context?.args, ["web"]);
  }
});

Deno.test("without a mode the usage is told as wrong use", async () => {
  const { code, out, err } = await start([]);
  equal(code, exitCode.wrongUse);
  equal(out, "");
  match(err, /^autocrane: no mode was given\.\nUsage: autocrane MODE/);
});

for (const word of ["--help", "-h", "help"]) {
  Deno.test(`${word} lists the modes and loads none`, async () => {
    const { code, out, err } = await start([word]);
    equal(code, 0);
    equal(err, "");
    match(out, /^Usage: autocrane MODE/);
    match(out, /^ {2}demo +shows things$/m);
    match(out, /^ {2}other +another$/m);
  });
}

Deno.test("the version can be asked for", async () => {
  for (const word of ["--version", "-v"]) {
    deepEqual(await start([word]).then(({ code, out }) => [code, out]), [0, "autocrane 1.2.3\n"]);
  }
});

Deno.test("a program says its name and version, with or without its mode, and is not run", async () => {
  const { entry, contexts } = demo();
  const alone = (args: string[]) => captured(() => runMain({ demo: entry }, house, { args, env: {} }));
  for (const word of ["--version", "-v"]) {
    const [among, alone1, alone2] = [
      await start(["DEMO", word], { env: { LISTEN_PORT: "http" } }),
      await alone([word]),
      await alone(["demo", word]),
    ];
    deepEqual([among.code, among.out, among.err], [0, "autocrane demo 1.2.3\n", ""]);
    for (const { result, out } of [alone1, alone2]) deepEqual([result, out], [0, "autocrane demo 1.2.3\n"]);
  }
  equal(contexts.length, 0);
});

Deno.test("help says how settings are given as flags", async () => {
  const { out } = await start(["demo", "--help"]);
  match(out, /or as flags \(Section__Key as --Section:Key=value, NAME as --NAME=value\)/);
  match(out, /^ {2}LISTEN_PORT {2}\(8080\)$/m);
  match(out, /^ {2}-v, --version /m);
});

Deno.test("a program knows which of its settings stand on the command line", async () => {
  const env = { LISTEN_PORT: "1" };
  deepEqual([...(await start(["demo"], { env })).context!.flagged], []);
  deepEqual([...(await start(["demo", "--listen_port", "2"], { env })).context!.flagged], ["port"]);
});

Deno.test("a reader who has seen enough is no failure", async () => {
  const run = () => Promise.reject(new OutputClosed("gone"));
  for (const args of [["demo"], ["demo", "--Demo:LogFormat=json"]]) {
    const { code, err } = await start(args, { run });
    deepEqual([code, err], [0, ""]);
  }
});

Deno.test("an unknown mode is wrong use, told with the modes that there are", async () => {
  const { code, err } = await start(["demmo"]);
  equal(code, exitCode.wrongUse);
  equal(err, 'autocrane: "demmo" is no mode: expected one of demo, other.\n');
});

Deno.test("a mode that is gone is wrong use, told with what replaces it, in any case", async () => {
  const { code, err } = await start(["OldMode"]);
  equal(code, exitCode.wrongUse);
  equal(err, "autocrane: the mode oldmode is not carried over: use the new one.\n");
});

for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
  Deno.test(`${word} is an unknown mode like any other`, async () => {
    const { code, err } = await start([word]);
    equal(code, exitCode.wrongUse);
    match(err, /is no mode: expected one of demo, other\.\n$/);
  });
}

Deno.test("an option that the program does not know is wrong use", async () => {
  const { code, err, contexts } = await start(["demo", "--nonsense"]);
  equal(code, exitCode.wrongUse);
  equal(err, "autocrane demo: unknown option '--nonsense'. Try --help.\n");
  equal(contexts.length, 0);
});

Deno.test("an option's value that is none of its choices is wrong use, told with the choices", async () => {
  const { code, err } = await start(["demo", "--output", "yaml"]);
  equal(code, exitCode.wrongUse);
  match(err, /'yaml' is invalid\. Allowed choices are table, json\. Try --help\.\n$/);
});

Deno.test("an argument too many is wrong use", async () => {
  const { code, err } = await start(["demo", "web", "shop"]);
  equal(code, exitCode.wrongUse);
  match(err, /^autocrane demo: too many arguments/);
});

Deno.test("settings that cannot be read are wrong use, and the program is not run", async () => {
  const { code, err, contexts } = await start(["demo"], { env: { LISTEN_PORT: "http" } });
  equal(code, exitCode.wrongUse);
  equal(err, 'autocrane demo: LISTEN_PORT is "http": expected a whole number from 0 to 1000000.\n');
  equal(contexts.length, 0);
});

Deno.test("a program's own exit code is the process'", async () => {
  const { code } = await start(["demo"], { run: () => Promise.resolve(exitCode.notFound) });
  equal(code, exitCode.notFound);
});

Deno.test("a program that fails is told with its causes, and its exit code is the failure's", async () => {
  const cause = new Error("connection refused");
  const run = () => Promise.reject(new Failure("Cannot list pods", exitCode.unreachable, { cause }));
  const { code, err } = await start(["demo"], { run });
  equal(code, exitCode.unreachable);
  equal(err, "autocrane demo: Cannot list pods: connection refused\n");
});

Deno.test("what ends a program can neither forge a line nor steer a terminal, whoever worded it", async () => {
  const said = "403: no\nautocrane demo: all is well\u001b[2J\u009b31m\u202e";
  const run = () => Promise.reject(new Failure(said, exitCode.noPermission));
  const { err } = await start(["demo"], { run });
  equal(
    err,
    "autocrane demo: 403: no\\nautocrane demo: all is well\\u001b[2J\\u009b31m\\u202e\n",
  );
});

Deno.test("several bad settings are a line each, and what is in them begins none", async () => {
  const env = { LISTEN_PORT: "http", "Demo__x\u001b\nforged": "1" };
  const { err } = await start(["demo"], { env });
  deepEqual(err.split("\n").map((line) => line.slice(0, 30)), [
    "autocrane demo: LISTEN_PORT is",
    "Demo__x\\u001b\\nforged is not a",
    "",
  ]);
});

Deno.test("an option that is nearly one is told in one line with what it is near", async () => {
  const { err } = await start(["demo", "--watc"]);
  match(err, /^autocrane demo: unknown option '--watc' \(Did you mean --watch\?\)\. Try --help\.\n$/);
});

Deno.test("an error that nobody foresaw ends the program with 1", async () => {
  const { code, err } = await start(["demo"], { run: () => Promise.reject(new TypeError("surprise")) });
  equal(code, exitCode.couldNot);
  equal(err, "autocrane demo: surprise\n");
});

Deno.test("a program that throws before its first promise fails in the same way", async () => {
  const run = () => {
    throw new WrongUse("not so");
  };
  deepEqual(await start(["demo"], { run }).then(({ code, err }) => [code, err]), [
    2,
    "autocrane demo: not so\n",
  ]);
});

Deno.test("where logs are JSON a fatal error is a line of JSON too", async () => {
  const run = () => Promise.reject(new Failure("no such pod", exitCode.notFound));
  const { code, err } = await start(["demo", "--Demo:LogFormat=json"], { run });
  equal(code, exitCode.notFound);
  const { time, ...line } = JSON.parse(err);
  ok(time);
  deepEqual(line, { level: "error", message: "fatal", program: "demo", error: "no such pod", exitCode: 4 });
});

Deno.test("a program logs by the format and level of its settings, to standard error", async () => {
  const run: Run = ({ log }) => {
    log.info("not this");
    log.warn("this", { pod: "web" });
    return Promise.resolve();
  };
  const { out, err } = await start(["demo", "--Demo:LogLevel=warning"], { run });
  equal(out, "");
  match(err, /^\S+Z WARNING this program=demo pod=web\n$/);
});
