/**
 * What users write to have a pod probed: `probe.autocrane.io/NAME` and `probe-options.autocrane.io/NAME`.
 *
 * @module
 */
import { namesUnder, prefix, type StringMap } from "./keys.ts";
import { cleanText } from "./text.ts";

/** Where a probe goes: always the pod's own address, so no host is kept. */
export interface ProbeTarget {
  /** `https` is not verified, as in the kubelet's probes. */
  readonly scheme: "http" | "https";
  /** 1 to 65535. */
  readonly port: number;
  /** Path and query, percent-encoded, beginning with `/`. */
  readonly path: string;
}

/** How a probe is made and what its failure means. */
export interface ProbeOptions {
  /** Milliseconds from one probe's start to the next one's. */
  readonly interval: number;
  /** Milliseconds that a probe may take, all redirects included. */
  readonly timeout: number;
  /** Failed probes in a row that make an error. */
  readonly failures: number;
  /** Good probes in a row that clear it. */
  readonly successes: number;
  /** `evict`: an error counts against the pod. `report`: it is only shown. */
  readonly action: "evict" | "report";
}

/** What settings decide where a pod's own options say nothing. Milliseconds. */
export type ProbeDefaults = Pick<ProbeOptions, "interval" | "timeout">;

/** A probed watchdog as its pod describes it, or why the description cannot be read. */
export type ProbeSpec =
  | { readonly name: string; readonly target: ProbeTarget; readonly options: ProbeOptions }
  | { readonly name: string; readonly problem: string };

const placeholder = "POD_IP";

/** Longest interval, milliseconds. */
const hour = 3_600_000;
/** Longest timeout, milliseconds. */
const minute = 60_000;
/** Most probes in a row that a threshold may ask for. */
const maxThreshold = 100;

/**
 * Reads `[http://|https://]POD_IP[:port][/path][?query]`.
 *
 * @returns the target, or what is wrong and what is expected, in words
 */
export function parseProbeTarget(value: string): ProbeTarget | { readonly problem: string } {
  const expected = `expected "${placeholder}:1234/url", as in ${placeholder}:8080/healthz`;
  const shown = cleanText(value, 80);
  const match = /^(?:(https?):\/\/)?POD_IP(?::(\d{1,5}))?([/?][^\s#]*)?$/.exec(value.trim());
  if (!match) {
    const why = value.includes(placeholder)
      ? "is not an address"
      : `does not name ${placeholder} (only the pod's own address is called)`;
    return { problem: `probe "${shown}" ${why}: ${expected}` };
  }
  const scheme = match[1] === "https" ? "https" : "http";
  const port = match[2] === undefined ? (scheme === "https" ? 443 : 80) : Number(match[2]);
  if (port < 1 || port > 65_535) return { problem: `probe "${shown}" has no valid port: ${expected}` };
  const url = new URL(`http://pod${match[3]?.startsWith("?") ? "/" : ""}${match[3] ?? "/"}`);
  return { scheme, port, path: url.pathname + url.search };
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: minute, h: hour };

function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  return match ? Number(match[1]) * durationUnits[match[2]!]! : undefined;
}

type Draft = { -readonly [K in keyof ProbeOptions]?: ProbeOptions[K] };

/** One reader an option: it sets the draft, or says what it expected. */
const optionReaders: Readonly<Record<string, (text: string, draft: Draft) => string | undefined>> = {
  interval(text, draft) {
    draft.interval = parseDuration(text);
    return within(draft.interval, 1000, hour) ? undefined : "a duration from 1s to 1h";
  },
  timeout(text, draft) {
    draft.timeout = parseDuration(text);
    return within(draft.timeout, 1, minute) ? undefined : "a duration up to 60s";
  },
  failures(text, draft) {
    draft.failures = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return within(draft.failures, 1, maxThreshold) ? undefined : `a number from 1 to ${maxThreshold}`;
  },
  successes(text, draft) {
    draft.successes = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return within(draft.successes, 1, maxThreshold) ? undefined : `a number from 1 to ${maxThreshold}`;
  },
  action(text, draft) {
    if (text !== "evict" && text !== "report") return `"evict" or "report"`;
    draft.action = text;
    return undefined;
  },
};

function within(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value >= low && value <= high;
}

/**
 * Reads `interval=10s,timeout=2s,failures=2,successes=1,action=evict`, in any order, each at most once.
 *
 * @param value the annotation, `undefined` where the pod has none
 * @returns the options, or what is wrong and what is expected, in words
 */
export function parseProbeOptions(
  value: string | undefined,
  defaults: ProbeDefaults,
): ProbeOptions | { readonly problem: string } {
  const draft: Draft = {};
  for (const item of (value ?? "").split(",")) {
    if (item.trim() === "") continue;
    const problem = readOption(item.trim(), draft);
    if (problem !== undefined) return { problem };
  }
  const interval = draft.interval ?? defaults.interval;
  if (draft.timeout !== undefined && draft.timeout > interval) {
    return { problem: `option timeout is longer than the interval (${interval / 1000}s)` };
  }
  return {
    interval,
    timeout: draft.timeout ?? Math.min(defaults.timeout, interval),
    failures: draft.failures ?? 1,
    successes: draft.successes ?? 1,
    action: draft.action ?? "evict",
  };
}

function readOption(item: string, draft: Draft): string | undefined {
  const equals = item.indexOf("=");
  const name = equals < 0 ? item : item.slice(0, equals).trim();
  const text = equals < 0 ? "" : item.slice(equals + 1).trim();
  const known = Object.keys(optionReaders).join(", ");
  if (!Object.hasOwn(optionReaders, name)) {
    return `option "${cleanText(name, 40)}" is not known: expected one of ${known}`;
  }
  if (draft[name as keyof Draft] !== undefined) return `option ${name} is given twice`;
  const expected = optionReaders[name]!(text, draft);
  return expected === undefined
    ? undefined
    : `option ${name} is "${cleanText(text, 40)}": expected ${expected}`;
}

/** Every watchdog that this pod asks to have probed. Pure and total: a bad one carries its `problem`. */
export function probesOf(annotations: StringMap, defaults: ProbeDefaults): ProbeSpec[] {
  return namesUnder(annotations, prefix.probe).map((name) => {
    const target = parseProbeTarget(annotations[prefix.probe + name]!);
    if ("problem" in target) return { name, problem: target.problem };
    const options = parseProbeOptions(annotations[prefix.probeOptions + name], defaults);
    return "problem" in options ? { name, problem: options.problem } : { name, target, options };
  });
}
