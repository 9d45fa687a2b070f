/**
 * Everything that the repository answers beside what every server of ours does.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { readOnly } from "./answers.ts";
import { hooksApp, type HooksOptions } from "./hooks_app.ts";
import { manifestApp } from "./manifest_app.ts";
import { registryApp } from "./registry_app.ts";
import type { Serving } from "./serving.ts";

/** The OCI distribution API, pushes, what is here, versions as archives, and where to look for whoever is lost. */
export function repositoryApp(serving: Serving, hooks: HooksOptions): Hono {
  return new Hono()
    .route("/", registryApp(serving))
    .route("/", hooksApp(hooks))
    .route("/", manifestApp(serving))
    .all("*", nothing);
}

/** Routes of every server of ours, for reading: they are answered before what is here. */
const read = ["/ping", "/metrics"];

function nothing(c: Context): Response {
  if (read.includes(c.req.path)) return readOnly(c);
  const words = "GET /.manifest says which versions there are, GET /SOURCE/FILE.tar gives one.";
  return c.text(`There is nothing here. ${words}\n`, 404);
}
