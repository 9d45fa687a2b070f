/**
 * A recording as one SVG file that moves, and shows its last picture where it may not.
 *
 * @module
 */
import type { Frame, Run, Size } from "./record.ts";

const cell = { width: 8.4, height: 18 } as const;
const margin = 16;

/** Pictures that are shown for less are passed over: nobody could read them. Milliseconds. */
const shortest = 400;
/** Nobody waits longer than this for the next one, milliseconds. */
const longest = 2500;
/** How long the last one stays, milliseconds. */
const lastShown = 8000;

const foreground = "#d6dae0";
const background = "#14181e";
/** The terminal's first eight colours, and the brighter eight. */
const palette = [
  "#14181e",
  "#f0716b",
  "#7cc77f",
  "#e0b95a",
  "#6ea8f0",
  "#c78fe0",
  "#5cc5c9",
  "#d6dae0",
  "#6b7480",
  "#ff8f89",
  "#9be09e",
  "#f5d27a",
  "#8fc0ff",
  "#dcaef2",
  "#7fe0e4",
  "#ffffff",
];

/** Draws the frames. */
export function svgOf(all: readonly Frame[], { columns, rows }: Size): string {
  const frames = all.filter(({ shown }, index) => shown >= shortest || index === all.length - 1);
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = rows * cell.height + 2 * margin;
  const lines = new Lines();
  const pictures = frames.map((frame, index) => lines.picture(frame, index));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The demo in a terminal">`,
    `<style>${styles(frames)}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${background}"/>`,
    `<defs>${lines.definitions()}</defs>`,
    ...pictures,
    "</svg>",
    "",
  ].join("\n");
}

/** When which picture is to be seen. Without motion it is the last one. */
function styles(frames: readonly Frame[]): string {
  const times = frames.map(({ shown }, index) =>
    index === frames.length - 1 ? lastShown : Math.min(shown, longest)
  );
  const total = times.reduce((sum, time) => sum + time, 0);
  const percent = (ms: number) => `${(100 * ms / total).toFixed(2)}%`;
  let from = 0;
  const moves = times.map((time, index) => {
    const to = from + time;
    const hidden = index === 0 ? "" : "0%{visibility:hidden}";
    const after = to < total ? `${percent(to)}{visibility:hidden}` : "";
    const rule = `@keyframes k${index}{${hidden}${percent(from)}{visibility:visible}${after}}`;
    from = to;
    return `${rule}#f${index}{animation:k${index} ${(total / 1000).toFixed(1)}s step-end infinite}`;
  });
  const last = frames.length - 1;
  return `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:${foreground}}` +
    `.b{font-weight:bold}.d{opacity:.6}g.f{visibility:hidden}#f${last}{visibility:visible}` +
    `@media (prefers-reduced-motion:no-preference){${moves.join("")}}`;
}

/** The lines of all pictures: each is written once and then referred to. */
class Lines {
  readonly #ids = new Map<string, number>();

  picture({ lines }: Frame, index: number): string {
    const uses = lines.flatMap((line, row) => {
      if (line.length === 0) return [];
      const y = margin + (row + 0.8) * cell.height;
      return [`<use href="#l${this.#id(textOf(line))}" y="${y.toFixed(1)}"/>`];
    });
    return `<g class="f" id="f${index}">${uses.join("")}</g>`;
  }

  definitions(): string {
    return [...this.#ids].map(([text, id]) => `<text id="l${id}" x="${margin}">${text}</text>`).join("\n");
  }

  #id(text: string): number {
    const id = this.#ids.get(text) ?? this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }
}

/** A line's runs, each at its column, whatever font the reader has. */
function textOf(line: readonly Run[]): string {
  let column = 0;
  return line.map((run) => {
    const x = (margin + column * cell.width).toFixed(1);
    const length = [...run.text].length;
    column += length;
    if (run.text.trim() === "") return "";
    const names = [run.bold && "b", run.dim && "d"].filter(Boolean).join(" ");
    const look = (names && ` class="${names}"`) +
      (run.color === undefined
        ? ""
        : ` fill="${palette[run.color] ?? foreground}" style="fill:${palette[run.color] ?? foreground}"`);
    return `<tspan x="${x}" textLength="${(length * cell.width).toFixed(1)}"${look}>${
      escaped(run.text)
    }</tspan>`;
  }).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
