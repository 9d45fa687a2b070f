import { deepEqual, equal, match, throws } from "node:assert/strict";
import fc from "fast-check";
import { WrongUse } from "../../lib/runtime/failure.ts";
import { count, flag, names, text } from "../../lib/runtime/setting.ts";
import { flagged, readSettings, splitArguments } from "../../lib/runtime/settings.ts";
import { anyText } from "../contract/any_text.ts";

const every = {
  namespaces: names("Demo__Namespaces", {
    help: "namespaces to watch",
    each: /^[a-z]+$/,
    expected: "namespaces separated by commas",
    required: true,
  }),
  port: count("LISTEN_PORT", { help: "the port", default: 8080, max: 65_535 }),
  dryRun: flag("Demo__DryRun", { help: "only look" }),
  podName: text("Pod__Name", { help: "the pod" }),
};
const known = {
  all: every,
  replaced: { Kubeconfig__Location: "--kubeconfig names the kubeconfig", OTLP_ENDPOINT: "set the other" },
};

const server = { port: every.port, dryRun: every.dryRun };

/** What a program that takes port and dryRun reads from this environment and these arguments. */
function read(env: Record<string, string>, ...args: string[]) {
  return readSettings(server, { env, flags: splitArguments(args, known).flags }, known);
}

/** The lines of the refusal. */
function refused(env: Record<string, string>, ...args: string[]): string[] {
  let message = "";
  throws(() => read(env, ...args), (error) => {
    message = (error as WrongUse).message;
    return error instanceof WrongUse;
  });
  return message.split("\n");
}

Deno.test("what nobody sets has its default", () => deepEqual(read({}), { port: 8080, dryRun: false }));

Deno.test("the environment sets by Section__Key, in any case", () => {
  deepEqual(read({ Demo__DryRun: "true", LISTEN_PORT: "1" }), { port: 1, dryRun: true });
  deepEqual(read({ DEMO__DRYRUN: "true", listen_port: "1" }), { port: 1, dryRun: true });
});

Deno.test("the command line sets by --Section:Key, with = or as two arguments, in any case", () => {
  equal(read({}, "--Demo:DryRun=true").dryRun, true);
  equal(read({}, "--Demo:DryRun", "true").dryRun, true);
  equal(read({}, "--demo:dryrun=TRUE").dryRun, true);
});

Deno.test("the command line wins over the environment, and a later flag over an earlier", () => {
  equal(read({ Demo__DryRun: "true" }, "--Demo:DryRun=false").dryRun, false);
  equal(read({}, "--Demo:DryRun=false", "--Demo:DryRun=true").dryRun, true);
});

Deno.test("a name without a section is a flag too, with = or as two arguments, in any case", () => {
  equal(read({}, "--LISTEN_PORT=1").port, 1);
  equal(read({}, "--LISTEN_PORT", "1").port, 1);
  equal(read({ LISTEN_PORT: "2" }, "--listen_port=1").port, 1);
  deepEqual(refused({}, "--Listen_Port=http"), [
    '--Listen_Port is "http": expected a whole number from 0 to 65535.',
  ]);
  throws(() => splitArguments(["--LISTEN_PORT"], known), /--LISTEN_PORT has no value: write --LISTEN_PORT=/);
});

Deno.test("an option that is no setting's name is left to the program", () => {
  const args = ["--watch", "--LISTEN_PORTS=1", "--toString", "--Demo__DryRun=true"];
  deepEqual(splitArguments(args, known), { flags: [], rest: args });
});

Deno.test("settings on the command line are told from those of the environment", () => {
  const given = (...args: string[]) => [...flagged(server, splitArguments(args, known).flags)];
  deepEqual(given("--demo:dryrun=true", "--LISTEN_PORT=1"), ["port", "dryRun"]);
  deepEqual(given("--Pod:Name=web"), []);
});

Deno.test("an empty value is as none", () => {
  deepEqual(read({ LISTEN_PORT: "", Demo__DryRun: " " }), { port: 8080, dryRun: false });
});

Deno.test("a malformed value is refused: which, what it was, what is expected", () => {
  deepEqual(refused({ LISTEN_PORT: "http" }), [
    'LISTEN_PORT is "http": expected a whole number from 0 to 65535.',
  ]);
  deepEqual(refused({}, "--Demo:DryRun=maybe"), ['--Demo:DryRun is "maybe": expected true or false.']);
});

Deno.test("a malformed value that the command line overrides does not matter", () => {
  equal(read({ Demo__DryRun: "maybe" }, "--Demo:DryRun=true").dryRun, true);
});

Deno.test("a variable in two spellings that differ is refused, naming both", () => {
  deepEqual(refused({ Demo__DryRun: "true", DEMO__DRYRUN: "false" }), [
    "Demo__DryRun and DEMO__DRYRUN are both set, and differ: leave out one.",
  ]);
});

Deno.test("two spellings that say the same, or of which one is empty or the flag decides, are no matter", () => {
  equal(read({ Demo__DryRun: "true", DEMO__DRYRUN: " true" }).dryRun, true);
  equal(read({ Demo__DryRun: "true", DEMO__DRYRUN: "" }).dryRun, true);
  equal(read({ Demo__DryRun: "", DEMO__DRYRUN: "true" }).dryRun, true);
  equal(read({ Demo__DryRun: "true", DEMO__DRYRUN: "false" }, "--Demo:DryRun=false").dryRun, false);
});

Deno.test("an unknown key in one of our sections is refused with the nearest known name", () => {
  deepEqual(refused({ Demo__DyRun: "true" }), [
    "Demo__DyRun is not a setting of AutoCrane. Did you mean Demo__DryRun?",
  ]);
  deepEqual(refused({ POD__NAM: "x" }), ["POD__NAM is not a setting of AutoCrane. Did you mean Pod__Name?"]);
});

Deno.test("an unknown flag is refused whatever its section, as written, also in another program's", () => {
  deepEqual(refused({}, "--Dmo:DryRun=true"), [
    "--Dmo:DryRun is not a setting of AutoCrane. Did you mean Demo__DryRun?",
  ]);
  deepEqual(refused({}, "--Pod:Nam=web"), [
    "--Pod:Nam is not a setting of AutoCrane. Did you mean Pod__Name?",
  ]);
});

Deno.test("variables in nobody's section are nobody's", () => {
  deepEqual(read({ PATH: "/bin", Logging__Level: "x", DEMOX__DRYRUN: "x", DEMO_DRYRUN: "x", __: "" }), {
    port: 8080,
    dryRun: false,
  });
});

for (
  const name of [
    "POD__X_PORT",
    "POD__X_SERVICE_HOST",
    "POD__X_SERVICE_PORT",
    "POD__X_SERVICE_PORT_HTTP",
    "POD__X_PORT_80_TCP",
    "POD__X_PORT_80_TCP_ADDR",
    "POD__X_PORT_53_UDP_PROTO",
    "POD__X_PORT_80_TCP_PORT",
  ]
) {
  Deno.test(`${name}, which Kubernetes sets for a Service, is not ours`, () => {
    equal(read({ [name]: "tcp://10.0.0.1:80" }).port, 8080);
  });
}

Deno.test("another program's setting may be set, as programs share a pod, but not malformed", () => {
  equal(read({ Pod__Name: "web", Demo__Namespaces: "shop" }).port, 8080);
  deepEqual(refused({ Demo__Namespaces: "UPPER" }), [
    'Demo__Namespaces is "UPPER": expected namespaces separated by commas.',
  ]);
});

Deno.test("settings that are gone are refused with what replaces them", () => {
  deepEqual(refused({ Kubeconfig__Location: "/x" }), [
    "Kubeconfig__Location is not used any more: --kubeconfig names the kubeconfig.",
  ]);
  deepEqual(refused({ OTLP_ENDPOINT: "x" }), ["OTLP_ENDPOINT is not used any more: set the other."]);
  deepEqual(refused({}, "--kubeconfig:location=x"), [
    "--kubeconfig:location is not used any more: --kubeconfig names the kubeconfig.",
  ]);
});

Deno.test("a setting that is gone, but empty, counts as not set", () => {
  deepEqual(read({ OTLP_ENDPOINT: "", Kubeconfig__Location: " " }), { port: 8080, dryRun: false });
  equal(read({}, "--Kubeconfig:Location=").port, 8080);
});

Deno.test("a required setting that nobody sets is refused with what it is for", () => {
  const catalogue = { namespaces: every.namespaces };
  for (const env of [{}, { Demo__Namespaces: "  " }] as Record<string, string>[]) {
    throws(
      () => readSettings(catalogue, { env, flags: [] }, known),
      new WrongUse(
        "Demo__Namespaces is not set: expected namespaces separated by commas (namespaces to watch).",
      ),
    );
  }
  deepEqual(readSettings(catalogue, { env: { Demo__Namespaces: "shop" }, flags: [] }, known).namespaces, [
    "shop",
  ]);
});

Deno.test("everything that is wrong is told at once", () => {
  const lines = refused({ LISTEN_PORT: "http", Demo__DyRun: "true" }, "--Pod:Nome=x");
  equal(lines.length, 3);
});

Deno.test("a refusal shows a long or hostile value shortened and escaped", () => {
  const [line] = refused({ LISTEN_PORT: `\u001b${"x".repeat(10_000)}\n` });
  match(line!, /^LISTEN_PORT is "\\u001bx{99}": expected/);
});

Deno.test("arguments are sorted into flags and the rest, which keeps its order", () => {
  const args = ["-n", "shop", "--Pod:Name=web", "--watch", "--Pod:Namespace", "shop", "pod"];
  deepEqual(splitArguments(args, known), {
    flags: [
      { name: "Pod__Name", value: "web", as: "--Pod:Name" },
      { name: "Pod__Namespace", value: "shop", as: "--Pod:Namespace" },
    ],
    rest: ["-n", "shop", "--watch", "pod"],
  });
});

Deno.test("a flag's value may be empty, span lines and hold = and :", () => {
  const value = (arg: string) => splitArguments([arg], known).flags[0]?.value;
  equal(value("--Watchdog:Message="), "");
  equal(value("--Watchdog:Message=a=b:c"), "a=b:c");
  equal(value("--Watchdog:Message=a\nb"), "a\nb");
});

Deno.test("a flag at the end without a value is refused with how to write it", () => {
  throws(
    () => splitArguments(["--Pod:Name"], known),
    new WrongUse("--Pod:Name has no value: write --Pod:Name=value."),
  );
});

Deno.test("a flag is never taken for the value of the one before it", () => {
  for (const next of ["--Pod:Namespace=shop", "--LISTEN_PORT=1"]) {
    throws(() => splitArguments(["--Pod:Name", next], known), /^WrongUse: --Pod:Name has no value/);
  }
});

Deno.test("what a Service named listen makes of LISTEN_PORT is not ours", () => {
  deepEqual(read({ LISTEN_PORT: "tcp://10.96.0.7:8080" }), { port: 8080, dryRun: false });
});

Deno.test("whatever value a flag is given, it is read back as it was", () => {
  fc.assert(fc.property(anyText(), fc.boolean(), (value, apart) => {
    const args = apart ? ["--Pod:Name", value] : [`--Pod:Name=${value}`];
    deepEqual(splitArguments(args, known), {
      flags: [{ name: "Pod__Name", value, as: "--Pod:Name" }],
      rest: [],
    });
  }));
});

Deno.test("whatever the environment, settings are read or refused as wrong use", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "LISTEN_PORT",
      "Demo__DryRun",
      "Pod__Name",
      "Pod__",
      "demo__x",
      "__proto__",
      "constructor",
    ),
    anyText(10),
  );
  fc.assert(fc.property(fc.dictionary(name, anyText(10)), (env) => {
    try {
      const { port } = read(env);
      equal(Number.isInteger(port), true);
    } catch (error) {
      equal(error instanceof WrongUse, true, String(error));
    }
  }));
});
