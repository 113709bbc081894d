/** themis get <key> */
import { must, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { encodeBytes, isTextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, terminal } = context;
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const value = await withStore(context, { createIfMissing: false }, (store) => store.get(key));
  if (value === undefined) {
    throw new ThemisError('THEMIS_KEY_NOT_FOUND', `there is no key ${JSON.stringify(word)}`);
  }
  const encoding = settings.text('encoding') ?? 'raw';
  if (context.isJson) {
    const encoded = encodeBytes(value, isTextEncoding(encoding) ? encoding : 'utf8');
    const { text, encoding: used } = encoded;
    const answer = { key: word, value: text, encoding: used, bytes: value.length };
    await terminal.write(`${JSON.stringify(answer)}\n`);
    return exitCodes.ok;
  }
  if (isTextEncoding(encoding) && encoding !== 'utf8') {
    await terminal.write(`${encodeBytes(value, encoding).text}\n`);
    return exitCodes.ok;
  }
  if (encoding === 'utf8') await terminal.write(`${checkedUtf8(value, word)}\n`);
  else await terminal.write(value);
  return exitCodes.ok;
}

function checkedUtf8(value: Uint8Array, word: string): string {
  const { text, encoding } = encodeBytes(value, 'utf8');
  if (encoding === 'utf8') return text;
  throw new ThemisError(
    'THEMIS_USAGE',
    `the value of ${JSON.stringify(word)} is not UTF-8; use --encoding raw, hex or base64`,
  );
}
