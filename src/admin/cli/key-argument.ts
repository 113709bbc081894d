/** Keys on the command line: text, or hex and base64 for keys that are no text. */
import { must } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { decodeText, isTextEncoding, type TextEncoding } from './encoding.js';

export function keyEncodingOf(context: CommandContext): TextEncoding {
  const name = context.settings.text('keyEncoding') ?? 'utf8';
  return must(isTextEncoding(name) ? name : null, 'the flag allows text encodings alone');
}

export function keyOf(context: CommandContext, word: string): Buffer {
  return decodeText(word, keyEncodingOf(context), 'the key');
}
