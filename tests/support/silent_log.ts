/**
 * A log that writes nothing.
 *
 * @module
 */
import type { Log } from "../../lib/runtime/log.ts";

/** Takes every line and says none. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
