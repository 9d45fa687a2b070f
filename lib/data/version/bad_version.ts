/**
 * What breaks the format or a limit.
 *
 * @module
 */
import { cleanText } from "../../contract/text.ts";
import { exitCode, Failure } from "../../runtime/failure.ts";

/** A version, or a folder that was to become one, that is refused for what it is: trying again does not help. */
export class BadVersion extends Failure {
  /** `BadVersion`. */
  override readonly name = "BadVersion";

  /** Fails with what was refused and why. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCode.couldNot, options);
  }
}

/** A path or name of somebody else's, in quotes, fit to be shown. */
export function shown(path: string): string {
  return JSON.stringify(cleanText(path, 200));
}
