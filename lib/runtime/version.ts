/**
 * Which AutoCrane this is.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** AutoCrane's version, as in `deno.json`. */
export const version: string = config.version;
