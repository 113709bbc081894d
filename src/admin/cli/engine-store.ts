/** The engine as the store of the commands. */

import { must } from '../../base/index.js';
import { redundancyOf } from '../../config/index.js';
import type {
  DeviceStatus,
  RecoveryReport as EngineRecovery,
  StoreStatus as EngineStatus,
  ValueStat,
} from '../../engine/index.js';
import { open, type Themis } from '../../engine/index.js';
import { codeOfRedundancy, type RepairJob } from '../../shard/index.js';
import type {
  ListedEntry,
  RecoveryReport,
  RedundancyStatus,
  StatusSection,
  Store,
  StoreHealth,
  StoreOptions,
  StoreRange,
  StoreStatus,
  ValuePart,
} from './store.js';
import { bytesText, countText } from './units-text.js';

const bytesBothWays = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
const withoutLarge = { ...bytesBothWays, largeValues: false } as const;

export async function openEngineStore(folder: string, options: StoreOptions): Promise<Store> {
  const { createIfMissing, engine } = options;
  const db = await open(folder, { ...engine, createIfMissing, ...bytesBothWays });
  return new EngineStore(db);
}

class EngineStore implements Store {
  readonly #db: Themis;

  constructor(db: Themis) {
    this.#db = db;
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    return this.#db.put<Uint8Array, Uint8Array>(key, value, bytesBothWays);
  }

  del(key: Uint8Array): Promise<void> {
    return this.#db.del<Uint8Array>(key, bytesBothWays);
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#db.get<Uint8Array, Uint8Array>(key, bytesBothWays);
  }

  scan(range: StoreRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    return this.#db.iterator<Uint8Array, Uint8Array>({ ...range, ...bytesBothWays });
  }

  async *list(range: StoreRange): AsyncGenerator<ListedEntry> {
    const options = { ...range, ...withoutLarge };
    const entries = this.#db.iterator<Uint8Array, Uint8Array | undefined>(options);
    for await (const [key, value] of entries) yield [key, value ?? null];
  }

  putStream(key: Uint8Array, source: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#db.putStream(key, source);
  }

  getStream(key: Uint8Array, part: ValuePart): AsyncIterable<Uint8Array> {
    return this.#db.getStream(key, part);
  }

  stat(key: Uint8Array): Promise<ValueStat | undefined> {
    return this.#db.stat(key);
  }

  devices(): Promise<readonly DeviceStatus[]> {
    return this.#db.devices();
  }

  addDevice(path: string, isSpare: boolean): Promise<DeviceStatus> {
    return this.#db.addDevice(path, { spare: isSpare });
  }

  replaceDevice(device: number, path: string): Promise<DeviceStatus> {
    return this.#db.replaceDevice(device, path);
  }

  removeDevice(device: number): Promise<void> {
    return this.#db.removeDevice(device);
  }

  repair(key: Uint8Array | null, onProgress: (job: RepairJob) => void): Promise<RepairJob> {
    return this.#db.repair(key === null ? { onProgress } : { key, onProgress });
  }

  scrub(onProgress: (job: RepairJob) => void): Promise<RepairJob> {
    return this.#db.scrub({ onProgress });
  }

  async status(): Promise<StoreStatus> {
    const status = await this.#db.info();
    return {
      recovery: recoveryOf(status.recovery, status.location),
      redundancy: redundancyStatus(status),
      sections: sectionsOf(status),
      details: { ...status },
    };
  }

  async health(): Promise<StoreHealth> {
    const { verdict, findings, devices, shards } = await this.#db.health();
    const notes = findings.length === 0 ? '' : ` ${findings.join(' ')}`;
    const large = { devices, shards };
    switch (verdict) {
      case 'healthy':
        return { isHealthy: true, headline: 'Healthy; every check passed.', ...large };
      case 'degraded':
        return { isHealthy: true, headline: `Healthy, with notes:${notes}`, ...large };
      case 'failed':
        return { isHealthy: false, headline: `Failed:${notes}`, ...large };
    }
  }

  takeSnapshot(): Promise<void> {
    return this.#db.takeSnapshot();
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

/** Paths are shown below the store's folder: that folder is known, and long. */
function recoveryOf(report: EngineRecovery, location: string): RecoveryReport {
  const { rebuilt, damages, setAside } = report;
  const below = (text: string): string => text.replaceAll(`${location}/`, '');
  const state = rebuilt === null ? [] : [`state: ${rebuilt.why}; rebuilt from ${rebuilt.from}`];
  const aside = setAside.map((path) => `damaged file moved to ${path}`);
  return {
    durationMs: report.durationMs,
    records: report.logRecords,
    bytes: report.logBytes,
    tornBytes: report.tornTail?.bytes ?? 0,
    repairs: [...state, ...damages, ...aside].map(below),
    isStateRebuilt: rebuilt !== null,
    filesSetAside: setAside.length,
  };
}

function redundancyStatus(status: EngineStatus): RedundancyStatus {
  const { redundancy: words, redundancyByPrefix: byPrefix } = status;
  const widths = [words, ...Object.values(byPrefix)].map((one) => {
    const { data, parity } = codeOfRedundancy(must(redundancyOf(one), 'the words of the engine'));
    return data + parity;
  });
  return { words, byPrefix, width: Math.max(...widths) };
}

function sectionsOf(status: EngineStatus): StatusSection[] {
  const behind = status.committedIndex - status.appliedIndex;
  return [
    {
      title: 'Store',
      pairs: [
        ['folder', status.location],
        ['durability', `${status.durability} (${status.syncMode})`],
        ['kernel', status.kernel.reason],
      ],
    },
    {
      title: 'Log',
      pairs: [
        ['committed', `record ${countText(status.committedIndex)}`],
        ['ring', `${bytesText(status.ringUsedBytes)} of ${bytesText(status.ringBytes)} in use`],
        ['newest snapshot', snapshotText(status.snapshotIndex)],
      ],
    },
    {
      title: 'State',
      pairs: [
        ['applied', `record ${countText(status.appliedIndex)}, ${countText(behind)} behind`],
        ['pending', `${countText(status.pendingOperations)} operations`],
        ['open snapshots', countText(status.liveSnapshots)],
        ['rebuilt', `${countText(status.stateRebuilds)} times`],
      ],
    },
  ];
}

function snapshotText(index: number): string {
  return index === 0 ? 'none yet' : `of record ${countText(index)}`;
}
