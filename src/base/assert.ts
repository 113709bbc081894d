import { ThemisError } from './errors.js';

/** States something that only a defect in Themis could make false; stays on in production. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ThemisError('THEMIS_ASSERTION', `Assertion failed: ${what}`);
}

/** Ends an exhaustive switch over a tagged union. */
export function unreachable(value: never): never {
  throw new ThemisError('THEMIS_ASSERTION', `Unexpected variant: ${JSON.stringify(value)}`);
}

/** The value, or an assertion failure that says what was missing. */
export function must<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, what);
  return value;
}
