/**
 * Fields that a JSON text has twice: what is read of it has them once.
 *
 * @module
 */

/** An object or a list that was begun. */
interface Frame {
  /** Where it is; empty for the whole text. */
  readonly path: string;
  /** The fields so far, of an object. */
  readonly seen?: Set<string>;
  /** How many elements were ended, of a list. */
  index: number;
  /** The field whose value comes next; unset where a field's name does. */
  field?: string;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

/**
 * The paths of fields that stand more than once in their object: `spec.replicas`, `metadata.labels.app`.
 *
 * @param text JSON that was read without an error
 */
export function duplicateFields(text: string): string[] {
  const found = new Set<string>();
  const frames: Frame[] = [];
  for (const [token] of text.matchAll(tokens)) {
    const frame = frames.at(-1);
    if (token === "{" || token === "[") {
      frames.push({ path: pathIn(frame), index: 0, ...(token === "{" && { seen: new Set<string>() }) });
    } else if (token === "}" || token === "]") {
      frames.pop();
    } else if (token === ",") {
      frame!.index++;
      delete frame!.field;
    } else if (frame?.seen && frame.field === undefined) {
      frame.field = JSON.parse(token) as string;
      if (frame.seen.has(frame.field)) found.add(pathIn(frame));
      frame.seen.add(frame.field);
    }
  }
  return [...found];
}

/** Where the next value of a frame is. */
function pathIn(frame: Frame | undefined): string {
  if (!frame) return "";
  if (!frame.seen) return `${frame.path}[${frame.index}]`;
  return frame.path ? `${frame.path}.${frame.field}` : frame.field ?? "";
}
