/**
 * An application of the demo that lives on data: it reads its folder over and over, and tells what it saw.
 *
 * `catalog.ts FOLDER` serves, at LISTEN_HOST and LISTEN_PORT, GET /watchdog (200 while the prices make sense)
 * and GET /reads, a {@link Reads}.
 *
 * @module
 */
import { join } from "node:path";
import { pages } from "./catalog_data.ts";

/** What a reader of the live folder saw since it started. */
export interface Reads {
  /** How often the whole folder was read. */
  readonly passes: number;
  /** How often it held files of two releases, or half a file. */
  readonly torn: number;
  /** How often a file was not there. */
  readonly missing: number;
  /** The releases that were seen, in their order. */
  readonly releases: readonly string[];
}

/** Milliseconds from one pass to the next. */
const pauseMs = 40;

const [folder = "."] = Deno.args;
const reads = { passes: 0, torn: 0, missing: 0, releases: [] as string[] };
let prices: Readonly<Record<string, number>> = {};

/** Reads every file by way of the live link, as an application does that opened the folder once. */
async function readAll(): Promise<void> {
  const opened = await Deno.realPath(folder);
  const texts = await Promise.all(
    Array.from({ length: pages }, (_, page) => Deno.readTextFile(join(opened, `pages/${page}.txt`))),
  );
  const release = texts[0]!.split("\n")[0]!;
  if (texts.some((text) => !text.startsWith(`${release}\n`) || !text.endsWith("\nend\n"))) reads.torn++;
  prices = JSON.parse(await Deno.readTextFile(join(opened, "prices.json")));
  if (reads.releases.at(-1) !== release) reads.releases.push(release);
}

async function readForEver(): Promise<never> {
  for (;;) {
    try {
      await readAll();
    } catch (error) {
      if (error instanceof SyntaxError) reads.torn++;
      else if (error instanceof Deno.errors.NotFound) reads.missing++;
      else throw error;
    }
    reads.passes++;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Why the application cannot work with its data; `undefined` where it can. */
function trouble(): string | undefined {
  const bad = Object.entries(prices).find(([, price]) => !(price > 0));
  return bad && `the price of ${bad[0]} is ${bad[1]}`;
}

Deno.serve({
  hostname: Deno.env.get("LISTEN_HOST"),
  port: Number(Deno.env.get("LISTEN_PORT")),
  onListen() {},
}, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/reads") return Response.json(reads);
  if (pathname !== "/watchdog") return new Response("not found\n", { status: 404 });
  const why = trouble();
  return new Response(`${why ?? "ok"}\n`, { status: why === undefined ? 200 : 500 });
});
await readForEver();
