/** The module of the options that methods take, from the query parameters of the operations. */
import { Module } from "./module.ts";
import { META_MODULE } from "./names.ts";
import type { Parameter } from "./openapi.ts";
import type { Call, Spec } from "./spec.ts";
import { type Field, interfaceSource, typeOf } from "./types.ts";

/** The module's name. */
export const OPTIONS_MODULE = "options";

/** Values that the documents' descriptions list, but not their schemas. */
const KNOWN_VALUES: Record<string, string> = {
  dryRun: `"All"`,
  fieldValidation: `"Ignore" | "Warn" | "Strict"`,
  propagationPolicy: `"Orphan" | "Background" | "Foreground"`,
  resourceVersionMatch: `"Exact" | "NotOlderThan"`,
  stream: `"All" | "Stdout" | "Stderr"`,
};

const WATCH_ONLY = ["allowWatchBookmarks", "sendInitialEvents", "watch"];
const LIST_ONLY = ["continue", "limit"];

/** Writes an interface for each kind of call. */
export function optionsModule(spec: Spec): Module {
  const module = new Module(OPTIONS_MODULE);
  const calls = spec.groups.flatMap((group) => group.calls);
  const isLog = (call: Call) => call.subresource === "log";
  const of = (action: Call["action"]) =>
    shared(calls.filter((call) => call.action === action && !isLog(call)));
  const declare = (name: string, description: string, fields: Field[], parent = "CallOptions") =>
    module.add(name, interfaceSource(name, description, fields, parent));
  const fields = (parameters: Parameter[], without: string[] = []) =>
    parameters.filter(({ name }) => !without.includes(name)).map((each) => fieldOf(each, module));

  const signal = "Ends the call, with the signal's own reason.";
  const common = [{ name: "signal", description: signal, type: "AbortSignal" }];
  module.add("CallOptions", interfaceSource("CallOptions", "What every method takes.", common));
  declare("ListOptions", "What to list.", fields(of("list"), WATCH_ONLY));
  declare("WatchOptions", "What to watch, and from where.", fields(of("list"), [...LIST_ONLY, "watch"]));
  declare("CreateOptions", "How to create an object.", fields(of("post")));
  declare("ReplaceOptions", "How to replace an object.", fields(of("put")));
  // An apply patch brings its own `force`, which is refused elsewhere.
  declare("PatchOptions", "How to patch an object.", fields(of("patch"), ["force"]));
  declare("DeleteObjectOptions", "How to delete: sent as a DeleteOptions body.", deleteFields(spec, module));
  const selection = fields(of("deletecollection"), [...WATCH_ONLY, ...names(deleteFields(spec, module))]);
  declare("DeleteListOptions", "What to delete, and how.", selection, "DeleteObjectOptions");
  declare("PodLogOptions", "Which part of a log to read.", fields(shared(calls.filter(isLog))));
  return module;
}

const names = (fields: Field[]): string[] => fields.map(({ name }) => name);

function fieldOf({ name, description = "", schema }: Parameter, module: Module): Field {
  return { name, description, type: KNOWN_VALUES[name] ?? typeOf(schema, module) };
}

/** The fields of DeleteOptions, which can say more than the query parameters of the same names. */
function deleteFields(spec: Spec, module: Module): Field[] {
  const schema = spec.schemas.get(META_MODULE)?.["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"];
  return Object.entries(schema?.properties ?? {})
    .filter(([name]) => name !== "apiVersion" && name !== "kind")
    .map(([name, each]) => ({
      name,
      description: each.description ?? "",
      type: KNOWN_VALUES[name] ?? typeOf(each, module),
    }));
}

/** The query parameters of calls that must all take the same, or one interface could not describe them. */
function shared(calls: Call[]): Parameter[] {
  const [first, ...others] = calls;
  if (!first) throw new Error("Cannot write options: no operation takes them.");
  const wanted = first.query.map(({ name }) => name).join();
  const odd = others.find(({ query }) => query.map(({ name }) => name).join() !== wanted);
  if (odd) {
    throw new Error(`Cannot write options: ${odd.action} of ${odd.path} takes others than ${first.path}.`);
  }
  return first.query;
}
