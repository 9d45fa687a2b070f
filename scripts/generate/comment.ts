/** Comments from the documents' descriptions. */

const WIDTH = 110;

/** A TSDoc comment of the text, wrapped, at the indent that it will stand at. */
export function comment(text: string, indent: number = 0): string {
  const margin = " ".repeat(indent);
  const room = WIDTH - indent - " * ".length;
  const lines = harmless(text).split("\n").flatMap((line) => wrapped(line, room));
  const line = `${margin}/** ${lines[0]} */`;
  if (lines.length === 1 && line.length <= WIDTH) return line;
  return [`${margin}/**`, ...lines.map((line) => `${margin} * ${line}`.trimEnd()), `${margin} */`].join("\n");
}

/** Nothing in the text can end the comment, or be taken for a code sample to be run by `deno test --doc`. */
function harmless(text: string): string {
  return text.trim().replaceAll("*/", "*\\/").replaceAll("```", "").replaceAll("\t", "    ");
}

/** Lines of at most `room` characters, where there are spaces to break at, all at the line's own indent. */
function wrapped(line: string, room: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines = [indent];
  for (const word of line.trim().split(/ +/)) {
    const last = lines.at(-1) ?? "";
    if (last === indent) lines[lines.length - 1] = last + word;
    else if (last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
