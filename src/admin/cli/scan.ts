/** themis scan: entries in the order of their keys. */
import { must } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { encodeBytes, isTextEncoding, type TextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyEncodingOf } from './key-argument.js';
import { rangeOf } from './key-range.js';
import type { ListedEntry, Store } from './store.js';
import { fit, printable } from './text-width.js';
import { bytesText } from './units-text.js';
import { throwIfAborted, withStore } from './with-store.js';

/** What is printed of an entry. */
type Shown =
  | { readonly kind: 'key' }
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  /** The value lies on devices and was not asked for. */
  | { readonly kind: 'large'; readonly length: number };

export async function run(context: CommandContext): Promise<ExitCode> {
  const range = rangeOf(context);
  const line = lineWriter(context);
  await withStore(context, { createIfMissing: false }, async (store) => {
    for await (const entry of store.list(range)) {
      throwIfAborted(context.signal);
      const shown = await shownOf(context, store, entry);
      if (shown !== null) await context.terminal.write(line(entry[0], shown));
    }
  });
  return exitCodes.ok;
}

/** Null for a value that was deleted since the scan began: it is not there to be read. */
async function shownOf(
  { settings }: CommandContext,
  store: Store,
  [key, value]: ListedEntry,
): Promise<Shown | null> {
  if (settings.isOn('keysOnly')) return { kind: 'key' };
  if (value !== null) return { kind: 'value', bytes: value };
  if (settings.isOn('large')) {
    const bytes = await store.get(key);
    return bytes === undefined ? null : { kind: 'value', bytes };
  }
  const stat = await store.stat(key);
  return stat === undefined ? null : { kind: 'large', length: stat.bytes };
}

function lineWriter(context: CommandContext): (key: Uint8Array, shown: Shown) => string {
  const { settings, terminal } = context;
  const name = settings.text('encoding') ?? 'utf8';
  const encoding = must(isTextEncoding(name) ? name : null, 'the flag allows text encodings alone');
  const keyEncoding = keyEncodingOf(context);
  if (context.isJson) {
    return (key, shown) => {
      const { text, encoding: used } = encodeBytes(key, keyEncoding);
      const entry = { key: text, keyEncoding: used, ...valueFields(shown, encoding) };
      return `${JSON.stringify(entry)}\n`;
    };
  }
  return (key, shown) => {
    const text = textOf(key, keyEncoding);
    switch (shown.kind) {
      case 'key':
        return `${text}\n`;
      case 'large':
        return `${text}\t<${bytesText(shown.length)} on devices>\n`;
      case 'value':
        return `${fit(`${text}\t${textOf(shown.bytes, encoding)}`, terminal.columns)}\n`;
    }
  };
}

function valueFields(shown: Shown, encoding: TextEncoding): object {
  switch (shown.kind) {
    case 'key':
      return {};
    case 'large':
      return { value: null, encoding: null, bytes: shown.length };
    case 'value': {
      const { text, encoding: used } = encodeBytes(shown.bytes, encoding);
      return { value: text, encoding: used, bytes: shown.bytes.length };
    }
  }
}

function textOf(bytes: Uint8Array, encoding: TextEncoding): string {
  return encoding === 'utf8' ? printable(bytes) : encodeBytes(bytes, encoding).text;
}
