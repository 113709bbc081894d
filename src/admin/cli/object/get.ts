/** themis object get <key> [file] */
import { must, ThemisError } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { keyOf } from '../key-argument.js';
import type { Store } from '../store.js';
import { startTransfer } from '../transfer.js';
import { bytesText, durationText, throughputText } from '../units-text.js';
import { absolute, withStore } from '../with-store.js';
import { type ByteSpan, byteSpan } from './byte-range.js';
import { openTarget } from './target-file.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const file = context.words[1] ?? '-';
  if (file === '-' && context.isJson) {
    const message = 'with -o json name a file: stdout cannot hold the value and the answer';
    throw new ThemisError('THEMIS_USAGE', message);
  }
  await withStore(context, { createIfMissing: false }, async (store) => {
    const stat = await store.stat(key);
    if (stat === undefined) {
      throw new ThemisError('THEMIS_KEY_NOT_FOUND', `there is no key ${JSON.stringify(word)}`);
    }
    const range = context.settings.text('range');
    const span = range === null ? { start: 0, end: stat.bytes } : byteSpan(range, stat.bytes);
    if (file === '-') await writeOut(context, store, key, span);
    else await writeFile(context, store, { word, key, span, file });
  });
  return exitCodes.ok;
}

async function writeOut(
  context: CommandContext,
  store: Store,
  key: Uint8Array,
  span: ByteSpan,
): Promise<void> {
  const transfer = begin(context, store, key, span);
  try {
    for await (const chunk of transfer.chunks) await context.terminal.write(chunk);
  } finally {
    transfer.end();
  }
}

interface FileCopy {
  readonly word: string;
  readonly key: Uint8Array;
  readonly span: ByteSpan;
  readonly file: string;
}

/** The file has its name when it is whole: what is cut short leaves what was there before. */
async function writeFile(
  context: CommandContext,
  store: Store,
  { word, key, span, file }: FileCopy,
): Promise<void> {
  const path = absolute(context, file);
  const target = openTarget(context.environment.fileSystem, path);
  const transfer = begin(context, store, key, span);
  try {
    for await (const chunk of transfer.chunks) target.write(chunk);
    target.finish();
  } finally {
    transfer.end();
    target.close();
  }
  const { bytes, durationMs } = transfer.end();
  const { terminal, isJson } = context;
  if (isJson) {
    await terminal.write(`${JSON.stringify({ key: word, file: path, bytes, durationMs })}\n`);
  } else if (terminal.isTty) {
    const pace = `${durationText(durationMs)}, ${throughputText(bytes, durationMs)}`;
    const what = `${file} (${bytesText(bytes)}) in ${pace}, every byte verified`;
    await terminal.write(`${terminal.style.good('wrote')} ${what}\n`);
  }
}

function begin(context: CommandContext, store: Store, key: Uint8Array, span: ByteSpan) {
  const source = store.getStream(key, span);
  return startTransfer(context, 'Reading', source, span.end - span.start);
}
