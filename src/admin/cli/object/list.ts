/** themis object list: keys with their sizes; values are not read. */
import type { ValueStat } from '../../../engine/index.js';
import type { CommandContext } from '../command.js';
import { encodeBytes } from '../encoding.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { keyEncodingOf } from '../key-argument.js';
import { rangeOf } from '../key-range.js';
import type { ListedEntry, Store } from '../store.js';
import { fit, pad, printable } from '../text-width.js';
import { bytesText } from '../units-text.js';
import { throwIfAborted, withStore } from '../with-store.js';
import { fragmentsText, keptText } from './kept-text.js';

/** Columns of fixed width: lines are printed as they are found, however many there are. */
const widths = { size: 10, kept: 10, fragments: 14 } as const;

export async function run(context: CommandContext): Promise<ExitCode> {
  const range = rangeOf(context);
  const { terminal, isJson } = context;
  const line = lineWriter(context);
  await withStore(context, { createIfMissing: false }, async (store) => {
    if (terminal.isTty && !isJson) {
      const titles = columns('Size', 'Kept as', 'Fragments', 'Key');
      await terminal.write(`${terminal.style.bold(titles)}\n`);
    }
    for await (const entry of store.list(range)) {
      throwIfAborted(context.signal);
      const stat = await statOf(store, entry);
      if (stat !== undefined) await terminal.write(`${line(entry[0], stat)}\n`);
    }
  });
  return exitCodes.ok;
}

async function statOf(store: Store, [key, value]: ListedEntry): Promise<ValueStat | undefined> {
  return value === null ? store.stat(key) : { bytes: value.length, large: null };
}

function lineWriter(context: CommandContext): (key: Uint8Array, stat: ValueStat) => string {
  const encoding = keyEncodingOf(context);
  const { terminal, isJson } = context;
  if (isJson) {
    return (key, stat) => {
      const { text, encoding: keyEncoding } = encodeBytes(key, encoding);
      return JSON.stringify({ key: text, keyEncoding, ...stat });
    };
  }
  return (key, stat) => {
    const name = encoding === 'utf8' ? printable(key) : encodeBytes(key, encoding).text;
    const text = columns(bytesText(stat.bytes), keptText(stat), fragmentsText(stat), name);
    return fit(text, terminal.columns);
  };
}

function columns(size: string, kept: string, fragments: string, key: string): string {
  const cells = [
    pad(size, widths.size, 'right'),
    pad(kept, widths.kept, 'left'),
    pad(fragments, widths.fragments, 'left'),
    key,
  ];
  return cells.join('  ');
}
