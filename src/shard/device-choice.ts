/**
 * The devices that take part in writes and reads now, and those that keep others waiting: a device
 * that has not answered for long is left out where enough others are there, until it answers.
 */
import type { BlobDevices, BlobDeviceView } from './blob-ports.js';

export class DeviceChoice {
  readonly #devices: Pick<BlobDevices, 'devices'>;
  readonly #lagging = new Set<number>();

  constructor(devices: Pick<BlobDevices, 'devices'>) {
    this.#devices = devices;
  }

  /** Numbers of the devices that may take fragments; lagging ones only when fewer than `least`. */
  usable(least: number): number[] {
    const usable: number[] = [];
    let lagging = 0;
    for (const device of this.#devices.devices) {
      if (!isUsable(device)) continue;
      if (this.#lagging.has(device.number)) lagging += 1;
      usable.push(device.number);
    }
    if (lagging === 0 || usable.length - lagging < least) return usable;
    return usable.filter((number) => !this.#lagging.has(number));
  }

  isLagging(device: number): boolean {
    return this.#lagging.has(device);
  }

  /** The device keeps somebody waiting. */
  lags(device: number): void {
    this.#lagging.add(device);
  }

  answered(device: number): void {
    this.#lagging.delete(device);
  }

  /** For messages: `device 2 (/mnt/c) is failed; ...`, or nothing when all are well. */
  describe(): string {
    return this.#devices.devices
      .filter((device) => device.role === 'active' && !isUsable(device))
      .map(({ number, path, state }) => `device ${number} (${path}) is ${state}`)
      .join('; ');
  }
}

function isUsable({ role, isWritable }: BlobDeviceView): boolean {
  return role === 'active' && isWritable;
}
