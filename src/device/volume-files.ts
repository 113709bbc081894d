/**
 * The files of a device's volumes: made, listed, loaded, freed. Runs in a device thread.
 *
 * Invariants:
 * - A file has its full size and a synced header before it has the name of a volume.
 * - A freed volume has lost that name durably before its file becomes another volume.
 * - An index is never trusted over the volume: where it may be wrong, the volume is scanned.
 */
import { bufferOf, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import {
  type FileHandle,
  type FileSystem,
  readDamaged,
  SystemError,
  writeWhole,
} from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { OpenVolumes } from './open-volumes.js';
import type { Scratch } from './scratch.js';
import {
  decodeVolumeHeader,
  encodeVolumeHeader,
  indexName,
  parseVolumeName,
  spareName,
  volumeDataOffset,
  volumeName,
  volumesFolder,
} from './volume.js';
import { decodeVolumeIndex, encodeVolumeIndex, type VolumeIndex } from './volume-index.js';
import { headerAt, type ScannedVolume, scanVolume } from './volume-scan.js';

/** Of a file system, kept free for compaction; on large ones it is one volume. */
const reservePart = 0.05;

/** Which device, for everything that is done in its folder. */
export interface DeviceSetting {
  readonly path: string;
  readonly clusterId: Uint8Array;
  readonly deviceId: Uint8Array;
  /** The kernel to load in a thread; undefined for the best. */
  readonly kernel: string | undefined;
}

export interface VolumeListing {
  /** Numbers of volumes, ascending. */
  readonly volumes: readonly number[];
  /** Numbers of spares. */
  readonly spares: readonly number[];
  /** True when the folder of the volumes was gone, and was made again. */
  readonly isBare: boolean;
}

export interface LoadedVolume {
  readonly number: number;
  /** Size of the file. */
  readonly fileBytes: number;
  /** Where the next fragment would go. */
  readonly end: number;
  /** Nothing may be appended: it is full, or what lies behind its end is not known. */
  readonly isSealed: boolean;
  readonly source: 'index' | 'scan';
  /** See fragment-list.ts. */
  readonly rows: Uint32Array;
}

export class VolumeFiles {
  readonly #fileSystem: FileSystem;
  readonly #kernel: Kernel;
  readonly #setting: DeviceSetting;
  readonly #folder: string;
  readonly #scratch: Scratch;

  /** `scratch`: memory for scans. */
  constructor(fileSystem: FileSystem, kernel: Kernel, setting: DeviceSetting, scratch: Scratch) {
    this.#scratch = scratch;
    this.#fileSystem = fileSystem;
    this.#kernel = kernel;
    this.#setting = setting;
    this.#folder = `${setting.path}/${volumesFolder}`;
  }

  /** What is there; half-made files are removed. */
  list(): VolumeListing {
    const volumes: number[] = [];
    const spares: number[] = [];
    const isBare = this.#fileSystem.stat(this.#folder) === null;
    if (isBare) {
      this.#fileSystem.makeDirectory(this.#folder);
      this.#fileSystem.syncDirectory(this.#setting.path);
    }
    for (const name of this.#fileSystem.list(this.#folder)) {
      const file = parseVolumeName(name);
      if (file.kind === 'partial') this.#fileSystem.unlink(`${this.#folder}/${name}`);
      if (file.kind === 'volume') volumes.push(file.number);
      if (file.kind === 'spare') spares.push(file.number);
    }
    return { volumes, spares, isBare };
  }

  /**
   * Throws ENOSPC when a new volume would leave less than what compaction may need: a device that
   * is full of half-dead volumes could not be helped any more. Twice the reserve must be free, the
   * volume itself is filled little by little.
   */
  checkRoom(volumeBytes: number): void {
    const { freeBytes, totalBytes } = this.#fileSystem.space(this.#folder);
    const reserve = Math.min(volumeBytes, totalBytes * reservePart);
    if (freeBytes < 2 * reserve) throw new SystemError('ENOSPC', 'write', this.#folder);
  }

  /**
   * Makes a volume, of a spare when one is given; durable when it returns. Throws the system's
   * errors, ENOSPC among them.
   */
  create(number: number, volumeBytes: number, spare: number | null): void {
    const name = spare === null ? `${volumeName(number)}.partial` : spareName(spare);
    const path = this.#path(name);
    if (spare === null && this.#fileSystem.stat(path) !== null) this.#fileSystem.unlink(path);
    const { clusterId, deviceId } = this.#setting;
    const header = { clusterId, deviceId, number, volumeBytes };
    const block = encodeVolumeHeader(this.#kernel, header);
    const handle = this.#fileSystem.open(path, { access: 'read-write', create: spare === null });
    try {
      if (handle.size() !== volumeBytes) handle.truncate(volumeBytes);
      writeWhole(handle, block, block.length, 0);
      handle.sync();
    } finally {
      handle.close();
    }
    const named = this.#path(volumeName(number));
    // Never over another: two paths to one folder, say.
    if (this.#fileSystem.stat(named) !== null) throw new SystemError('EEXIST', 'rename', named);
    this.#fileSystem.rename(path, named);
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /**
   * What a volume holds, by its index where that can be trusted. Throws THEMIS_FOLDER_FOREIGN for a
   * volume of another cluster, THEMIS_FORMAT_NEWER, and the system's errors.
   */
  load(number: number): LoadedVolume {
    const handle = this.#fileSystem.open(this.#path(volumeName(number)), { access: 'read' });
    try {
      this.#checkHeader(number, handle);
      const fileBytes = handle.size();
      const index = this.#readIndex(number);
      if (index !== null && this.#isTrusted(index, handle, fileBytes)) {
        const { end, isSealed, rows } = index;
        return { number, fileBytes, end, isSealed, source: 'index', rows };
      }
      return { number, fileBytes, isSealed: true, source: 'scan', ...this.#scan(number) };
    } finally {
      handle.close();
    }
  }

  writeIndex(index: Pick<VolumeIndex, 'volume' | 'end' | 'isSealed' | 'rows'>): void {
    const { clusterId, deviceId } = this.#setting;
    const bytes = encodeVolumeIndex(this.#kernel, { clusterId, deviceId, ...index });
    const path = this.#path(indexName(index.volume));
    const partial = `${path}.partial`;
    if (this.#fileSystem.stat(partial) !== null) this.#fileSystem.unlink(partial);
    const handle = this.#fileSystem.open(partial, { access: 'read-write', create: true });
    try {
      writeWhole(handle, bytes, bytes.length, 0);
      handle.sync();
    } finally {
      handle.close();
    }
    this.#fileSystem.rename(partial, path);
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /** Before a volume is appended to again: its index is removed durably. */
  reopen(number: number): void {
    this.#removeIndex(number);
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /** Takes the volume's name away durably; its file is kept as a spare, or removed. */
  free(number: number, keep: boolean): void {
    this.#removeIndex(number);
    const path = this.#path(volumeName(number));
    if (keep) {
      this.#fileSystem.rename(path, this.#path(spareName(number)));
    } else {
      this.#truncate(path);
      this.#fileSystem.unlink(path);
    }
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /** Removes a spare, to give its space back. */
  dropSpare(number: number): void {
    const path = this.#path(spareName(number));
    this.#truncate(path);
    this.#fileSystem.unlink(path);
    this.#fileSystem.syncDirectory(this.#folder);
  }

  /** Readers may have the file open; its space shall be free all the same. */
  #truncate(path: string): void {
    const handle = this.#fileSystem.open(path, { access: 'read-write' });
    try {
      handle.truncate(0);
    } finally {
      handle.close();
    }
  }

  #removeIndex(number: number): void {
    const path = this.#path(indexName(number));
    if (this.#fileSystem.stat(path) !== null) this.#fileSystem.unlink(path);
  }

  #checkHeader(number: number, handle: FileHandle): void {
    const block = new Uint8Array(limits.blockBytes);
    if (!readDamaged(handle, block, block.length, 0)) return;
    const decoded = decodeVolumeHeader(this.#kernel, block);
    const path = this.#path(volumeName(number));
    if (decoded.kind === 'newer') {
      const message = `${path} has format ${decoded.version}; open it with a newer Themis.`;
      throw new ThemisError('THEMIS_FORMAT_NEWER', message);
    }
    if (decoded.kind === 'bad') return;
    if (bufferOf(decoded.header.clusterId).equals(this.#setting.clusterId)) return;
    const message = `${path} belongs to another cluster; move it away.`;
    throw new ThemisError('THEMIS_FOLDER_FOREIGN', message);
  }

  /** Past the cache, which makes long reads slow and gains nothing. */
  #scan(number: number): ScannedVolume {
    const path = this.#path(volumeName(number));
    const volumes = new OpenVolumes(this.#fileSystem);
    const { clusterId } = this.#setting;
    try {
      return volumes.use(path, 'check', ({ handle }) =>
        scanVolume({
          handle,
          kernel: this.#kernel,
          clusterId,
          number,
          scratch: this.#scratch,
        }),
      );
    } finally {
      volumes.close();
    }
  }

  #readIndex(number: number): VolumeIndex | null {
    const path = this.#path(indexName(number));
    const found = this.#fileSystem.stat(path);
    if (found?.kind !== 'file') return null;
    const handle = this.#fileSystem.open(path, { access: 'read' });
    try {
      const bytes = new Uint8Array(found.bytes);
      if (!readDamaged(handle, bytes, bytes.length, 0)) return null;
      const index = decodeVolumeIndex(this.#kernel, bytes);
      const own =
        index !== null &&
        index.volume === number &&
        bufferOf(index.deviceId).equals(this.#setting.deviceId) &&
        bufferOf(index.clusterId).equals(this.#setting.clusterId);
      return own ? index : null;
    } finally {
      handle.close();
    }
  }

  /** Not when the file is shorter, or when a fragment lies where the index ends. */
  #isTrusted(index: VolumeIndex, handle: FileHandle, fileBytes: number): boolean {
    if (index.end > fileBytes || index.end < volumeDataOffset) return false;
    if (index.end === fileBytes) return true;
    const block = new Uint8Array(limits.blockBytes);
    if (!readDamaged(handle, block, block.length, index.end)) return false;
    const { clusterId } = this.#setting;
    return headerAt(block, 0, { kernel: this.#kernel, clusterId, number: index.volume }) === null;
  }

  #path(name: string): string {
    return `${this.#folder}/${name}`;
  }
}
