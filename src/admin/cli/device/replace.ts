/** themis device replace <number> <path> */
import { must } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import type { ExitCode } from '../exit-codes.js';
import { runRepair, tellRepair } from '../repair-run.js';
import { absolute, withStore } from '../with-store.js';
import { checkAllWhole, knownDevice } from './known-device.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <number>');
  const path = absolute(context, must(context.words[1], 'the parser requires <path>'));
  const { settings, terminal, isJson } = context;
  const outcome = await withStore(context, { createIfMissing: false }, async (store) => {
    const old = await knownDevice(store, word);
    // One that failed gives nothing: the sooner it is replaced the better.
    const isMissed = old.state !== 'failed' && old.role === 'active';
    if (isMissed && !settings.isOn('force')) await checkAllWhole(context, store);
    const device = await store.replaceDevice(old.number, path);
    if (!isJson) {
      await terminal.write(`device ${device.number} (${path}) replaces device ${old.number}\n`);
    }
    return runRepair(context, store, { kind: 'survey' });
  });
  return tellRepair(context, outcome);
}
