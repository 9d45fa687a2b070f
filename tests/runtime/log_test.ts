import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { LogRecord } from "@logtape/logtape";
import { type Fields, formatJson, formatText, type LogLevel, startLog } from "../../lib/runtime/log.ts";
import { anyText } from "../contract/any_text.ts";
import { unfitToShow } from "../support/unfit.ts";

/** A record as the formatters take it. */
function record(rawMessage: string, properties: Fields = {}, level: LogRecord["level"] = "info") {
  return { timestamp: Date.UTC(2026, 0, 31, 12, 34, 56, 789), level, rawMessage, properties };
}

/** What a log of this level passes on while `write` uses it. */
function logged(level: LogLevel, write: (log: ReturnType<typeof startLog>) => void): LogRecord[] {
  const records: LogRecord[] = [];
  write(startLog({ format: "text", level, sink: (record) => void records.push(record) }));
  return records;
}

Deno.test("a line of text is time, level, message, then fields", () => {
  equal(
    formatText(record("pod evicted", { pod: "shop/web-7c9", scans: 4, dryRun: false })),
    "2026-01-31T12:34:56.789Z INFO    pod evicted pod=shop/web-7c9 scans=4 dryRun=false\n",
  );
});

Deno.test("a field of more than one word is quoted", () => {
  const text = formatText(record("failed", { why: 'no "answer"', empty: "", pair: "a=b", path: "c:\\d" }));
  ok(text.endsWith(`failed why="no \\"answer\\"" empty="" pair="a=b" path="c:\\\\d"\n`), text);
});

Deno.test("a field that is not set is not written", () => {
  ok(formatText(record("started", { pod: undefined })).endsWith("started\n"));
  equal("pod" in JSON.parse(formatJson(record("started", { pod: undefined }))), false);
});

Deno.test("a field can neither forge a line nor steer a terminal", () => {
  const text = formatText(
    record("failed", { why: "a\nb\r\u2028c", who: "\u001b[31mroot", csi: "\u009b31m", rtl: "x\u202ey" }),
  );
  ok(text.endsWith(`why="a\\nb\\r\\u2028c" who="\\u001b[31mroot" csi="\\u009b31m" rtl="x\\u202ey"\n`), text);
});

Deno.test("whatever a field holds, text is one line of which a terminal can show every character", () => {
  fc.assert(fc.property(anyText(), (value) => {
    const text = formatText(record("failed", { why: value }));
    equal(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text.slice(0, -1)), null, JSON.stringify(text));
    ok(text.endsWith("\n"));
  }));
});

Deno.test("whatever a field holds, a reader of the text gets it back", () => {
  fc.assert(fc.property(anyText(), (value) => {
    const text = formatText(record("failed", { why: value }));
    const written = text.slice(text.indexOf("why=") + 4, -1);
    equal(written.startsWith('"') ? JSON.parse(written) : written, value);
  }));
});

for (const [what, first, last] of unfitToShow) {
  Deno.test(`a field shows none of those as they are, in text or JSON: ${what}`, () => {
    for (let code = first; code <= last; code++) {
      const character = String.fromCodePoint(code);
      for (
        const line of [formatText(record("x", { y: character })), formatJson(record("x", { y: character }))]
      ) {
        equal(line.slice(0, -1).includes(character), false, code.toString(16));
      }
    }
  });
}

Deno.test("a line of JSON holds time, level, message and the fields", () => {
  const line = formatJson(record("pod evicted", { pod: "web-7c9", scans: 4 }, "warning"));
  deepEqual(JSON.parse(line), {
    time: "2026-01-31T12:34:56.789Z",
    level: "warning",
    message: "pod evicted",
    pod: "web-7c9",
    scans: 4,
  });
  equal(line.indexOf("\n"), line.length - 1);
});

Deno.test("a field cannot take the place of time, level or message", () => {
  const line = JSON.parse(formatJson(record("real", { message: "fake", level: "fake", time: "fake" })));
  deepEqual(line, { time: "2026-01-31T12:34:56.789Z", level: "info", message: "real" });
});

Deno.test("whatever a field holds, JSON is one line that reads back", () => {
  fc.assert(fc.property(anyText(), (value) => {
    const line = formatJson(record("failed", { why: value }));
    equal(line.trimEnd().includes("\n"), false);
    equal(JSON.parse(line).why, value);
  }));
});

Deno.test("lines less severe than the level are not written", () => {
  const all = (log: ReturnType<typeof startLog>) => {
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e");
  };
  const levels = (level: LogLevel) => logged(level, all).map((record) => record.level);
  deepEqual(levels("debug"), ["debug", "info", "warning", "error"]);
  deepEqual(levels("info"), ["info", "warning", "error"]);
  deepEqual(levels("warning"), ["warning", "error"]);
  deepEqual(levels("error"), ["error"]);
});

Deno.test("fields reach the sink beside the constant message", () => {
  const [only] = logged("info", (log) => log.info("pod evicted", { pod: "web-7c9" }));
  equal(only?.rawMessage, "pod evicted");
  deepEqual(only?.properties, { pod: "web-7c9" });
});

Deno.test("the process' own fields stand first on every line, and a line's own win", () => {
  const records: LogRecord[] = [];
  const log = startLog({
    format: "text",
    level: "info",
    fields: { program: "demo", run: 1 },
    sink: (record) => void records.push(record),
  });
  log.info("pod evicted", { pod: "web-7c9", run: 2 });
  log.warn("alone");
  deepEqual(records.map(({ properties }) => Object.entries(properties)), [
    [["program", "demo"], ["run", 2], ["pod", "web-7c9"]],
    [["program", "demo"], ["run", 1]],
  ]);
});

Deno.test("a brace in a message is a brace, no template", () => {
  const [only] = logged("info", (log) => log.info("expected {pod}", { pod: "web-7c9" }));
  deepEqual(only?.message, ["expected {pod}"]);
});
