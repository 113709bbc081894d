/** themis scan: entries in the order of their keys. */
import { ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { encodeBytes, isTextEncoding, type TextEncoding } from './encoding.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyEncodingOf, keyOf } from './key-argument.js';
import type { StoreRange } from './store.js';
import { fit, printable } from './text-width.js';
import { throwIfAborted, withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const range = rangeOf(context);
  const line = lineWriter(context);
  await withStore(context, { createIfMissing: false }, async (store) => {
    for await (const [key, value] of store.scan(range)) {
      throwIfAborted(context.signal);
      await context.terminal.write(line(key, value));
    }
  });
  return exitCodes.ok;
}

function rangeOf(context: CommandContext): StoreRange {
  const { settings } = context;
  const bound = (name: string): Buffer | undefined => {
    const word = settings.text(name);
    return word === null ? undefined : keyOf(context, word);
  };
  const prefix = bound('prefix');
  const [gte, lt] = [bound('gte'), bound('lt')];
  if (prefix !== undefined && (gte !== undefined || lt !== undefined)) {
    throw new ThemisError('THEMIS_USAGE', 'give either --prefix or --gte and --lt, not both');
  }
  const from = prefix ?? gte;
  const to = prefix === undefined ? lt : afterPrefix(prefix);
  const limit = settings.number('limit');
  return {
    ...(from === undefined ? {} : { gte: from }),
    ...(to === undefined ? {} : { lt: to }),
    ...(limit === null ? {} : { limit }),
    reverse: settings.isOn('reverse'),
  };
}

/** The first key after all that begin with the prefix; undefined when there is none. */
export function afterPrefix(prefix: Uint8Array): Buffer | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const end = Buffer.from(prefix.subarray(0, length));
  end[length - 1] = (end[length - 1] as number) + 1;
  return end;
}

function lineWriter(context: CommandContext): (key: Uint8Array, value: Uint8Array) => string {
  const { settings, terminal } = context;
  const keysOnly = settings.isOn('keysOnly');
  const name = settings.text('encoding') ?? 'utf8';
  const encoding: TextEncoding = isTextEncoding(name) ? name : 'utf8';
  const keyEncoding = keyEncodingOf(context);
  if (context.isJson) {
    return (key, value) => {
      const shown = encodeBytes(key, keyEncoding);
      const id = { key: shown.text, keyEncoding: shown.encoding };
      if (keysOnly) return `${JSON.stringify(id)}\n`;
      const { text, encoding: used } = encodeBytes(value, encoding);
      const entry = { ...id, value: text, encoding: used, bytes: value.length };
      return `${JSON.stringify(entry)}\n`;
    };
  }
  return (key, value) => {
    const shown = textOf(key, keyEncoding);
    if (keysOnly) return `${shown}\n`;
    return `${fit(`${shown}\t${textOf(value, encoding)}`, terminal.columns)}\n`;
  };
}

function textOf(bytes: Uint8Array, encoding: TextEncoding): string {
  return encoding === 'utf8' ? printable(bytes) : encodeBytes(bytes, encoding).text;
}
