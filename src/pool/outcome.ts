/**
 * How a task's result crosses a thread border. Structured clone keeps neither classes nor codes of
 * errors, so a task returns an outcome and the pool turns a failure back into a ThemisError.
 */
import { codeOf, type ErrorCode, errorCodes, messageOf, ThemisError } from '../base/index.js';

export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly stack: string;
    };

/** Runs a task in a worker thread and packs what happened. */
export async function outcomeOf<T>(task: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'ok', value: await task() };
  } catch (error) {
    return failure(error);
  }
}

/** Packs an error for the way across. */
export function failure(error: unknown): Outcome<never> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return { kind: 'failed', code: codeOf(error) ?? '', message: messageOf(error), stack };
}

/** The value, or the worker's error with its code, naming the task that failed. */
export function outcomeValue<T>(outcome: Outcome<T>, task: string): T {
  if (outcome.kind === 'ok') return outcome.value;
  const cause = { code: outcome.code, message: outcome.message, stack: outcome.stack };
  if (isErrorCode(outcome.code)) throw new ThemisError(outcome.code, outcome.message, cause);
  const detail = outcome.code === '' ? outcome.message : `${outcome.code}: ${outcome.message}`;
  throw new ThemisError('THEMIS_TASK_FAILED', `Task ${task} failed: ${detail}`, cause);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
