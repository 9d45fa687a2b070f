/**
 * Recording what a program shows on a terminal.
 *
 * @module
 */
import xterm from "@xterm/headless";

/** How large the terminal is, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Characters of one look, side by side. */
export interface Run {
  readonly text: string;
  /** One of the sixteen colours of a terminal; unset for its own. */
  readonly color?: number;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** What a terminal showed, and for how long, milliseconds. */
export interface Frame {
  readonly lines: readonly (readonly Run[])[];
  readonly shown: number;
}

/** From one look at the terminal to the next, milliseconds. */
const lookEvery = 500;

/**
 * Runs a program on a terminal of its own and keeps what it showed, each picture once.
 *
 * @throws Error where the program fails: a recording of that is no picture of how it works
 */
export async function record(command: readonly string[], { columns, rows }: Size): Promise<Frame[]> {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  // The terminal that `script` makes has no size of its own.
  const shell = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
  const child = new Deno.Command("script", {
    args: ["-qfec", shell, "/dev/null"],
    env: { TERM: "xterm-256color" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const pictures: { lines: readonly (readonly Run[])[]; at: number }[] = [];
  const look = () => pictures.push({ lines: linesOf(terminal, rows), at: performance.now() });
  const timer = setInterval(look, lookEvery);
  for await (const bytes of child.stdout) await new Promise<void>((done) => terminal.write(bytes, done));
  clearInterval(timer);
  look();
  const { code } = await child.status;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
  return distinct(pictures);
}

function linesOf({ buffer }: xterm.Terminal, rows: number): Run[][] {
  const { active } = buffer;
  const line = (row: number) => active.getLine(active.baseY + row);
  return Array.from({ length: rows }, (_, row) => runsIn(line(row)));
}

function runsIn(line: xterm.IBufferLine | undefined): Run[] {
  const runs: (Run & { text: string })[] = [];
  for (let column = 0; line && column < line.length; column++) {
    const cell = line.getCell(column)!;
    const look = {
      ...(!cell.isFgDefault() && { color: cell.getFgColor() }),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const text = cell.getChars() || " ";
    const last = runs.at(-1);
    if (last && last.color === look.color && last.bold === look.bold && last.dim === look.dim) {
      last.text += text;
    } else runs.push({ text, ...look });
  }
  return trimmed(runs);
}

/** Without the blanks at the end. */
function trimmed(runs: readonly Run[]): Run[] {
  const kept = [...runs];
  for (let last = kept.pop(); last; last = kept.pop()) {
    const text = last.text.trimEnd();
    if (text !== "") return [...kept, { ...last, text }];
  }
  return [];
}

/** Each picture once, but for the seconds that pass in its first line. */
function distinct(pictures: readonly { lines: Frame["lines"]; at: number }[]): Frame[] {
  const sameBut = ([, ...lines]: Frame["lines"]) => JSON.stringify(lines);
  const firsts = pictures.filter(({ lines }, index) =>
    lines.some((line) => line.length > 0) &&
    (index === 0 || sameBut(lines) !== sameBut(pictures[index - 1]!.lines))
  );
  return firsts.map(({ lines, at }, index) => ({
    lines,
    shown: (firsts[index + 1]?.at ?? pictures.at(-1)!.at) - at,
  }));
}
