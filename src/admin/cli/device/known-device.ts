/** The device that a command names, and whether it may go. */
import { ThemisError } from '../../../base/index.js';
import type { DeviceStatus } from '../../../engine/index.js';
import type { CommandContext } from '../command.js';
import { runRepair } from '../repair-run.js';
import type { Store } from '../store.js';

/** Throws THEMIS_USAGE for what is no number of a device of this store. */
export async function knownDevice(store: Store, word: string): Promise<DeviceStatus> {
  const devices = await store.devices();
  const found = devices.find(({ number }) => String(number) === word);
  if (found !== undefined) return found;
  const known = devices.map(({ number, path }) => `${number} (${path})`).join(', ');
  const there = known === '' ? 'this store has none yet' : `there are ${known}`;
  throw new ThemisError('THEMIS_USAGE', `${JSON.stringify(word)} is no device; ${there}`);
}

/**
 * A device that works takes fragments with it. Throws THEMIS_DEVICES_TOO_FEW when a value is not
 * whole already: then what it takes may be missed.
 */
export async function checkAllWhole(context: CommandContext, store: Store): Promise<void> {
  const { job } = await runRepair(context, store, { kind: 'survey' });
  if (job.success) return;
  throw new ThemisError(
    'THEMIS_DEVICES_TOO_FEW',
    `some large values are not whole (${job.errorMessage ?? 'the survey did not end'}), and ` +
      'what this device holds may be needed; repair first, or insist with --force',
  );
}
