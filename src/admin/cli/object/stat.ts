/** themis object stat <key> */
import { must, ThemisError } from '../../../base/index.js';
import type { ValueStat } from '../../../engine/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { keyOf } from '../key-argument.js';
import { renderPairs } from '../table.js';
import { bytesText, countText, plural } from '../units-text.js';
import { withStore } from '../with-store.js';
import { fragmentsText, keptText } from './kept-text.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <key>');
  const key = keyOf(context, word);
  const stat = await withStore(context, { createIfMissing: false }, (store) => store.stat(key));
  if (stat === undefined) {
    throw new ThemisError('THEMIS_KEY_NOT_FOUND', `there is no key ${JSON.stringify(word)}`);
  }
  const text = context.isJson
    ? `${JSON.stringify({ key: word, ...stat })}\n`
    : renderPairs(statPairs(word, stat));
  await context.terminal.write(text);
  return exitCodes.ok;
}

export function statPairs(key: string, stat: ValueStat): [name: string, value: string][] {
  const { bytes, large } = stat;
  const pairs: [string, string][] = [
    ['key', key],
    ['size', `${bytesText(bytes)} (${countText(bytes)} bytes)`],
  ];
  if (large === null) return [...pairs, ['kept as', 'inline, in the log and the state']];
  const missing = large.fragments - large.present;
  const lack =
    missing === 0
      ? ''
      : `; ${plural(missing, 'is', 'are')} missing, and made anew by itself (or now: themis repair)`;
  const loss =
    large.parity === 0
      ? 'no device of them may be lost'
      : `any ${plural(large.parity, 'device')} may be lost`;
  return [
    ...pairs,
    ['kept as', `${keptText(stat)} in ${plural(large.stripes, 'stripe')}: ${loss}`],
    ['fragments', `${fragmentsText(stat)} on devices${lack}`],
    ['blob', String(large.blob)],
  ];
}
