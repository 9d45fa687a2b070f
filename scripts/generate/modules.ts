/** Every generated file. */
import { declareClasses } from "./classes.ts";
import { HEADER, Module } from "./module.ts";
import { capitalized, META_MODULE, moduleName } from "./names.ts";
import { optionsModule } from "./options.ts";
import type { Group, Spec } from "./spec.ts";
import { declareType } from "./types.ts";

/** The files of `k8s/` that are written by hand and exported. */
const BY_HAND = ["client", "patch"];

/** The source of every file by its name, not yet formatted. */
export function sources(spec: Spec): Map<string, string> {
  const meta = new Module(META_MODULE);
  declareTypes(spec, meta);
  const modules = [optionsModule(spec), meta, ...spec.groups.map((group) => groupModule(group, spec))];
  return new Map([
    ...modules.map((module): [string, string] => [`${module.name}.ts`, module.source()]),
    ["mod.ts", entry(modules)],
  ]);
}

function groupModule(group: Group, spec: Spec): Module {
  const module = new Module(moduleName(group.groupVersion));
  if (group.calls.length > 0) {
    module.importAll("requests");
    declareClasses(group, module);
  }
  declareTypes(spec, module);
  return module;
}

function declareTypes(spec: Spec, module: Module): void {
  for (const [name, schema] of Object.entries(spec.schemas.get(module.name) ?? {})) {
    declareType(name, schema, module);
  }
}

/** `mod.ts`: everything by its name; where two modules use the same name, the later one's gets a prefix. */
function entry(modules: Module[]): string {
  const taken = new Set<string>();
  const exports = modules.map((module) => {
    const clashing = module.names.filter((name) => taken.has(name));
    for (const name of module.names) taken.add(name);
    return clashing.length === 0 ? `export * from "./${module.name}.ts";` : renamed(module, clashing);
  });
  return [
    HEADER,
    `/**
 * Kubernetes' API: types and one client class for each group version, over a {@linkcode KubeClient}.
 *
 * @example Names of the pods of one application
 * \`\`\`ts ignore
 * const pods = await new CoreV1Api(client).namespace("shop").getPodList({ labelSelector: "app=web" });
 * console.log(pods.items.map((pod) => pod.metadata?.name));
 * \`\`\`
 *
 * @module
 */`,
    [...BY_HAND.map((name) => `export * from "./${name}.ts";`), ...exports].join("\n"),
  ].join("\n\n") + "\n";
}

/** Exports a module name by name. Its prefix is its own name: `EventsV1Event`. */
function renamed(module: Module, clashing: string[]): string {
  const prefix = module.name.split("_").map(capitalized).join("");
  const names = module.names.map((name) => {
    const exported = clashing.includes(name) ? `${name} as ${prefix}${name}` : name;
    return name.endsWith("Api") ? exported : `type ${exported}`;
  });
  return `export { ${names.join(", ")} } from "./${module.name}.ts";`;
}
