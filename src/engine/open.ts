/** Opens a database and waits until it serves. */
import { isThemisError } from '../base/index.js';
import { type ThemisOptions, validateOptions } from '../config/index.js';
import { Themis } from './themis.js';

/**
 * Opens (and by default creates) the database in a folder.
 *
 * Errors: THEMIS_CONFIG_INVALID, THEMIS_FOLDER_INVALID, THEMIS_FORMAT_NEWER, THEMIS_FOLDER_FOREIGN,
 * LEVEL_LOCKED when it is open elsewhere, THEMIS_LOG_CORRUPT and THEMIS_LOG_UNKNOWN when
 * acknowledged records are damaged and nothing has them anymore (see the option `recovery`).
 */
export async function open(location: string, options: ThemisOptions = {}): Promise<Themis> {
  validateOptions(location, options);
  const db = new Themis(location, options);
  try {
    await db.open();
  } catch (error) {
    // abstract-level wraps what went wrong into LEVEL_DATABASE_NOT_OPEN; the cause says what to do.
    const cause = error instanceof Error ? error.cause : undefined;
    throw isThemisError(cause) ? cause : error;
  }
  return db;
}
