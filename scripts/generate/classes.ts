/** The client classes of a group version. */
import { methodsOf, NAMESPACE } from "./methods.ts";
import type { Module } from "./module.ts";
import { apiVersion, classPrefix } from "./names.ts";
import type { Call, Group } from "./spec.ts";

/** Declares a class for the calls bound to no namespace and, if there are such, one for those that are. */
export function declareClasses({ groupVersion, calls }: Group, module: Module): void {
  const methods = (some: Call[]) => some.flatMap((call) => methodsOf(call, groupVersion, module)).join("");
  const names = {
    outer: `${classPrefix(groupVersion)}Api`,
    inner: `${classPrefix(groupVersion)}NamespacedApi`,
  };
  const client = module.type("client", "KubeClient");
  const within = calls.filter((call) => call.namespaced);
  const [first] = within;

  module.add(
    names.outer,
    `/** Calls of ${apiVersion(groupVersion)} that are not bound to a namespace. */
export class ${names.outer} {
  readonly #client: ${client};

  /** Makes the calls through the client. */
  constructor(client: ${client}) {
    this.#client = client;
  }
${first ? descent(names.inner) : ""}${methods(calls.filter((call) => !call.namespaced))}}`,
  );
  if (!first) return;

  const root = first.path.slice(0, first.path.indexOf(NAMESPACE));
  module.add(
    names.inner,
    `/** Calls of ${apiVersion(groupVersion)} in one namespace. */
export class ${names.inner} {
  readonly #client: ${client};
  readonly #root: string;

  /** Makes the calls through the client. Throws a TypeError when the name cannot stand in a path. */
  constructor(client: ${client}, namespace: string) {
    this.#client = client;
    this.#root = \`${root}\${requests.segment(namespace)}\`;
  }
${methods(within)}}`,
  );
}

const descent = (inner: string): string => `
  /** The calls in one namespace. Throws a TypeError when the name cannot stand in a path. */
  namespace(name: string): ${inner} {
    return new ${inner}(this.#client, name);
  }
`;
