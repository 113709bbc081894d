/** themis put <key> [value] */

import { must, ThemisError } from '../../base/index.js';
import { limits } from '../../config/index.js';
import type { CommandContext } from './command.js';
import { decodeText, isTextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import { readWholeFile } from './read-file.js';
import { bytesText } from './units-text.js';
import { absolute, withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const value = await readValue(context);
  await withStore(context, { createIfMissing: true }, (store) => store.put(key, value));
  const { style } = terminal;
  if (context.isJson) {
    await terminal.write(`${JSON.stringify({ key: word, bytes: value.length })}\n`);
  } else if (terminal.isTty) {
    await terminal.write(`${style.good('stored')} ${word} (${bytesText(value.length)})\n`);
  }
  return exitCodes.ok;
}

async function readValue(context: CommandContext): Promise<Buffer> {
  const word = context.words[1];
  const file = context.settings.text('file');
  if (word !== undefined && file !== null) {
    throw new ThemisError('THEMIS_USAGE', 'give either a value or --file, not both');
  }
  const name = context.settings.text('encoding') ?? 'utf8';
  if (word !== undefined) {
    return decodeText(word, isTextEncoding(name) ? name : 'utf8', 'the value');
  }
  if (file !== null) return readValueFile(context, file);
  return readStdin(context);
}

function readValueFile(context: CommandContext, file: string): Buffer {
  const { fileSystem } = context.environment;
  const path = absolute(context, file);
  const found = fileSystem.stat(path);
  if (found === null) throw new ThemisError('THEMIS_USAGE', `--file ${path} does not exist`);
  if (found.kind === 'directory') {
    throw new ThemisError('THEMIS_USAGE', `--file ${path} is a folder; give one file`);
  }
  checkSize(found.bytes);
  const bytes = readWholeFile(fileSystem, path);
  checkSize(bytes.length);
  return bytes;
}

async function readStdin(context: CommandContext): Promise<Buffer> {
  const { stdin } = context.environment;
  if (stdin.isTTY === true) {
    throw new ThemisError('THEMIS_USAGE', 'a value is needed: as an argument, --file or stdin');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    checkSize(length);
  }
  return Buffer.concat(chunks, length);
}

function checkSize(bytes: number): void {
  if (bytes <= limits.valueBytesMax) return;
  const most = bytesText(limits.valueBytesMax);
  throw new ThemisError('THEMIS_VALUE_TOO_LARGE', `a value has at most ${most}; this is larger`);
}
