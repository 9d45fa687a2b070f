/** How the names of Kubernetes' OpenAPI documents become names of files, modules and classes here. */
import { GROUP_VERSIONS, type GroupVersion } from "./kinds.ts";

/** The module of what every group shares: metadata, selectors, quantities. */
export const META_MODULE = "meta_v1";

/** The group version as it stands in `apiVersion`: `v1`, `apps/v1`. */
export const apiVersion = ({ group, version }: GroupVersion): string =>
  group === "" ? version : `${group}/${version}`;

/** The file of the group version's OpenAPI document in `k8s.io/kubernetes`. */
export const sourceFile = ({ group, version }: GroupVersion): string =>
  `${group === "" ? "api" : `apis__${group}`}__${version}_openapi.json`;

/** The name of the generated module, and of the pruned document: `core_v1`, `rbac_authorization_v1`. */
export const moduleName = (groupVersion: GroupVersion): string => words(groupVersion).join("_");

/** What the names of the group version's classes begin with: `CoreV1`, `RbacAuthorizationV1`. */
export const classPrefix = (groupVersion: GroupVersion): string =>
  words(groupVersion).map(capitalized).join("");

/** The name of a kind's schema: `io.k8s.api.core.v1.Pod`. */
export const schemaOf = (groupVersion: GroupVersion, kind: string): string =>
  `${schemaPackage(groupVersion)}.${kind}`;

/** The module that a schema's type is generated in. */
export function moduleOfSchema(schema: string): string {
  if (schema.startsWith("io.k8s.apimachinery.")) return META_MODULE;
  const found = GROUP_VERSIONS.find((each) => schema.startsWith(`${schemaPackage(each)}.`));
  if (!found) {
    throw new Error(`Cannot place schema "${schema}": add its group version to scripts/generate/kinds.ts.`);
  }
  return moduleName(found);
}

/** The name of a schema's type: what follows the last dot. */
export const typeName = (schema: string): string => schema.slice(schema.lastIndexOf(".") + 1);

/** The word with its first letter in upper case. */
export const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function words({ group, version }: GroupVersion): string[] {
  return [...(group === "" ? ["core"] : group.replace(/\.k8s\.io$/, "").split(".")), version];
}

/** Go packages are named by the first word of a group: `rbac.authorization.k8s.io` is `rbac`. */
function schemaPackage({ group, version }: GroupVersion): string {
  return `io.k8s.api.${group === "" ? "core" : group.split(".")[0]}.${version}`;
}
