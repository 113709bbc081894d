/**
 * What becomes of a device that failed: after a grace period a spare takes its place, or, when
 * its folder is one that the store made for itself, the folder is made anew. Nobody has to do
 * anything; what it held is then missing, and repair makes it again.
 *
 *   AVAILABLE   an empty device that waits
 *   ACTIVATING  it was chosen, the failed one is being let go
 *   REBUILDING  it is a device of the set, and what was lost is being made on it
 *   ACTIVE      all of that is there
 *
 * Fencing: a device number stands for one device for ever. The failed one is removed before
 * anything is rebuilt, so that it cannot come back with what it held then.
 */
import { isThemisError, type ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { TimerHandle, Timers } from '../io/index.js';
import type { RepairDevices, RepairDeviceView } from './repair-ports.js';

export type SpareState = 'AVAILABLE' | 'ACTIVATING' | 'REBUILDING' | 'ACTIVE';

export interface HotSpareParts {
  readonly devices: RepairDevices;
  readonly timers: Timers;
  /** True for folders that the store made for itself and may make again. */
  readonly isOwnFolder: (path: string) => boolean;
  /** Another device is in the place of one that failed. */
  readonly replaced: (device: RepairDeviceView) => void;
  readonly failed: (error: ThemisError) => void;
}

export class HotSpares {
  readonly #parts: HotSpareParts;
  /** Timers of devices that failed. */
  readonly #failing = new Map<number, TimerHandle>();
  readonly #states = new Map<number, SpareState>();
  #acting: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: HotSpareParts) {
    this.#parts = parts;
  }

  /** A device changed; a failure starts its grace period, a recovery ends it. */
  deviceChanged({ number, role, state }: RepairDeviceView): void {
    if (state === 'healthy' && this.#states.get(number) === 'REBUILDING') {
      this.#states.set(number, 'ACTIVE');
    }
    const isFailing = state === 'failed' && role === 'active';
    const timer = this.#failing.get(number);
    if (!isFailing) {
      timer?.cancel();
      this.#failing.delete(number);
      return;
    }
    if (timer !== undefined || this.#isStopped) return;
    this.#failing.set(
      number,
      this.#parts.timers.after(limits.spareGraceMs, () => this.#act(number)),
    );
  }

  /** What the spares are doing. */
  stateOf(device: number): SpareState {
    return this.#states.get(device) ?? 'AVAILABLE';
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#failing.values()) timer.cancel();
    this.#failing.clear();
    await this.#acting;
  }

  #act(number: number): void {
    this.#acting = this.#acting
      .then(() => this.#replace(number))
      .catch((error: unknown) => {
        if (!isThemisError(error)) throw error;
        this.#parts.failed(error);
      });
  }

  async #replace(number: number): Promise<void> {
    const { devices, isOwnFolder, replaced } = this.#parts;
    this.#failing.delete(number);
    const device = devices.devices.find((one) => one.number === number);
    if (this.#isStopped || device?.state !== 'failed') return;
    const spare = devices.devices.find((one) => one.role === 'spare' && one.isWritable);
    if (spare !== undefined) {
      this.#states.set(spare.number, 'ACTIVATING');
      await devices.removeDevice(number);
      devices.setRole(spare.number, 'active');
      devices.beginRebuild(spare.number, `it takes the place of device ${number}`);
      this.#states.set(spare.number, 'REBUILDING');
      replaced(spare);
      return;
    }
    if (isOwnFolder(device.path)) replaced(await devices.replaceDevice(number, device.path));
  }
}
