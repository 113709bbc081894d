/**
 * The devices of a store by number, and the table in which the store remembers them.
 *
 * Invariants:
 * - A number stands for one device for ever; a device that replaces another has a new one.
 * - The table that is written last says of every device whether all that belongs there is there.
 */
import { bufferOf, must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { RandomStream } from '../io/index.js';
import { Device, type DeviceListener } from './device.js';
import { faultOf } from './device-fault.js';
import { type DeviceIdentity, idBytes } from './device-identity.js';
import {
  type FolderAtPath,
  type RecognizedDevice,
  recognizeDevices,
} from './device-recognition.js';
import type { DeviceSetParts } from './device-set-parts.js';
import { healthy } from './device-state.js';
import type { DeviceRole, DeviceRow, DeviceTable } from './device-table.js';
import type { ProbeResult } from './device-tasks.js';
import { DeviceView } from './device-view.js';
import type { FragmentIndex } from './fragment-index.js';
import type { FoundFolder } from './recognition.js';

export class DeviceRegister {
  readonly #parts: DeviceSetParts;
  readonly #index: FragmentIndex;
  readonly #random: RandomStream;
  readonly #listener: DeviceListener;
  readonly #devices = new Map<number, Device>();
  readonly #viewOf = new Map<Device, DeviceView>();
  #views: readonly DeviceView[] = [];
  #table: DeviceTable;
  /** Rows of devices that were replaced and are no devices of the store any more. */
  #replaced: readonly DeviceRow[];
  /** Writes of the table, one after the other. */
  #tableWrite: Promise<void> = Promise.resolve();

  /** `table`: what the folder of the store holds, or an empty one. */
  constructor(
    parts: DeviceSetParts,
    index: FragmentIndex,
    table: DeviceTable,
    listener: DeviceListener,
  ) {
    this.#parts = parts;
    this.#index = index;
    this.#table = table;
    this.#replaced = table.rows.filter(({ role }) => role === 'replaced');
    this.#listener = listener;
    this.#random = parts.random.stream('devices');
  }

  get devices(): Iterable<Device> {
    return this.#devices.values();
  }

  /** In the order of the paths. Replaced when a device comes or goes, never changed. */
  get views(): readonly DeviceView[] {
    return this.#views;
  }

  get size(): number {
    return this.#devices.size;
  }

  /** The highest session that is known. */
  get session(): number {
    return this.#table.session;
  }

  set session(session: number) {
    this.#table = { ...this.#table, session };
  }

  get(number: number): Device | undefined {
    return this.#devices.get(number);
  }

  /** Undefined for a device that was removed. */
  view(device: Device): DeviceView | undefined {
    return this.#viewOf.get(device);
  }

  /**
   * Takes in what an open found. True when the store has devices already, so that those which are
   * new must be made now. Throws what recognizeDevices throws.
   */
  recognize(folders: readonly FolderAtPath[], table: DeviceTable | null): boolean {
    const recognized = recognizeDevices(folders, table, this.#parts);
    const identities = recognized.flatMap(({ identity }) => identity ?? []);
    const session = Math.max(this.#table.session, ...identities.map((one) => one.session));
    const numbers = identities.map(({ number }) => number + 1);
    const nextNumber = Math.max(this.#table.nextNumber, ...numbers);
    this.#table = { ...this.#table, session, nextNumber };
    for (const one of recognized) this.#add(this.#create(one), null);
    return this.#table.rows.length > 0 || identities.length > 0;
  }

  /** Makes the folders devices that are none yet. */
  async initialize(): Promise<void> {
    const fresh = [...this.#devices.values()].filter(
      ({ identity, state }) => identity === null && state.kind !== 'failed',
    );
    // One after the other, so that two paths to one folder are noticed.
    for (const device of fresh) await device.initialize(this.#newIdentity(device.number));
  }

  randomBytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#random.fill(bytes);
    return bytes;
  }

  /** Makes an empty folder a device, in the place of another where one is given. */
  async addEmpty(path: string, role: DeviceRole, replaced: Device | null): Promise<DeviceView> {
    this.#refuseTaken(path, replaced);
    const why = replaced === null ? null : `it replaces device ${replaced.number}`;
    const state = why === null ? healthy : ({ kind: 'rebuilding', isFull: false, why } as const);
    const device = this.#create({ path, role, state, number: null, identity: null, knownId: null });
    const probe = await device.call.run('probe', {});
    if (probe.kind === 'fault') throw device.faulted(probe.fault);
    refuseUnlessEmpty(path, probe.value);
    // Nothing of the old one may come to the folder of the new.
    if (replaced?.path === path) {
      replaced.apply({ kind: 'vanished', why: 'another takes its place' });
      await replaced.close();
    }
    if (!(await device.initialize(this.#newIdentity(device.number)))) {
      const problem = device.state.kind === 'failed' ? device.state.why : 'it takes no writes';
      throw new ThemisError('THEMIS_DEVICE_FAILED', `${path} was not made a device: ${problem}.`);
    }
    // The table names devices from now on: those that no blob needed yet are in it too.
    await this.initialize();
    this.#add(device, replaced);
    if (replaced !== null) await this.#retire(replaced);
    await this.writeTable();
    return must(this.view(device), 'the view of a new device');
  }

  /** Forgets a device, and what it holds; the table remembers one that was replaced. */
  async remove(device: Device): Promise<void> {
    const { id: deviceId, role, number, path, identity } = device;
    if (deviceId !== null && role === 'replaced') {
      const before = this.#table.rows.find((row) => row.number === number);
      const session = identity?.session ?? before?.session ?? 0;
      const row = { number, role, isRebuilding: true, session, deviceId, path };
      this.#replaced = [...this.#replaced, row].slice(-limits.devicesMax);
    }
    const view = this.view(device);
    this.#views = this.#views.filter((one) => one !== view);
    await this.#retire(device);
    await this.writeTable();
  }

  /** Makes the table durable; null, or why it is not. */
  writeTable(): Promise<ThemisError | null> {
    const written = this.#tableWrite.then(() => this.#writeTableNow());
    this.#tableWrite = written.then(() => undefined);
    return written;
  }

  /** Resolves when no write of the table is under way. */
  async idle(): Promise<void> {
    await this.#tableWrite;
  }

  #create(one: RecognizedDevice): Device {
    const { clusterId, kernelName: kernel, threads } = this.#parts;
    const number = one.number ?? this.#takeNumber();
    return new Device({
      number,
      path: one.path,
      role: one.role,
      state: one.state,
      identity: one.identity,
      knownId: one.knownId,
      clusterId,
      kernel,
      threads,
      thread: number % threads.count,
      volumeBytes: this.#parts.volumeBytes ?? limits.volumeBytes,
      index: this.#index,
      listener: this.#listener,
    });
  }

  #takeNumber(): number {
    const number = this.#table.nextNumber;
    this.#table = { ...this.#table, nextNumber: number + 1 };
    return number;
  }

  #add(device: Device, replaced: Device | null): void {
    const view = new DeviceView(device);
    const before = replaced === null ? undefined : this.view(replaced);
    this.#devices.set(device.number, device);
    this.#viewOf.set(device, view);
    this.#views =
      before === undefined
        ? [...this.#views, view]
        : this.#views.map((one) => (one === before ? view : one));
  }

  async #retire(device: Device): Promise<void> {
    this.#devices.delete(device.number);
    this.#viewOf.delete(device);
    this.#index.removeDevice(device.number);
    await device.close();
    // What was in flight when it was removed came to the index after all.
    this.#index.removeDevice(device.number);
  }

  #newIdentity(number: number): DeviceIdentity {
    const { clusterId, nodeId, clock } = this.#parts;
    const deviceId = new Uint8Array(idBytes);
    this.#random.fill(deviceId);
    const createdMs = Math.floor(clock.wallMs());
    return { clusterId, nodeId, deviceId, session: this.#table.session, createdMs, number };
  }

  async #writeTableNow(): Promise<ThemisError | null> {
    const { threads, directory: path, clusterId, kernelName: kernel } = this.#parts;
    const setting = { path, clusterId, deviceId: new Uint8Array(idBytes), kernel };
    const rows = [...this.#devices.values()].flatMap((device) => {
      const { number, role, identity, state, id: deviceId } = device;
      if (deviceId === null) return [];
      const before = this.#table.rows.find((row) => row.number === number);
      const isRebuilding = state.kind === 'rebuilding' || state.kind === 'failed';
      const session = identity?.session ?? before?.session ?? 0;
      return [{ number, role, isRebuilding, session, deviceId, path: device.path }];
    });
    // A device that came back, or another one in its folder, has a row of its own.
    const kept = this.#replaced.filter((old) =>
      rows.every(({ path: at, deviceId }) => at !== old.path && !isSameId(deviceId, old.deviceId)),
    );
    this.#table = { ...this.#table, rows: [...rows, ...kept] };
    try {
      await threads.run(0, 'write-table', { setting, table: this.#table });
      return null;
    } catch (error) {
      const message = `The table of devices in ${path} cannot be written: ${faultOf(error).why}`;
      return new ThemisError('THEMIS_DEVICE_FAILED', `${message}; check the disk.`, error);
    }
  }

  #refuseTaken(path: string, replaced: Device | null): void {
    const taken = [...this.#devices.values()].find((other) => other.path === path);
    if (taken !== undefined && taken !== replaced) {
      throw new ThemisError(
        'THEMIS_DEVICE_DUPLICATE',
        `${path} is a device of this store already.`,
      );
    }
    if (replaced === null && this.size >= limits.devicesMax) {
      const message = `A store has at most ${limits.devicesMax} devices; remove one first.`;
      throw new ThemisError('THEMIS_CONFIG_INVALID', message);
    }
  }
}

function refuseUnlessEmpty(path: string, { found }: ProbeResult): void {
  if (found.kind === 'empty' || found.kind === 'missing') return;
  if (found.kind === 'device') {
    throw new ThemisError(
      'THEMIS_DEVICE_DUPLICATE',
      `${path} is a device already; empty it first.`,
    );
  }
  throw new ThemisError('THEMIS_FOLDER_INVALID', `${path} ${whyNot(found)}; give an empty folder.`);
}

function whyNot(found: FoundFolder): string {
  switch (found.kind) {
    case 'strange':
      return `holds other files (${found.name}, ...)`;
    case 'unreadable':
      return `cannot be read (${found.code})`;
    default:
      return `is ${found.kind}`;
  }
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  return bufferOf(a).equals(b);
}
