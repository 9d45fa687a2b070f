/**
 * The story on a terminal: one picture that changes.
 *
 * @module
 */
import { styleText } from "node:util";
import { cleanText } from "../../lib/contract/text.ts";
import { rowOf } from "./pod_row.ts";
import { noteOf } from "./stage.ts";
import type { Progress } from "./teller.ts";
import type { View } from "./view.ts";
import { home, shop } from "./workloads.ts";

/** What a picture shows. */
export interface Scene {
  /** The first line and what stands below it. */
  readonly title: readonly string[];
  readonly steps: readonly Progress[];
  readonly view: View;
  /** Milliseconds since the beginning. */
  readonly elapsed: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Style = Parameters<typeof styleText>[0];

/** Text with a style; it is cut to the terminal's width before it is styled. */
interface Piece {
  readonly text: string;
  readonly style?: Style;
}

const marks: Readonly<Record<Progress["state"], Piece>> = {
  "to come": { text: " ", style: "dim" },
  "under way": { text: "▸", style: "cyan" },
  "seen": { text: "✓", style: "green" },
  "not seen": { text: "✗", style: "red" },
};

const healthStyles: Readonly<Record<string, Style>> = { error: "red", warning: "yellow", info: "green" };

/** How much is shown; less where the terminal is low. */
interface Fullness {
  /** Details of every step, or only of the one that the story is at. */
  readonly details: "all" | "newest";
  readonly events: number;
}

const fullnesses: readonly Fullness[] = [
  { details: "all", events: 6 },
  { details: "newest", events: 6 },
  { details: "newest", events: 3 },
  { details: "newest", events: 0 },
];

/** Draws a scene, a string a line, none wider than `columns`, and fewer lines than `rows`. */
export function drawn(scene: Scene, { columns, rows }: { columns: number; rows: number }): string[] {
  const pictures = fullnesses.map((fullness) => linesOf(scene, fullness));
  const fitting = pictures.find((lines) => lines.length < rows) ?? pictures.at(-1)!.slice(0, rows - 1);
  return fitting.map((pieces) => styled(pieces, columns));
}

function linesOf(scene: Scene, { details, events }: Fullness): Piece[][] {
  const newest = scene.steps.findLast(({ state }) => state !== "to come");
  const [first = "", ...others] = scene.title;
  const seconds = `   ${(scene.elapsed / 1000).toFixed(0)} s`;
  return [
    [{ text: first, style: "bold" }, { text: seconds, style: "dim" }],
    ...others.map((text) => [{ text, style: "dim" } as const]),
    [],
    ...scene.steps.flatMap((step) => stepLines(step, details === "all" || step === newest)),
    [],
    ...podLines(scene),
    ...(events > 0 ? [[], ...eventLines(scene.view, events)] : []),
  ];
}

function stepLines({ state, title, actions, outcome, took }: Progress, detailed: boolean): Piece[][] {
  const time = state === "seen" ? [{ text: `  ${(took / 1000).toFixed(1)} s`, style: "dim" as const }] : [];
  const name: Piece = { text: ` ${title}`, ...(state === "to come" && { style: "dim" }) };
  const details = !detailed
    ? []
    : state === "under way"
    ? actions.map((one) => `$ ${one}`)
    : outcome
    ? [outcome]
    : [];
  const style = state === "not seen" ? "red" : "dim";
  return [
    [{ text: " " }, marks[state], name, ...time],
    ...details.map((text) => [{ text: `     ${cleanText(text, 400)}`, style } as const]),
  ];
}

function podLines({ view, now }: Scene): Piece[][] {
  const pods = [...view.pods(home), ...view.pods(shop)];
  const rows = pods.map((pod) => rowOf(pod, now));
  const width = Math.max(12, ...rows.map(({ name }) => name.length));
  const head = ` ${"POD".padEnd(width)}  READY  ${"STATUS".padEnd(17)}  HEALTH   WATCHDOG OR DATA`;
  return [
    [{ text: head, style: "dim" }],
    ...rows.map(({ name, ready, status, health, said, data }) => [
      { text: ` ${name.padEnd(width)}  ${ready.padEnd(5)}  ` },
      { text: status.padEnd(17), ...(status !== "Running" && { style: "yellow" as const }) },
      { text: `  ${health.padEnd(7)}`, style: healthStyles[health] ?? "dim" },
      { text: `  ${health === "error" || !data ? said : data}`, style: "dim" as const },
    ]),
  ];
}

function eventLines(view: View, most: number): Piece[][] {
  const events = view.events().slice(-most);
  const width = Math.max(0, ...events.map(({ involvedObject }) => (involvedObject.name ?? "").length));
  const rows = events.map((event) => {
    const at = (event.eventTime ?? event.metadata.creationTimestamp ?? "").slice(11, 19);
    return [
      { text: ` ${at} `, style: "dim" as const },
      {
        text: (event.reason ?? "").padEnd(15),
        ...(event.type === "Warning" && { style: "yellow" as const }),
      },
      { text: ` ${(event.involvedObject.name ?? "").padEnd(width)}  ${cleanText(noteOf(event), 300)}` },
    ];
  });
  const missing = Array.from({ length: most - rows.length }, () => []);
  return [[{ text: " AutoCrane's Events", style: "dim" }], ...rows, ...missing];
}

function styled(pieces: readonly Piece[], columns: number): string {
  let left = columns;
  return pieces.map(({ text, style }) => {
    const part = cut(text, left);
    left -= [...part].length;
    return style ? styleText(style, part, { validateStream: false }) : part;
  }).join("");
}

function cut(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  return most <= 0 ? "" : `${characters.slice(0, most - 1).join("")}…`;
}

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";

/** Draws pictures one over the other. */
export class Screen {
  readonly #write: (text: string) => void;
  #height = 0;
  #last = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
    write(hideCursor);
  }

  /** Shows these lines in place of those shown before. */
  show(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\x1b[K\n`).join("");
    if (text === this.#last) return;
    const up = this.#height > 0 ? `\x1b[${this.#height}A` : "";
    this.#write(`${up}${text}\x1b[J`);
    this.#height = lines.length;
    this.#last = text;
  }

  /** Leaves the last picture where it is. */
  close(): void {
    this.#write(showCursor);
  }
}
