/**
 * What users write to limit AutoCrane's hand: pause, evict, failing-limit.
 *
 * @module
 */
import { key, type StringMap } from "./keys.ts";
import { cleanText } from "./text.ts";

/**
 * Whether AutoCrane only looks at this pod, workload or namespace. A value that is neither true nor false
 * pauses too: who wrote it wanted AutoCrane's hand away.
 */
export function isPaused(annotations: StringMap): boolean {
  const value = annotations[key.pause]?.trim().toLowerCase() ?? "";
  return value !== "" && value !== "false";
}

/** What a pod says about being evicted: `unreadable` is anything but the two known words. */
export type EvictionWish = "never" | "always" | "unreadable" | undefined;

/** Reads `autocrane.io/evict`; `undefined` where the pod has none. */
export function evictionWish(annotations: StringMap): EvictionWish {
  const wish = annotations[key.evict]?.trim().toLowerCase();
  return wish === undefined || wish === "never" || wish === "always" ? wish : "unreadable";
}

/** How many pods AutoCrane may have down at once, or why the annotation cannot be read. */
export type FailingLimit =
  | { readonly pods: number; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * Reads `autocrane.io/failing-limit`: a number of pods, or a percentage of the workload's replicas
 * (rounded down, at least 1). `0` is never.
 *
 * @param value the annotation, `undefined` where there is none (which is 1)
 * @param replicas how many pods the workload should have
 */
export function parseFailingLimit(value: string | undefined, replicas: number): FailingLimit {
  if (value === undefined) return { pods: 1 };
  const match = /^(\d{1,7})(%?)$/.exec(value.trim());
  const amount = Number(match?.[1]);
  if (!match || (match[2] === "%" && amount > 100)) {
    return {
      problem: `failing-limit "${cleanText(value, 40)}" is neither a number of pods nor a percentage up to ` +
        `100%: expected "1" or "10%"`,
    };
  }
  if (match[2] === "" || amount === 0) return { pods: amount };
  return { pods: Math.max(1, Math.floor((replicas * amount) / 100)) };
}
