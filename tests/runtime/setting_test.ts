import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  choice,
  count,
  flag,
  names,
  optionalSeconds,
  optionalWholeSeconds,
  seconds,
  type Setting,
  text,
} from "../../lib/runtime/setting.ts";
import { anyText } from "../contract/any_text.ts";

const timeout = seconds("Demo__TimeoutSeconds", { help: "how long", default: 5, min: 0.1, max: 60 });
const grace = optionalSeconds("Demo__GraceSeconds", { help: "how long", shown: "the pod's own" });
const whole = optionalWholeSeconds("Demo__WholeSeconds", { help: "how long", shown: "the pod's own" });
const percent = count("Demo__Percent", { help: "how much", default: 50, max: 100 });
const dryRun = flag("Demo__DryRun", { help: "only look" });
const format = choice("Demo__Format", { help: "how", words: ["text", "json"], default: "text" });
const podName = text("Demo__Name", { help: "which" });
const namespaces = names("Demo__Namespaces", {
  help: "where",
  each: /^[a-z]+$|^\*$/,
  expected: "namespaces separated by commas",
  required: true,
});
const all: Setting<unknown>[] = [timeout, grace, whole, percent, dryRun, format, podName, namespaces];

/** That `setting` takes none of these texts. */
function refuses(setting: Setting<unknown>, ...texts: string[]): void {
  for (const text of texts) equal(setting.parse(text), undefined, JSON.stringify(text));
}

Deno.test("seconds are written as seconds and read as milliseconds", () => {
  equal(timeout.parse("2"), 2000);
  equal(timeout.parse("0.25"), 250);
  equal(timeout.fallback?.value, 5000);
  equal(timeout.fallback?.shown, "5");
});

Deno.test("seconds stay within their bounds, which are part of what is expected", () => {
  equal(timeout.parse("0.1"), 100);
  equal(timeout.parse("60"), 60_000);
  refuses(timeout, "0.099", "60.001", "0", "61");
  equal(timeout.expected, "a number of seconds from 0.1 to 60");
});

Deno.test("what is no plain number is refused", () => {
  refuses(timeout, "", "5s", "-1", "+5", "1e1", "0x5", "five", "5,0", "1.2345", "Infinity", "NaN", "1 0");
  refuses(percent, "", "50%", "-1", "+5", "1e1", "0x5", "many", "1.5", "Infinity", "NaN");
});

Deno.test("seconds that may be left out have no value then, and help says what holds", () => {
  equal(grace.fallback?.value, undefined);
  equal(grace.fallback?.shown, "the pod's own");
  equal(grace.parse("0"), 0);
  equal(grace.parse("120"), 120_000);
  refuses(grace, "86401", "-1", "long");
});

Deno.test("whole seconds take no fraction, as the API knows none there", () => {
  equal(whole.fallback?.value, undefined);
  equal(whole.parse("0"), 0);
  equal(whole.parse("86400"), 86_400_000);
  refuses(whole, "0.5", "1.001", "86401", "-1");
  equal(whole.expected, "a whole number of seconds from 0 to 86400");
});

Deno.test("a count is a whole number within its bounds", () => {
  equal(percent.parse("0"), 0);
  equal(percent.parse("100"), 100);
  refuses(percent, "101", "1.5");
  equal(percent.expected, "a whole number from 0 to 100");
});

Deno.test("a flag is true or false, in any case, and nothing else", () => {
  equal(dryRun.parse("true"), true);
  equal(dryRun.parse("TRUE"), true);
  equal(dryRun.parse("False"), false);
  refuses(dryRun, "1", "0", "yes", "no", "on", "");
  equal(dryRun.fallback?.value, false);
  equal(flag("Demo__On", { help: "on", default: true }).fallback?.value, true);
});

Deno.test("a choice is one of its words, in any case", () => {
  equal(format.parse("JSON"), "json");
  equal(format.fallback?.value, "text");
  refuses(format, "yaml", "", "text json");
  equal(format.expected, "text or json");
});

Deno.test("text is taken as it is, without white space around it", () => {
  equal(podName.parse(" web-7c9 "), "web-7c9");
  equal(podName.fallback?.shown, "none");
  equal(text("Demo__Url", { help: "where", default: "http://x" }).fallback?.shown, "http://x");
});

Deno.test("names are separated by commas, each once, without white space or empty ones", () => {
  deepEqual(namespaces.parse("shop"), ["shop"]);
  deepEqual(namespaces.parse(" shop , bank,,shop, "), ["shop", "bank"]);
  deepEqual(namespaces.parse("*"), ["*"]);
});

Deno.test("one name that is not allowed spoils the list, and so does none", () => {
  refuses(namespaces, "shop,UPPER", "shop bank", ",", "", " ");
});

Deno.test("a required setting has no value to fall back to", () => {
  equal(namespaces.fallback, undefined);
  deepEqual(names("Demo__Optional", { help: "", each: /a/, expected: "" }).fallback?.value, []);
});

Deno.test("white space around a value never matters", () => {
  const values: [Setting<unknown>, string][] = [
    [timeout, "5"],
    [grace, "5"],
    [percent, "5"],
    [dryRun, "true"],
    [format, "json"],
  ];
  for (const [setting, value] of values) {
    ok(setting.parse(value) !== undefined);
    deepEqual(setting.parse(` ${value}\n`), setting.parse(value));
  }
});

Deno.test("no text makes reading a setting throw, or gives a number that is none", () => {
  fc.assert(fc.property(fc.constantFrom(...all), anyText(), (setting, text) => {
    const value = setting.parse(text);
    if (typeof value === "number") ok(Number.isFinite(value) && value >= 0);
  }));
});

Deno.test("every number of seconds within its bounds is read to the millisecond", () => {
  fc.assert(fc.property(fc.integer({ min: 100, max: 60_000 }), (ms) => {
    const read = timeout.parse((ms / 1000).toFixed(3));
    ok(read !== undefined && Math.abs(read - ms) < 1e-6, String(read));
  }));
});

Deno.test("a star, which is all, is no name among others", () => {
  const some = names("Demo__Some", { help: "", each: /^(\*|[a-z]+)$/, expected: "" });
  deepEqual([some.parse("*"), some.parse("a,b"), some.parse("a,*")], [["*"], ["a", "b"], undefined]);
});
