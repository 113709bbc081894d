/** System errors of the log's files, made typed in one place. */
import { codeOf, isThemisError, messageOf, ThemisError } from '../base/index.js';

/** THEMIS_IO for an error with a system's code; anything else stays what it is. */
export function ioFailure(what: string, error: unknown): unknown {
  if (isThemisError(error) || codeOf(error) === undefined) return error;
  const message = `${what} failed (${messageOf(error)}); check the disk and start again.`;
  return new ThemisError('THEMIS_IO', message, error);
}
