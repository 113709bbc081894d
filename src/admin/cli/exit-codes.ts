/**
 * Exit codes of the command line, stable so that scripts can act on them.
 *
 * | code | when                                                        |
 * |------|-------------------------------------------------------------|
 * | 0    | done                                                        |
 * | 1    | failed: the message says what to do                         |
 * | 2    | the command line or the configuration cannot be understood  |
 * | 3    | unhealthy, or stored data is damaged                        |
 * | 4    | the key is not there                                        |
 * | 130  | interrupted by Ctrl-C                                       |
 */
import { codeOf } from '../../base/index.js';

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  unhealthy: 3,
  notFound: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each code means, in the words of `--help`. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed; the message says why and what to do',
  2: 'the command line or the configuration cannot be understood',
  3: 'unhealthy, or stored data is damaged',
  4: 'the key is not there',
  130: 'interrupted (Ctrl-C)',
};

const codesOfUsage: ReadonlySet<string> = new Set([
  'THEMIS_BATCH_TOO_LARGE',
  'THEMIS_CONFIG_INVALID',
  'THEMIS_KEY_TOO_LARGE',
  'THEMIS_USAGE',
  'THEMIS_VALUE_TOO_LARGE',
]);

const codesOfDamage: ReadonlySet<string> = new Set([
  'THEMIS_BLOB_LOST',
  'THEMIS_INCARNATION_STALE',
  'THEMIS_LOG_CORRUPT',
  'THEMIS_LOG_UNKNOWN',
  'THEMIS_SNAPSHOT_CORRUPT',
  'THEMIS_STATE_CORRUPT',
  'THEMIS_SUPERBLOCK_CORRUPT',
]);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  const code = codeOf(error);
  if (code === undefined) return exitCodes.failure;
  if (code === 'THEMIS_ABORTED') return exitCodes.interrupted;
  if (code === 'THEMIS_KEY_NOT_FOUND') return exitCodes.notFound;
  if (codesOfUsage.has(code)) return exitCodes.usage;
  return codesOfDamage.has(code) ? exitCodes.unhealthy : exitCodes.failure;
}
