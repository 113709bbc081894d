/** themis get <key> */
import { must, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { encodeBytes, isTextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import type { Store } from './store.js';
import { bytesText } from './units-text.js';
import { throwIfAborted, withStore } from './with-store.js';

/** Longest value that becomes one text: base64 and JSON make it longer, and texts have a limit. */
const textBytesMax = 128 * 1024 * 1024;

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const encoding = context.settings.text('encoding') ?? 'raw';
  const isText = context.isJson || isTextEncoding(encoding);
  await withStore(context, { createIfMissing: false }, async (store) => {
    const stat = await store.stat(key);
    if (stat === undefined) {
      throw new ThemisError('THEMIS_KEY_NOT_FOUND', `there is no key ${JSON.stringify(word)}`);
    }
    if (!isText) await writeRaw(context, store, key);
    else await context.terminal.write(await textOf(context, store, { word, key }, stat.bytes));
  });
  return exitCodes.ok;
}

async function writeRaw(context: CommandContext, store: Store, key: Uint8Array): Promise<void> {
  for await (const chunk of store.getStream(key, {})) {
    throwIfAborted(context.signal);
    await context.terminal.write(chunk);
  }
}

async function textOf(
  { isJson, settings }: CommandContext,
  store: Store,
  { word, key }: { readonly word: string; readonly key: Uint8Array },
  bytes: number,
): Promise<string> {
  if (bytes > textBytesMax) {
    const message = `the value has ${bytesText(bytes)}, too much for one text; use themis object get`;
    throw new ThemisError('THEMIS_USAGE', message);
  }
  const value = must(await store.get(key), 'the value that was there a moment ago');
  const encoding = settings.text('encoding') ?? 'raw';
  if (isJson) {
    const shown = encodeBytes(value, isTextEncoding(encoding) ? encoding : 'utf8');
    const answer = { key: word, value: shown.text, encoding: shown.encoding, bytes: value.length };
    return `${JSON.stringify(answer)}\n`;
  }
  if (encoding === 'utf8') return `${checkedUtf8(value, word)}\n`;
  return `${encodeBytes(value, isTextEncoding(encoding) ? encoding : 'base64').text}\n`;
}

function checkedUtf8(value: Uint8Array, word: string): string {
  const { text, encoding } = encodeBytes(value, 'utf8');
  if (encoding === 'utf8') return text;
  throw new ThemisError(
    'THEMIS_USAGE',
    `the value of ${JSON.stringify(word)} is not UTF-8; use --encoding raw, hex or base64`,
  );
}
