/** themis device remove <number> */
import { must, ThemisError } from '../../../base/index.js';
import type { DeviceStatus } from '../../../engine/index.js';
import type { CommandContext } from '../command.js';
import type { ExitCode } from '../exit-codes.js';
import { runRepair, tellRepair } from '../repair-run.js';
import type { Store } from '../store.js';
import { plural } from '../units-text.js';
import { withStore } from '../with-store.js';
import { checkAllWhole, knownDevice } from './known-device.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = must(context.words[0], 'the parser requires <number>');
  const { settings, terminal, isJson } = context;
  const outcome = await withStore(context, { createIfMissing: false }, async (store) => {
    const device = await knownDevice(store, word);
    const isMissed = device.role === 'active';
    if (isMissed && !settings.isOn('force')) {
      await checkEnoughAreLeft(store, device);
      await checkAllWhole(context, store);
    }
    await store.removeDevice(device.number);
    if (!isJson) {
      await terminal.write(`device ${device.number} is out; ${device.path} stays as it is\n`);
    }
    return runRepair(context, store, { kind: 'survey' });
  });
  return tellRepair(context, outcome);
}

async function checkEnoughAreLeft(store: Store, device: DeviceStatus): Promise<void> {
  const { redundancy } = await store.status();
  const devices = await store.devices();
  const left = devices.filter(
    ({ number, role, state }) =>
      number !== device.number && role === 'active' && state !== 'failed',
  );
  if (left.length >= redundancy.width) return;
  throw new ThemisError(
    'THEMIS_DEVICES_TOO_FEW',
    `without device ${device.number} there are ${plural(left.length, 'device')} that work, and ` +
      `the redundancy (${redundancy.words}) needs ${redundancy.width}; add one first with themis ` +
      'device add, or insist with --force',
  );
}
