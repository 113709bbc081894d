/**
 * What a store does with its devices, decided by a seed: appends in groups, deletes, compactions
 * that follow from them, a device that is replaced by an empty folder. It notes what was promised.
 */
import type { FragmentName, Session } from '../../src/device/index.js';
import {
  type FileSystem,
  type MemoryFileSystem,
  type RandomStream,
  seededRandom,
} from '../../src/io/index.js';
import { append, type Opened, openSet } from '../device/device-fixture.js';

/** Small, so that volumes fill and are recycled. */
export const workloadVolumeBytes = 96 * 1024;

export interface PromisedFragment {
  readonly name: FragmentName;
  readonly bytes: number;
  readonly path: string;
}

export interface DeviceWorkloadOptions {
  readonly seed: number;
  readonly operations: number;
  /** Folders are removed behind the store's back, on the file system below. */
  readonly below: MemoryFileSystem;
  /** Called between two operations. */
  readonly between: () => Promise<void>;
}

export class DeviceWorkload {
  readonly #options: DeviceWorkloadOptions;
  readonly #random: RandomStream;
  /** Acknowledged, and not given up. */
  readonly #promised = new Map<string, PromisedFragment>();
  #counter = 0;
  #copiedBytes = 0;
  #replaced = 0;

  constructor(options: DeviceWorkloadOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed).stream('devices');
  }

  /** What must be readable after a power cut now. */
  promised(): PromisedFragment[] {
    return [...this.#promised.values()];
  }

  /** What the run went through: bytes copied by compaction, devices replaced. */
  history(): { readonly copiedBytes: number; readonly replaced: number } {
    return { copiedBytes: this.#copiedBytes, replaced: this.#replaced };
  }

  /** Errors of appends are noted by not promising anything; others end the run. */
  async run(fileSystem: FileSystem): Promise<void> {
    const opened = await openSet(fileSystem, { volumeBytes: workloadVolumeBytes });
    const session = await opened.set.startSession(0);
    for (let i = 0; i < this.#options.operations; i++) {
      const drawn = this.#random.below(16);
      if (drawn < 9) await this.#append(opened, session);
      else if (drawn < 15) this.#forget(opened);
      else await this.#replace(opened);
      if (this.#random.chance(0.5)) await opened.set.idle();
      await this.#options.between();
    }
    // Nothing is left to compact, so that opening it again moves nothing.
    await opened.set.idle();
    this.#copiedBytes = opened.set.devices.reduce((sum, one) => sum + one.compactedBytes, 0);
    await opened.set.close();
    await this.#options.between();
  }

  async #append({ set }: Opened, { session }: Session): Promise<void> {
    const count = 1 + this.#random.below(4);
    await Promise.all(
      Array.from({ length: count }, async () => {
        const device = set.devices[this.#random.below(set.devices.length)];
        if (device === undefined) return;
        const blob = session * 2 ** 32 + this.#counter++;
        const name = { blob, stripe: 0, number: this.#random.below(6) };
        const bytes = 1 + this.#random.below(this.#random.chance(0.7) ? 9_000 : 40_000);
        const { path } = device;
        const error = await append(set, device.number, name, bytes);
        if (error === null) this.#promised.set(keyOf(name), { name, bytes, path });
      }),
    );
  }

  #forget({ set }: Opened): void {
    for (const { name } of this.promised()) {
      if (!this.#random.chance(0.4)) continue;
      this.#promised.delete(keyOf(name));
      set.forgetBlob(name.blob, 1, 6);
    }
  }

  /** Somebody removes a device's folder and puts an empty one there. */
  async #replace({ set }: Opened): Promise<void> {
    const { below } = this.#options;
    const path = set.devices[this.#random.below(set.devices.length)]?.path ?? '';
    for (const [key, promised] of this.#promised) {
      if (promised.path === path) this.#promised.delete(key);
    }
    this.#replaced++;
    below.removeTree(path);
    below.makeDirectory(path);
    below.syncDirectory('/dev');
    await set.look();
    await set.idle();
  }
}

export function keyOf({ blob, stripe, number }: FragmentName): string {
  return `${blob}/${stripe}/${number}`;
}
