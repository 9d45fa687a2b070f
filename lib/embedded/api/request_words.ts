/**
 * What single words of a request say.
 *
 * @module
 */

/** A media type without its parameters. */
export function mediaType(contentType: string): string {
  return contentType.split(";")[0]!.trim();
}

/** Whether a query parameter says yes. */
export function saysYes(parameter: string | null): boolean {
  return parameter === "true" || parameter === "1";
}
