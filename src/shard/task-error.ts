/** What a task of a thread rejected with, as an error that callers may see. */
import { messageOf, ThemisError } from '../base/index.js';

export function asThemisError(error: unknown, what: string): ThemisError {
  if (error instanceof ThemisError) return error;
  return new ThemisError('THEMIS_TASK_FAILED', `${what} failed: ${messageOf(error)}`, error);
}
