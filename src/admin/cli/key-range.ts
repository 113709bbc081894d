/** The range of keys that the flags of scan and list ask for. */
import { ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { keyOf } from './key-argument.js';
import type { StoreRange } from './store.js';

/** Throws THEMIS_USAGE when the flags contradict each other. */
export function rangeOf(context: CommandContext): StoreRange {
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
