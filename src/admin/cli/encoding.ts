/** Keys and values as text: how the command line reads and shows bytes. */
import { ThemisError } from '../../base/index.js';

export const textEncodings = ['utf8', 'hex', 'base64'] as const;
export type TextEncoding = (typeof textEncodings)[number];

export function isTextEncoding(name: string): name is TextEncoding {
  return (textEncodings as readonly string[]).includes(name);
}

/** Bytes of a text from the command line. Throws THEMIS_USAGE when it is not in the encoding. */
export function decodeText(text: string, encoding: TextEncoding, what: string): Buffer {
  const bytes = Buffer.from(text, encoding);
  // Node ignores what it cannot decode; a key that is silently cut short must not be written.
  const isWhole =
    encoding === 'utf8' ||
    (encoding === 'hex' && bytes.length * 2 === text.length) ||
    (encoding === 'base64' && withoutPadding(bytes.toString('base64')) === withoutPadding(text));
  if (isWhole) return bytes;
  throw new ThemisError('THEMIS_USAGE', `${what} is not ${encoding}: ${JSON.stringify(text)}`);
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}

export interface EncodedBytes {
  readonly text: string;
  readonly encoding: TextEncoding;
}

/** Bytes for JSON: in the encoding asked for, but base64 when they are not valid UTF-8. */
export function encodeBytes(bytes: Uint8Array, encoding: TextEncoding): EncodedBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding !== 'utf8') return { text: buffer.toString(encoding), encoding };
  const text = buffer.toString('utf8');
  const isValid = Buffer.from(text, 'utf8').equals(buffer);
  return isValid ? { text, encoding } : { text: buffer.toString('base64'), encoding: 'base64' };
}
