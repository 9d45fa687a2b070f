/**
 * References to variables in a container's command, arguments and environment.
 *
 * @module
 */

/** `$$` stands for a dollar sign; `$(NAME)` for a variable's value. */
const reference = /\$(?:(\$)|\(([^)]*)\))/g;

/**
 * Expands `$(NAME)` where the variable is known, leaves it as it is otherwise, and makes `$$` one dollar sign:
 * as core/v1 Container describes it for `command`, `args` and `env`.
 *
 * @example
 * ```ts
 * import { expand } from "./expand.ts";
 * import { equal } from "node:assert/strict";
 *
 * equal(expand("$(HOST):$$(PORT) $(NONE)", new Map([["HOST", "web"]])), "web:$(PORT) $(NONE)");
 * ```
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(reference, (whole: string, dollar: string | undefined, name: string) => {
    return dollar ?? variables.get(name) ?? whole;
  });
}
