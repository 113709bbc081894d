/** The system's errors made typed, for what opening a folder does by itself. */
import { codeOf, isThemisError, messageOf, ThemisError } from '../base/index.js';

const full: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/** THEMIS_DISK_FULL or THEMIS_IO for an error with a system's code; others stay what they are. */
export function systemFailure(what: string, error: unknown): unknown {
  const code = codeOf(error);
  if (isThemisError(error) || code === undefined || code.startsWith('ERR_')) return error;
  if (full.has(code)) {
    const message = `${what} failed (${messageOf(error)}); free space on its disk, then open again.`;
    return new ThemisError('THEMIS_DISK_FULL', message, error);
  }
  const message = `${what} failed (${messageOf(error)}); check the disk, then open again.`;
  return new ThemisError('THEMIS_IO', message, error);
}
