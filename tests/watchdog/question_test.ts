import { deepEqual, throws } from "node:assert/strict";
import { WrongUse } from "../../lib/runtime/failure.ts";
import { type Asked, questionIn } from "../../lib/watchdog/question.ts";

type Short = Partial<Asked["options"]> & { pod?: string; env?: string[]; flags?: string[] };

/** `env` and `flags` are the pod's name, then its namespace. */
function asked({ pod, env = [], flags = [], ...options }: Short): Asked {
  const [podName = "", podNamespace = ""] = [flags[0] ?? env[0], flags[1] ?? env[1]];
  const flagged = (["podName", "podNamespace"] as const).filter((_, i) => flags[i] !== undefined);
  return { pod, options, settings: { podName, podNamespace }, flagged: new Set(flagged) };
}

const lines = (pod: string, namespace?: string) => ({ show: "lines", namespace, pod });
const table = { show: "table", namespace: undefined, pod: undefined, selector: undefined, watch: false };

const answers: { promise: string; of: Short; is: unknown }[] = [
  { promise: "nothing is a table of the credentials' namespace", of: {}, is: table },
  { promise: "--Pod:Name is plain lines", of: { flags: ["web", "shop"] }, is: lines("web", "shop") },
  { promise: "Pod__Name alone is plain lines", of: { env: ["web", "shop"] }, is: lines("web", "shop") },
  {
    promise: "Pod__Name with --Pod:Namespace is plain lines, there",
    of: { env: ["web", "own"], flags: [undefined!, "shop"] },
    is: lines("web", "shop"),
  },
  {
    promise: "-n says where the pod of --Pod:Name is",
    of: { flags: ["web"], env: ["", "own"], namespace: "shop" },
    is: lines("web", "shop"),
  },
  {
    promise: "POD wins over Pod__Name, and stays in its namespace",
    of: { pod: "api", env: ["web", "shop"] },
    is: { ...table, namespace: "shop", pod: "api" },
  },
  {
    promise: "-n wins over Pod__Name and Pod__Namespace",
    of: { namespace: "bank", env: ["web", "shop"] },
    is: { ...table, namespace: "bank" },
  },
  {
    promise: "-l wins over Pod__Name",
    of: { selector: "app=web", env: ["web", "shop"] },
    is: { ...table, namespace: "shop", selector: "app=web" },
  },
  {
    promise: "-o wins over Pod__Name, also where it says table",
    of: { output: "table", env: ["web", "shop"] },
    is: { ...table, namespace: "shop" },
  },
  {
    promise: "--watch wins over Pod__Name",
    of: { watch: true, env: ["web", "shop"] },
    is: { ...table, namespace: "shop", watch: true },
  },
  {
    promise: "--Pod:Namespace is another way to say -n",
    of: { pod: "web", flags: [undefined!, "shop"], namespace: "shop" },
    is: { ...table, namespace: "shop", pod: "web" },
  },
  { promise: "an empty --Pod:Name unsets Pod__Name", of: { env: ["web"], flags: [""] }, is: table },
];

for (const { promise, of, is } of answers) {
  Deno.test(`asked for watchdogs, ${promise}`, () => deepEqual(questionIn(asked(of)), is));
}

const refusals: { of: Short; said: RegExp }[] = [
  { of: { pod: "web", flags: ["web"] }, said: /^POD and --Pod:Name both name the pod/ },
  { of: { flags: ["web"], selector: "a=b" }, said: /^--Pod:Name prints plain lines .*: leave out -l\.$/ },
  { of: { flags: ["web"], output: "json" }, said: /: leave out -o, or write POD in place of --Pod:Name\.$/ },
  { of: { flags: ["web"], watch: true }, said: /: leave out --watch, or write POD in place/ },
  { of: { pod: "web", selector: "a=b" }, said: /^A pod's name and a selector do not go together/ },
  { of: { watch: true, output: "csv" }, said: /^--watch shows a table: leave out -o\.$/ },
  { of: { pod: "" }, said: /^POD is empty/ },
  {
    of: { namespace: "shop", flags: ["web", "bank"] },
    said: /^-n shop and --Pod:Namespace=bank differ/,
  },
];

for (const { of, said } of refusals) {
  Deno.test(`asked for watchdogs, ${JSON.stringify(of)} is wrong use`, () => {
    throws(() => questionIn(asked(of)), (error) => error instanceof WrongUse && said.test(error.message));
  });
}
