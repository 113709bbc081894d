/**
 * What becomes of a device that failed. After a grace period a spare takes its place, or, when its
 * folder is one that the store made for itself, the folder is made anew. Nobody has to do anything:
 * what it held is then missing, and repair makes it again.
 *
 *   spare
 *   AVAILABLE   an empty device that waits
 *   REBUILDING  it is a device of the set, and what was lost is being made on it
 *   ACTIVE      all of that is there
 *   DEGRADED    it waits, and could not be written now
 *   OFFLINE     it waits, and failed itself
 *
 * Invariants:
 * - The failed device stays known, and with it all that can still be read from it, until a survey
 *   has proved that everything is whole without it. Devices that were only away come back with what
 *   they held, however many they were.
 * - A failed device that was replaced is remembered as such: an open expects nothing of it.
 * - A spare is spent only while something lacks a device: what one spare mended does not take the
 *   next at every open.
 * - A device number stands for one device for ever; what is written goes to working devices only.
 */
import { isThemisError, type ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { Clock, TimerHandle, Timers } from '../io/index.js';
import type { RepairDevices, RepairDeviceView } from './repair-ports.js';

export type SpareState = 'AVAILABLE' | 'REBUILDING' | 'ACTIVE' | 'DEGRADED' | 'OFFLINE';

/** A spare, and how far it is. */
export interface SpareStatus {
  readonly device: number;
  readonly state: SpareState;
  /** The device whose place it took; null while it waits. */
  readonly replaces: number | null;
  /** Of what the failed device held: bytes that are on the spare, and all of them. */
  readonly bytes: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  /** Null while nobody can tell. */
  readonly etaSeconds: number | null;
}

export interface HotSpareParts {
  readonly devices: RepairDevices;
  readonly clock: Clock;
  readonly timers: Timers;
  /** True for folders that the store made for itself and may make again. */
  readonly isOwnFolder: (path: string) => boolean;
  /** True while something is not whole, or there are fewer devices than writes need. */
  readonly isNeeded: () => boolean;
  /** Another device is in the place of one that failed. */
  readonly replaced: (device: RepairDeviceView) => void;
  readonly failed: (error: ThemisError) => void;
}

interface Takeover {
  readonly failed: number;
  readonly beganMs: number;
  readonly bytesTotal: number;
  isWhole: boolean;
}

export class HotSpares {
  readonly #parts: HotSpareParts;
  /** Grace periods of devices that failed. */
  readonly #failing = new Map<number, TimerHandle>();
  /** Devices whose grace period is over and that nobody replaced. */
  readonly #overdue = new Set<number>();
  /** By the number of the spare. */
  readonly #takeovers = new Map<number, Takeover>();
  #acting: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: HotSpareParts) {
    this.#parts = parts;
  }

  /** A device changed; a failure starts its grace period, a recovery ends it. */
  deviceChanged({ number, role, state }: RepairDeviceView): void {
    // It is as good as any other.
    if (role === 'replaced' && state !== 'failed') this.#parts.devices.setRole(number, 'active');
    if (state !== 'failed' || role !== 'active') {
      this.#failing.get(number)?.cancel();
      this.#failing.delete(number);
      this.#overdue.delete(number);
      return;
    }
    if (this.#isStopped || this.#failing.has(number) || this.#overdue.has(number)) return;
    const timer = this.#parts.timers.after(limits.spareGraceMs, () => {
      this.#failing.delete(number);
      this.#overdue.add(number);
      this.review();
    });
    this.#failing.set(number, timer);
  }

  /** Replaces what is overdue, as far as that is needed and can be. */
  review(): void {
    if (this.#overdue.size > 0) this.#then(() => this.#replaceOverdue());
  }

  /** A survey proved that everything is where it should be: what was replaced can go. */
  allIsWhole(): void {
    for (const takeover of this.#takeovers.values()) {
      if (takeover.isWhole) continue;
      takeover.isWhole = true;
      this.#then(() => this.#retire(takeover.failed));
    }
  }

  /** Devices that wait as spares, and those that took a place since the store was opened. */
  get statuses(): SpareStatus[] {
    return this.#parts.devices.devices.flatMap((device) => {
      const takeover = this.#takeovers.get(device.number);
      if (takeover !== undefined) return [this.#progressOf(device, takeover)];
      return device.role === 'spare' ? [waiting(device)] : [];
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#failing.values()) timer.cancel();
    this.#failing.clear();
    await this.#acting;
  }

  /** One change at a time. */
  #then(act: () => Promise<void>): void {
    this.#acting = this.#acting
      .then(() => (this.#isStopped ? undefined : act()))
      .catch((error: unknown) => {
        if (!isThemisError(error)) throw error;
        this.#parts.failed(error);
      });
  }

  async #replaceOverdue(): Promise<void> {
    const { devices, isNeeded, isOwnFolder, replaced } = this.#parts;
    for (const number of [...this.#overdue]) {
      const device = devices.devices.find((one) => one.number === number);
      if (device?.state !== 'failed' || this.#isReplaced(number)) {
        this.#overdue.delete(number);
        continue;
      }
      const spare = devices.devices.find((one) => one.role === 'spare' && one.isWritable);
      if (spare !== undefined && isNeeded()) {
        this.#overdue.delete(number);
        this.#takeOver(spare, device);
      } else if (isOwnFolder(device.path)) {
        this.#overdue.delete(number);
        replaced(await devices.replaceDevice(number, device.path));
      }
    }
  }

  #isReplaced(number: number): boolean {
    return [...this.#takeovers.values()].some(({ failed }) => failed === number);
  }

  /** The spare is a device of the set before anything is made on it. */
  #takeOver(spare: RepairDeviceView, { number, liveBytes }: RepairDeviceView): void {
    const { devices, clock, replaced } = this.#parts;
    const beganMs = clock.monotonicMs();
    this.#takeovers.set(spare.number, {
      failed: number,
      beganMs,
      bytesTotal: liveBytes,
      isWhole: false,
    });
    devices.setRole(spare.number, 'active');
    devices.setRole(number, 'replaced');
    devices.beginRebuild(spare.number, `it takes the place of device ${number}`);
    replaced(spare);
  }

  /** The failed device is not needed any more. One that came back meanwhile stays. */
  async #retire(number: number): Promise<void> {
    const { devices } = this.#parts;
    const device = devices.devices.find((one) => one.number === number);
    if (device?.state === 'failed') await devices.removeDevice(number);
  }

  #progressOf(device: RepairDeviceView, takeover: Takeover): SpareStatus {
    const { failed: replaces, beganMs, bytesTotal, isWhole } = takeover;
    const seconds = (this.#parts.clock.monotonicMs() - beganMs) / 1000;
    const bytes = Math.min(device.liveBytes, bytesTotal);
    const bytesPerSecond = seconds > 0 ? bytes / seconds : 0;
    const left = isWhole ? 0 : bytesTotal - bytes;
    const isTold = isWhole || bytesPerSecond > 0;
    const etaSeconds = isTold ? left / Math.max(bytesPerSecond, 1) : null;
    const state = device.state === 'failed' ? 'OFFLINE' : isWhole ? 'ACTIVE' : 'REBUILDING';
    return {
      device: device.number,
      state,
      replaces,
      bytes,
      bytesTotal,
      bytesPerSecond,
      etaSeconds,
    };
  }
}

function waiting({ number: device, state, isWritable }: RepairDeviceView): SpareStatus {
  const isReady = isWritable ? 'AVAILABLE' : 'DEGRADED';
  const progress = { replaces: null, bytes: 0, bytesTotal: 0, bytesPerSecond: 0, etaSeconds: null };
  return { device, state: state === 'failed' ? 'OFFLINE' : isReady, ...progress };
}
