/**
 * Everything that the repository answers beside what every server of ours does.
 *
 * @module
 */
import { Hono } from "hono";
import { hooksApp, type HooksOptions } from "./hooks_app.ts";
import { manifestApp } from "./manifest_app.ts";
import { registryApp } from "./registry_app.ts";
import type { Serving } from "./serving.ts";

/** The OCI distribution API, pushes, what is here, and versions as archives. */
export function repositoryApp(serving: Serving, hooks: HooksOptions): Hono {
  return new Hono()
    .route("/", registryApp(serving))
    .route("/", hooksApp(hooks))
    .route("/", manifestApp(serving));
}
