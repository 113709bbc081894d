/**
 * Looks after the folders of the devices while the store is open: one that vanished, came back, was
 * swapped or was replaced by an empty folder is noticed, and space that became free is.
 *
 *   folder                its own device           anything else
 *   state was working     room is noted            vanished
 *   state was vanished    loaded, rebuilding       stays
 *   either, and empty                              becomes a new device in its place: rebuilding
 */
import { must } from '../base/index.js';
import type { Device } from './device.js';
import { faultOf } from './device-fault.js';
import type { DeviceRegister } from './device-register.js';
import type { ProbeResult } from './device-tasks.js';
import type { DeviceView } from './device-view.js';

export class DeviceWatch {
  readonly #register: DeviceRegister;
  readonly #replaced: (view: DeviceView) => void;
  readonly #looks = new Map<Device, Promise<void>>();
  #isClosed = false;

  constructor(register: DeviceRegister, replaced: (view: DeviceView) => void) {
    this.#register = register;
    this.#replaced = replaced;
  }

  /** Looks at every device; resolves when all were looked at. */
  async look(): Promise<void> {
    await Promise.all([...this.#register.devices].map((device) => this.lookAt(device)));
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#looks.values());
  }

  /** Looks that are under way change nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
  }

  /** One look at a device at a time: one that does not answer is not asked again. */
  lookAt(device: Device): Promise<void> {
    const running = this.#looks.get(device);
    if (running !== undefined) return running;
    const look = this.#look(device).finally(() => this.#looks.delete(device));
    this.#looks.set(device, look);
    return look;
  }

  async #look(device: Device): Promise<void> {
    if (device.id === null) return;
    const probe = await device.call.run('probe', {});
    if (this.#isClosed || this.#register.view(device) === undefined) return;
    if (probe.kind === 'fault') device.faulted(probe.fault);
    else await this.#judge(device, probe.value);
  }

  async #judge(device: Device, { found, freeBytes }: ProbeResult): Promise<void> {
    const id = must(device.id, 'the id of a device that was one before');
    if (found.kind === 'device' && Buffer.compare(found.identity.deviceId, id) === 0) {
      const isBack = device.state.kind === 'failed' && device.state.cause === 'vanished';
      if (isBack) await device.reload(found.identity);
      device.noteSpace(freeBytes);
      return;
    }
    if (device.state.kind !== 'failed') device.apply({ kind: 'vanished', why: whyNotOwn(found) });
    if (found.kind === 'empty') await this.#replace(device);
  }

  async #replace(device: Device): Promise<void> {
    try {
      this.#replaced(await this.#register.addEmpty(device.path, device.role, device));
    } catch (error) {
      // The folder changed again meanwhile; the next look sees what it is then.
      device.faulted(faultOf(error));
    }
  }
}

function whyNotOwn(found: ProbeResult['found']): string {
  if (found.kind === 'device') return 'another device is in its place';
  return found.kind === 'missing' ? 'its folder is missing' : `its folder is ${found.kind}`;
}
