/**
 * The API over HTTP.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { Api } from "./api.ts";
import { discovery } from "./discovery.ts";
import { ApiError, noSuchPath, notSupported } from "./errors.ts";
import { requestOf } from "./http_request.ts";
import { oldForm, oldFormType, openApi } from "./openapi.ts";
import { commands, refusedCommand } from "./remote_command.ts";
import { formIn, refusal, responseOf } from "./respond.ts";
import type { Users } from "./users.ts";

/** What the app is made of. */
export interface AppOptions {
  readonly api: Api;
  readonly users: Users;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the watches that are open. */
  readonly signal: AbortSignal;
}

/** What anybody may ask: whether the server is there, and what it is. */
const health = ["/readyz", "/livez", "/healthz"];
const open = [...health, "/version"];

/** All that a client may ask of an API server over HTTP. */
export function apiApp({ api, users, clock, log, signal }: AppOptions): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const known = users.userOf(c.req.header("authorization") ?? null) !== undefined;
    if (!known && !open.includes(c.req.path)) {
      return refusal(new ApiError(401, "Unauthorized", "Unauthorized"));
    }
    await next();
  });
  for (const path of health) app.get(path, (c) => c.text("ok"));
  // Who lists several kinds in one file has kubectl ask for this first.
  app.get("/openapi/v2", (c) => c.body(oldForm, 200, { "content-type": oldFormType }));
  app.get("*", documents);
  const served = (c: Context) => answered(c, { api, clock, signal });
  app.all("/api/v1/*", served).all("/apis/:group/:version/*", served);
  app.notFound(() => refusal(noSuchPath("the server could not find the requested resource")));
  app.onError((error, c) => {
    if (error instanceof ApiError) return refusal(error);
    log.error("a request failed", { method: c.req.method, path: c.req.path, error: messageOf(error) });
    return refusal(new ApiError(500, "InternalError", `Internal error occurred: ${messageOf(error)}`));
  });
  return app;
}

/** Answers with what the API tells of itself, where that is asked for. */
async function documents(c: Context, next: () => Promise<void>): Promise<Response | void> {
  const { path } = c.req;
  const found = discovery(path, c.req.header("accept") ?? "") ?? openApi(path);
  if (!found) return await next();
  // The index names each schema by its content, so that clients need not fetch it again.
  const lasting = c.req.query("hash") !== undefined;
  return c.body(JSON.stringify(found.body), 200, {
    "content-type": found.contentType,
    ...(lasting && { "cache-control": "public, max-age=31536000, immutable" }),
  });
}

async function answered(
  c: Context,
  { api, clock, signal }: Pick<AppOptions, "api" | "clock" | "signal">,
): Promise<Response> {
  const { path } = c.req;
  const last = path.slice(path.lastIndexOf("/") + 1);
  const refused = commands.includes(last) &&
    refusedCommand(c.req.raw, notSupported(`pods/${last}`).status);
  if (refused) return refused;
  const query = new URL(c.req.url).searchParams;
  const form = formIn(last === "log" ? "" : c.req.header("accept") ?? "", query);
  const controller = new AbortController();
  const answer = api.answer(await requestOf(c, query, AbortSignal.any([signal, controller.signal])));
  const response = responseOf(answer, form, { now: () => clock.now(), stop: () => controller.abort() });
  const warning = portForwardWarning(c);
  if (warning) response.headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return response;
}

/** kubectl shows no words of a refused port-forward, but warnings of what it asks before, under its command's name. */
function portForwardWarning(c: Context): string | undefined {
  if (c.req.header("kubectl-command") !== "kubectl port-forward") return undefined;
  return "port-forward is not supported by AutoCrane's embedded cluster: pods listen at addresses of this machine, " +
    "which kubectl get pods -o wide shows";
}
