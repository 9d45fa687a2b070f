import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  errorCleared,
  formatStatus,
  type Health,
  healthOf,
  isCurrent,
  type Level,
  levels,
  maxMessageBytes,
  parseLevel,
  parseStatus,
  statusesOf,
} from "../../lib/contract/status.ts";
import { byteLength, cleanText } from "../../lib/contract/text.ts";
import { anyText } from "./any_text.ts";

const at = Date.UTC(2026, 0, 31, 12, 34, 56);
const level = fc.constantFrom(...levels);
const instant = fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => seconds * 1000);
const message = anyText(300);

Deno.test("a status is level, time and message between slashes", () => {
  deepEqual(parseStatus("error/2026-01-31T12:34:56/disk full"), { level: "error", at, message: "disk full" });
  equal(formatStatus({ level: "error", at, message: "disk full" }), "error/2026-01-31T12:34:56/disk full");
});

Deno.test("a message may hold slashes, and may be empty", () => {
  equal(parseStatus("info/2026-01-31T12:34:56/GET /a/b: 200")?.message, "GET /a/b: 200");
  equal(parseStatus("info/2026-01-31T12:34:56//")?.message, "/");
  equal(parseStatus("info/2026-01-31T12:34:56/")?.message, "");
});

Deno.test("a level is read in any case and written in lower case", () => {
  equal(parseStatus("ERROR/2026-01-31T12:34:56/x")?.level, "error");
  equal(parseStatus("Warning/2026-01-31T12:34:56/x")?.level, "warning");
  for (const word of levels) ok(formatStatus({ level: word, at, message: "" }).startsWith(`${word}/`));
});

for (const text of ["", "Error ", "err", "fatal", "warn", "unknown", "0"]) {
  Deno.test(`${JSON.stringify(text)} is no level`, () => equal(parseLevel(text), undefined));
}

for (
  const value of [
    "",
    "/",
    "//",
    "error",
    "error/2026-01-31T12:34:56",
    "error//no time",
    "/2026-01-31T12:34:56/no level",
    "fatal/2026-01-31T12:34:56/no such level",
    "error/yesterday/no time",
    "fine, thanks",
  ]
) {
  Deno.test(`${JSON.stringify(value)} is no status`, () => equal(parseStatus(value), undefined));
}

Deno.test("no annotation value makes reading a status throw", () => {
  fc.assert(fc.property(anyText(), (value) => void parseStatus(value)));
});

Deno.test("a written status reads back as itself, its message cleaned", () => {
  fc.assert(fc.property(level, instant, message, (level, at, message) => {
    const read = parseStatus(formatStatus({ level, at, message }));
    deepEqual(read, { level, at, message: cleanText(message, maxMessageBytes) });
  }));
});

Deno.test("a status that was read is written back without a change", () => {
  fc.assert(fc.property(level, instant, message, (level, at, message) => {
    const value = formatStatus({ level, at, message });
    equal(formatStatus(parseStatus(value)!), value);
  }));
});

Deno.test("a message is cleaned on reading, whoever wrote it", () => {
  equal(parseStatus("error/2026-01-31T12:34:56/a\n\u001b[31mb")?.message, "a [31mb");
});

Deno.test("a message is cleaned and cut on writing, never refused", () => {
  const long = formatStatus({ level: "error", at, message: `\u0007${"x".repeat(10_000)}` });
  equal(byteLength(long), byteLength("error/2026-01-31T12:34:56/") + maxMessageBytes);
  ok(long.endsWith("x…"));
  equal(formatStatus({ level: "info", at, message: "abcdef" }, 5), "info/2026-01-31T12:34:56/ab…");
});

Deno.test("the words for an error that is over are the contract's", () => {
  equal(errorCleared, "error cleared");
  equal(
    formatStatus({ level: "info", at, message: errorCleared }),
    "info/2026-01-31T12:34:56/error cleared",
  );
});

Deno.test("a pod's statuses are its annotations under the prefix, the unreadable ones without a status", () => {
  const value = "warning/2026-01-31T12:34:56/löw";
  deepEqual(
    statusesOf({
      "app.kubernetes.io/name": "web",
      "status.autocrane.io/disk": value,
      "expires.status.autocrane.io/disk": "2026-01-31T12:34:57",
      "status.autocrane.io/app": "fine",
      "status.data.autocrane.io/model": "{}",
    }),
    [
      { name: "disk", status: { level: "warning", at, message: "löw" }, expires: at + 1000, bytes: 32 },
      { name: "app", status: undefined, expires: undefined, bytes: 4 },
    ],
  );
});

Deno.test("a time of expiry alone is no status, and one that cannot be read sets none", () => {
  deepEqual(statusesOf({ "expires.status.autocrane.io/disk": "2026-01-31T12:34:57" }), []);
  const [only] = statusesOf({
    "status.autocrane.io/disk": "info/2026-01-31T12:34:56/",
    "expires.status.autocrane.io/disk": "soon",
  });
  equal(only?.expires, undefined);
});

Deno.test("no annotations make reading a pod's statuses throw", () => {
  const keys = fc.constantFrom("status.autocrane.io/", "expires.status.autocrane.io/");
  const annotations = fc.array(fc.tuple(keys, fc.string(), anyText())).map((all) =>
    Object.fromEntries(all.map(([key, name, value]) => [key + name, value]))
  );
  fc.assert(fc.property(annotations, (annotations) => {
    const named = statusesOf(annotations);
    equal(named.length, Object.keys(annotations).filter((key) => key.startsWith("status.")).length);
  }));
});

Deno.test("a status counts until the time at which it expires, and for ever without one", () => {
  ok(isCurrent({ expires: undefined }, at));
  ok(isCurrent({ expires: at + 1 }, at));
  ok(!isCurrent({ expires: at }, at));
  ok(!isCurrent({ expires: at - 1 }, at));
});

/** Statuses of the given levels, `undefined` for one that does not parse. */
function statuses(...of: (Level | undefined)[]) {
  return of.map((level) => ({ status: level && { level, at, message: "" } }));
}

const healthCases: [string, (Level | undefined)[], Health | undefined][] = [
  ["no statuses make no label", [], undefined],
  ["statuses of which none is valid make the label unknown", [undefined, undefined], "unknown"],
  ["one valid status outweighs those that are not", [undefined, "info", undefined], "info"],
  ["a warning outweighs information", ["info", "warning", "info"], "warning"],
  ["an error outweighs a warning", ["warning", "error", "info"], "error"],
  ["an error outweighs what comes after it", ["error", "info", "warning", undefined], "error"],
];
for (const [promise, of, expected] of healthCases) {
  Deno.test(promise, () => equal(healthOf(statuses(...of)), expected));
}

Deno.test("the label is the most severe level in whatever order the statuses come", () => {
  const mixed = fc.array(fc.constantFrom<Level | undefined>("error", "warning", "info", undefined));
  fc.assert(fc.property(mixed, (of) => {
    const worst = levels.find((level) => of.includes(level));
    equal(healthOf(statuses(...of)), worst ?? (of.length > 0 ? "unknown" : undefined));
  }));
});
