/**
 * Large values, as the store sees them: devices, blobs and their repair, opened with the store when
 * it has large values, otherwise with the first one, so that others pay nothing.
 *
 * What died is forgotten when that is durable: a log that promises less than a sync is synced
 * first, so that a crash never brings back a name without its data.
 */
import { isThemisError, ThemisError, unreachable } from '../base/index.js';
import { limits, type ValidatedOptions } from '../config/index.js';
import { DeviceSet, type DeviceView } from '../device/index.js';
import type { BlobEntry, BlobReference } from '../metadata/index.js';
import {
  type BlobDraft,
  BlobStore,
  type BlobWriteStream,
  type ByteRange,
  decodeManifest,
  RedundancyRules,
  type RepairJob,
  type RepairMetrics,
  type ShardHealthReport,
  ShardRepairEngine,
  stripeCount,
} from '../shard/index.js';
import type { Identity } from '../wal/index.js';
import type { Backend } from './backend.js';
import type { BlobCatalog } from './blob-catalog.js';
import type { DeviceStatus, RepairRequest, ValueStat } from './status.js';
import type { BlobSource } from './store.js';
import type { BlobSink } from './value-writer.js';

export interface BlobLayerParts {
  readonly backend: Backend;
  readonly options: ValidatedOptions;
  readonly identity: Identity;
  readonly catalog: BlobCatalog;
  /** Resolves when all that the log had at the open is applied. */
  readonly recovered: () => Promise<void>;
  /** Makes all that was committed survive a power cut. */
  readonly syncLog: () => Promise<void>;
  /** The blob that is the value of a key now; null when it is none. */
  readonly find: (key: Uint8Array) => Promise<BlobEntry | null>;
  readonly metrics: RepairMetrics;
}

interface OpenedLayer {
  readonly devices: DeviceSet;
  readonly blobs: BlobStore;
  readonly repair: ShardRepairEngine;
}

export class BlobLayer implements BlobSource, BlobSink {
  readonly #parts: BlobLayerParts;
  #opening: Promise<OpenedLayer> | null = null;
  #opened: OpenedLayer | null = null;
  #dead: BlobReference[] = [];
  #burying: Promise<void> | null = null;
  #collecting: Promise<void> | null = null;
  #isClosed = false;
  #garbageFailure: ThemisError | null = null;

  constructor(parts: BlobLayerParts) {
    this.#parts = parts;
  }

  /** True when some value may lie on devices. */
  get inUse(): boolean {
    return this.#opened !== null;
  }

  /** Why what crashed writes left could not be collected, or null. */
  get garbageFailure(): ThemisError | null {
    return this.#garbageFailure;
  }

  get devices(): readonly DeviceStatus[] {
    return this.#opened?.devices.devices.map(statusOf) ?? [];
  }

  /** How the shard of large values is; empty while there are none. */
  get reports(): readonly ShardHealthReport[] {
    return this.#opened?.repair.getShardHealthReports() ?? [];
  }

  /** Brings the gauges of repair up to date. */
  sample(): void {
    this.#opened?.repair.sample();
  }

  /** Surveys or reads everything, or looks after one key, and repairs; resolves at the end. */
  async repair(what: RepairRequest, onChange: (job: RepairJob) => void): Promise<RepairJob> {
    const { repair } = await this.#open();
    await this.#collecting;
    switch (what.kind) {
      case 'survey':
        return repair.whenDone(repair.triggerRepair(onChange));
      case 'scrub':
        return repair.whenDone(repair.triggerFullScan(onChange));
      case 'key':
        return repair.whenDone(repair.triggerDocumentRepair(what.key, onChange));
      default:
        return unreachable(what);
    }
  }

  async addDevice(path: string, isSpare: boolean): Promise<DeviceStatus> {
    const { devices } = await this.#open();
    return statusOf(await devices.addDevice(path, isSpare ? 'spare' : 'active'));
  }

  async replaceDevice(device: number, path: string): Promise<DeviceStatus> {
    const { devices } = await this.#open();
    checkKnown(devices, device);
    return statusOf(await devices.replaceDevice(device, path));
  }

  async removeDevice(device: number): Promise<void> {
    const { devices } = await this.#open();
    checkKnown(devices, device);
    await devices.removeDevice(device);
  }

  async stat({ manifest, blob }: BlobReference): Promise<ValueStat> {
    const { devices } = await this.#open();
    const layout = decodeManifest(this.#parts.backend.kernel.kernel, manifest);
    const { data, parity, length } = layout;
    const stripes = stripeCount(layout);
    let present = 0;
    for (let stripe = 0; stripe < stripes; stripe++) {
      for (let number = 0; number < data + parity; number++) {
        if (devices.locate(blob, stripe, number) !== null) present++;
      }
    }
    const fragments = stripes * (data + parity);
    return { bytes: length, large: { blob, data, parity, stripes, fragments, present } };
  }

  /**
   * Opens the devices when there are large values, or when the options name devices. Throws what
   * DeviceSet.open throws.
   */
  async openIfUsed(): Promise<void> {
    const { backend, options, catalog } = this.#parts;
    const hasTable = backend.fileSystem.stat(`${options.location}/devices`) !== null;
    const isNamed = options.devices !== undefined || options.spares !== undefined;
    if (hasTable || isNamed || (await catalog.list(0, 1)).length > 0) await this.#open();
  }

  async write(key: Uint8Array, value: Uint8Array): Promise<BlobDraft> {
    const { blobs } = await this.#open();
    return blobs.write(key, value);
  }

  async openWriteStream(key: Uint8Array): Promise<BlobWriteStream> {
    const { blobs } = await this.#open();
    return blobs.openWriteStream(key);
  }

  settle(draft: BlobDraft, outcome: 'committed' | 'abandoned'): void {
    this.#opened?.blobs.settle(draft, outcome);
  }

  async read({ manifest }: BlobReference): Promise<Buffer> {
    const { blobs } = await this.#open();
    return blobs.read(manifest);
  }

  readSync({ manifest, blob }: BlobReference): Buffer {
    if (this.#opened !== null) return this.#opened.blobs.readSync(manifest);
    const message = `Blob ${blob} cannot be read: the devices are not open yet; use get().`;
    throw new ThemisError('THEMIS_BLOB_LOST', message);
  }

  async *readStream(
    { manifest }: BlobReference,
    range: ByteRange,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { blobs } = await this.#open();
    yield* blobs.readStream(manifest, range);
  }

  died(references: readonly BlobReference[]): void {
    if (this.#isClosed) return;
    this.#dead.push(...references);
    this.#burying ??= this.#bury().finally(() => {
      this.#burying = null;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#dead = [];
    // Whoever asked for the devices has been told why they did not open.
    const opened = await this.#opening?.catch(() => null);
    await this.#burying;
    await this.#collecting;
    await opened?.repair.stop();
    await opened?.blobs.close();
    await opened?.devices.close();
  }

  #open(): Promise<OpenedLayer> {
    if (this.#isClosed) {
      const message = 'The database is closing; open it again.';
      return Promise.reject(new ThemisError('THEMIS_CLOSED', message));
    }
    this.#opening ??= this.#openNow().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openNow(): Promise<OpenedLayer> {
    const { backend, options, identity, catalog, recovered } = this.#parts;
    const { kernel } = backend.kernel;
    const { location: directory } = options;
    const { fileSystem, clock, timers, random } = backend;
    const ports = { fileSystem, clock, timers, kernel };
    const rules = new RedundancyRules(options.redundancy, rulesOf(options));
    const devices = await DeviceSet.open({
      ...ports,
      ...identity,
      random,
      directory,
      paths: options.devices ?? null,
      defaultPaths: this.#defaultPaths(rules.width),
      spares: options.spares ?? [],
      kernelName: options.kernel,
      threads: backend.deviceThreads,
      volumeBytes: backend.volumeBytes,
    });
    const blobs = new BlobStore({
      ...ports,
      devices,
      compute: backend.blobCompute,
      coding: backend.coding().kernel,
      random: random.stream('blobs'),
      clusterId: identity.clusterId,
      memoryBytes: options.blobMemoryBytes,
      redundancyOf: (key) => rules.codeOf(key),
      knownBlobMax: async () => {
        await recovered();
        return catalog.highest();
      },
    });
    const repair = this.#createRepair(devices, blobs);
    const opened = { devices, blobs, repair };
    this.#opened = opened;
    this.#collecting = this.#collect(opened);
    return opened;
  }

  /** Inside the data folder, as many as the widest code needs. */
  #defaultPaths(width: number): readonly string[] {
    const { location } = this.#parts.options;
    const length = Math.max(limits.defaultDevices, width);
    return Array.from({ length }, (_, i) => `${location}/device-${i}`);
  }

  #createRepair(devices: DeviceSet, blobs: BlobStore): ShardRepairEngine {
    const { backend, options, identity, catalog, find, metrics } = this.#parts;
    const { location: directory } = options;
    const repair = new ShardRepairEngine({
      catalog: { list: (after, count) => catalog.list(after, count), find },
      devices,
      blobs,
      compute: backend.blobCompute,
      kernel: backend.kernel.kernel,
      clock: backend.clock,
      timers: backend.timers,
      random: backend.random.stream('repair'),
      place: { directory, clusterId: identity.clusterId },
      metrics,
      scrubBytesPerSecond: options.scrubBytesPerSecond,
      isBusy: () => blobs.active > 0,
      isOwnFolder: (path) => path.startsWith(`${directory}/device-`),
    });
    devices.listener = {
      deviceChanged: (device) => repair.deviceChanged(device),
      fragmentDamaged: ({ number: device }, name, why) =>
        repair.noteDamage({ ...name, device, kind: 'damaged', why }),
    };
    blobs.listener = {
      damaged: (damage) => repair.noteDamage(damage),
      incomplete: (names) => repair.noteIncomplete(new Set(names.map(({ blob }) => blob))),
    };
    return repair;
  }

  /** Once it is known what is named: forgets what crashed writes left, and begins to repair. */
  async #collect({ blobs, repair }: OpenedLayer): Promise<void> {
    const { catalog, recovered } = this.#parts;
    try {
      await recovered();
      const named = await catalog.blobs();
      await blobs.collectGarbage((blob) => named.has(blob));
      if (!this.#isClosed) repair.start();
    } catch (error) {
      if (!isThemisError(error)) throw error;
      if (error.code !== 'THEMIS_CLOSED') this.#garbageFailure = error;
    }
  }

  async #bury(): Promise<void> {
    const { blobs } = await this.#open();
    while (this.#dead.length > 0 && !this.#isClosed) {
      const dead = this.#dead;
      this.#dead = [];
      if (this.#parts.options.durability === 'buffered') await this.#parts.syncLog();
      blobs.died(dead);
    }
  }
}

function statusOf(device: DeviceView): DeviceStatus {
  const { number, id, path, role, state, why } = device;
  const { fragments, liveBytes, deadBytes, freeBytes } = device;
  return { number, id, path, role, state, why, fragments, liveBytes, deadBytes, freeBytes };
}

function checkKnown(devices: DeviceSet, number: number): void {
  if (devices.devices.some((device) => device.number === number)) return;
  const known = devices.devices.map((device) => `${device.number} (${device.path})`).join(', ');
  const message = `There is no device ${String(number)}; there are ${known || 'none'}.`;
  throw new ThemisError('THEMIS_CONFIG_INVALID', message);
}

function rulesOf(options: ValidatedOptions) {
  return Object.entries(options.redundancyByPrefix ?? {}).map(([prefix, redundancy]) => ({
    prefix: Buffer.from(prefix),
    redundancy,
  }));
}
