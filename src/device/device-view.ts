/** A device for those who place, read, repair and show: its present state, nothing to change. */
import { bufferOf } from '../base/index.js';
import type { Device } from './device.js';
import { type DeviceState, whyOf } from './device-state.js';
import type { DeviceRole } from './device-table.js';

export class DeviceView {
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }

  /** In this store; never used for another device. */
  get number(): number {
    return this.#device.number;
  }

  /** 32 hexadecimal digits; empty while the folder is not a device yet. */
  get id(): string {
    const { identity } = this.#device;
    return identity === null ? '' : bufferOf(identity.deviceId).toString('hex');
  }

  get path(): string {
    return this.#device.path;
  }

  get role(): DeviceRole {
    return this.#device.role;
  }

  get state(): DeviceState['kind'] {
    return this.#device.state.kind;
  }

  /** Why it is not healthy; empty when it is. */
  get why(): string {
    return whyOf(this.#device.state);
  }

  /** True when fragments may be appended: not when it failed, is full, or takes no writes. */
  get isWritable(): boolean {
    return this.#device.isWritable;
  }

  /** Fragments in the index that lie on it. */
  get fragments(): number {
    return this.#device.book.fragments;
  }

  /** What its fragments take, in bytes. */
  get liveBytes(): number {
    return this.#device.book.liveBytes;
  }

  /** What compaction will give back, in bytes. */
  get deadBytes(): number {
    return this.#device.book.deadBytes;
  }

  /** Free on its file system when it was looked at last, in bytes. */
  get freeBytes(): number {
    return this.#device.freeBytes;
  }

  /** Copied by compaction since the store was opened. */
  get compactedBytes(): number {
    return this.#device.compactedBytes;
  }
}
