/** themis put <key> [value] */
import { must, ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { decodeText, isTextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import { countedChunks } from './transfer.js';
import { bytesText } from './units-text.js';
import { fileSource, stdinSource, type ValueSource } from './value-source.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const value = givenValue(context);
  const bytes = await withStore(context, { createIfMissing: true }, async (store) => {
    if (value instanceof Uint8Array) {
      await store.put(key, value);
      return value.length;
    }
    const counted = countedChunks(value.chunks);
    await store.putStream(key, counted.chunks);
    return counted.bytes();
  });
  const { style } = terminal;
  if (context.isJson) {
    await terminal.write(`${JSON.stringify({ key: word, bytes })}\n`);
  } else if (terminal.isTty) {
    await terminal.write(`${style.good('stored')} ${word} (${bytesText(bytes)})\n`);
  }
  return exitCodes.ok;
}

function givenValue(context: CommandContext): Uint8Array | ValueSource {
  const word = context.words[1];
  const file = context.settings.text('file');
  if (word !== undefined && file !== null) {
    throw new ThemisError('THEMIS_USAGE', 'give either a value or --file, not both');
  }
  const name = context.settings.text('encoding') ?? 'utf8';
  if (word !== undefined) {
    return decodeText(word, isTextEncoding(name) ? name : 'utf8', 'the value');
  }
  if (file !== null) return fileSource(context, file, '--file');
  return stdinSource(context, 'a value is needed: as an argument, --file or stdin');
}
