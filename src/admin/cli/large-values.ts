/** What `status` says of large values: how whole they are, and on what they lie. */
import { messageOf } from '../../base/index.js';
import type { FileSystem } from '../../io/index.js';
import { loadCodingKernel } from '../../kernel/index.js';
import type { ShardHealthReport } from '../../shard/index.js';
import { deviceCounts, sharedDriveText } from './device-text.js';
import type { RedundancyStatus, StatusSection, Store, StoreHealth } from './store.js';
import { countText, plural } from './units-text.js';

export interface LargeValuesParts {
  readonly health: StoreHealth;
  readonly redundancy: RedundancyStatus;
  readonly fileSystem: FileSystem;
  /** The coder that was forced, or null. */
  readonly coder: string | null;
}

/**
 * Resolves when what is on the devices was compared with what must be there; repairs that this
 * finds to do go on behind it.
 */
export async function surveyed(store: Store): Promise<void> {
  if ((await store.devices()).length === 0) return;
  await new Promise<void>((resolve, reject) => {
    store.repair(null, () => resolve()).then(() => resolve(), reject);
  });
}

export function largeValuesSection(parts: LargeValuesParts): StatusSection {
  const { health, redundancy, fileSystem, coder } = parts;
  const { devices, shards } = health;
  const note = sharedDriveText(fileSystem, devices);
  return {
    title: 'Large values',
    pairs: [
      ['redundancy', redundancyText(redundancy)],
      ['coder', coderText(coder)],
      ...shards.map((report): [string, string] => ['values', shardText(report)]),
      ['devices', devices.length === 0 ? 'none yet' : deviceCounts(devices)],
      ...(note === null ? [] : [['note', note] as const]),
    ],
  };
}

function redundancyText({ words, byPrefix }: RedundancyStatus): string {
  const rules = Object.entries(byPrefix).map(([prefix, rule]) => `${prefix} ${rule}`);
  return [words, ...rules].join(', ');
}

/** Which coder is active, and why not a better one. */
function coderText(force: string | null): string {
  try {
    return loadCodingKernel({ force: force ?? undefined }).reason;
  } catch (error) {
    return `none: ${messageOf(error)}`;
  }
}

/** `REBUILDING: 1,204 in all, 34 lack fragments`. */
export function shardText(report: ShardHealthReport): string {
  const { status, documentsScanned, documentsDegraded, documentsUnrecoverable } = report;
  const parts = [plural(documentsScanned, 'value')];
  if (documentsDegraded > 0) parts.push(`${countText(documentsDegraded)} lack fragments`);
  if (documentsUnrecoverable > 0) parts.push(`${countText(documentsUnrecoverable)} are lost`);
  if (documentsDegraded + documentsUnrecoverable === 0) parts.push('all are whole');
  return `${status}: ${parts.join(', ')}`;
}
