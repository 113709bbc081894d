/**
 * `--range`, as HTTP and object stores have it: both ends count.
 *
 *   0-1023   the first 1,024 bytes
 *   1024-    from there to the end
 *   -512     the last 512 bytes
 */
import { ThemisError } from '../../../base/index.js';
import { countText } from '../units-text.js';

export interface ByteSpan {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

/** The part of a value of `length` bytes. Throws THEMIS_USAGE. */
export function byteSpan(text: string, length: number): ByteSpan {
  const [, first = '', last = ''] = /^(\d{0,16})-(\d{0,16})$/.exec(text.trim()) ?? [];
  if (first === '' && last === '') throw refused(text, 'first-last, first- or -count in bytes');
  if (first === '') return { start: Math.max(0, length - Number(last)), end: length };
  const start = Number(first);
  const end = last === '' ? length : Math.min(length, Number(last) + 1);
  if (last !== '' && Number(last) < start) throw refused(text, 'a last byte behind the first');
  if (start < length) return { start, end };
  const message = `--range ${text} begins behind the end: the value has ${countText(length)} bytes`;
  throw new ThemisError('THEMIS_USAGE', message);
}

function refused(text: string, expected: string): ThemisError {
  const message = `--range needs ${expected}, such as 0-1023, not ${JSON.stringify(text)}`;
  return new ThemisError('THEMIS_USAGE', message);
}
