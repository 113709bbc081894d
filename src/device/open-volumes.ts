/**
 * Volume files that a thread keeps open. Opening one for every group or read would cost a third of
 * a small one; the descriptors are few, and the least recently used goes first.
 *
 * A descriptor may outlive the name of its file: a volume was freed, a device replaced. Whoever
 * writes looks for the name afterwards; whoever reads compares what it finds with what it wants.
 */
import { codeOf } from '../base/index.js';
import { limits } from '../config/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';

/**
 *   read    through the cache of the system
 *   check   past it, so that what is checked is the disk
 *   write   past it, durable when the write returns
 */
export type VolumeUse = 'read' | 'check' | 'write';

export interface OpenVolume {
  readonly handle: FileHandle;
  /** False where the file system knows no O_DIRECT: writes need a sync, buffers no alignment. */
  readonly isDirect: boolean;
}

export class OpenVolumes {
  readonly #fileSystem: FileSystem;
  readonly #max: number;
  /** Least recently used first. */
  readonly #open = new Map<string, OpenVolume>();

  constructor(fileSystem: FileSystem, max: number = limits.openVolumesMax) {
    this.#fileSystem = fileSystem;
    this.#max = max;
  }

  /** Runs `work` on the file. A descriptor whose use failed is not used again. */
  use<T>(path: string, use: VolumeUse, work: (volume: OpenVolume) => T): T {
    const key = `${use} ${path}`;
    const volume = this.#open.get(key) ?? this.#openFile(path, use);
    this.#open.delete(key);
    this.#open.set(key, volume);
    try {
      return work(volume);
    } catch (error) {
      this.#open.delete(key);
      volume.handle.close();
      throw error;
    } finally {
      this.#shrink();
    }
  }

  has(path: string, use: VolumeUse): boolean {
    return this.#open.has(`${use} ${path}`);
  }

  /** Closes what is open on the file. */
  forget(path: string): void {
    for (const use of ['read', 'check', 'write']) this.#close(`${use} ${path}`);
  }

  close(): void {
    for (const key of [...this.#open.keys()]) this.#close(key);
  }

  #openFile(path: string, use: VolumeUse): OpenVolume {
    const access = use === 'write' ? 'read-write' : 'read';
    if (use === 'read') return { handle: this.#fileSystem.open(path, { access }), isDirect: false };
    try {
      const handle = this.#fileSystem.open(path, { access, sync: 'direct' });
      return { handle, isDirect: true };
    } catch (error) {
      if (codeOf(error) !== 'EINVAL') throw error;
      return { handle: this.#fileSystem.open(path, { access }), isDirect: false };
    }
  }

  #shrink(): void {
    for (const key of this.#open.keys()) {
      if (this.#open.size <= this.#max) return;
      this.#close(key);
    }
  }

  #close(key: string): void {
    const volume = this.#open.get(key);
    this.#open.delete(key);
    volume?.handle.close();
  }
}
