/** themis object put <key> [file] */
import { must } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { keyOf } from '../key-argument.js';
import { startTransfer } from '../transfer.js';
import { bytesText, durationText, throughputText } from '../units-text.js';
import { fileSource, stdinSource } from '../value-source.js';
import { withStore } from '../with-store.js';
import { keptText } from './kept-text.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const file = context.words[1] ?? '-';
  const source =
    file === '-'
      ? stdinSource(context, 'a value is needed: name a file, or pipe something in')
      : fileSource(context, file, 'the file');
  const stored = await withStore(context, { createIfMissing: true }, async (store) => {
    const transfer = startTransfer(context, 'Storing', source.chunks, source.bytes);
    try {
      await store.putStream(key, transfer.chunks);
    } finally {
      transfer.end();
    }
    const { bytes, durationMs } = transfer.end();
    return { bytes, durationMs, large: (await store.stat(key))?.large ?? null };
  });
  await tell(context, word, stored);
  return exitCodes.ok;
}

async function tell(
  { terminal, isJson }: CommandContext,
  key: string,
  stored: Parameters<typeof keptText>[0] & { bytes: number; durationMs: number },
): Promise<void> {
  const { bytes, durationMs } = stored;
  if (isJson) {
    await terminal.write(`${JSON.stringify({ key, ...stored })}\n`);
  } else if (terminal.isTty) {
    const pace = `${durationText(durationMs)}, ${throughputText(bytes, durationMs)}`;
    const what = `${key} (${bytesText(bytes)}) as ${keptText(stored)} in ${pace}`;
    await terminal.write(`${terminal.style.good('stored')} ${what}\n`);
  }
}
