/**
 * The devices of a store, and where every fragment lies on them. On the main loop: decisions and
 * state only; device threads make all calls of files but those of an open.
 *
 * Invariants:
 * - A fragment is told durable after its write was synced, and is in the index by then.
 * - A session is durable in the table before it names the first blob, and is never given twice.
 * - What is forgotten is forgotten in memory: after a crash it may be found again, and whoever
 *   knows
 *   what is named (the state) forgets it again.
 */
import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { TimerHandle } from '../io/index.js';
import type { Device } from './device.js';
import { faultOf } from './device-fault.js';
import { checkOwner, type FolderAtPath, unnamedRows } from './device-recognition.js';
import { DeviceRegister } from './device-register.js';
import type { DeviceSetParts } from './device-set-parts.js';
import { readRank } from './device-state.js';
import { type DeviceRole, type DeviceTable, readTable, tableName } from './device-table.js';
import type { DeviceView } from './device-view.js';
import { DeviceWatch } from './device-watch.js';
import { type FragmentName, fragmentFootprint } from './fragment.js';
import { FragmentIndex, type FragmentSpot, type IndexedFragment } from './fragment-index.js';
import type { ReadPlace } from './fragment-reader.js';
import { recognizeFolder } from './recognition.js';
import { volumePath } from './volume.js';

/** Where a fragment lies. */
export interface FragmentPlace extends FragmentSpot {
  /** What it takes there: header, data, zeros. */
  readonly bytes: number;
  readonly digest: number;
}

export interface DeviceSetListener {
  /** Its state, role or place in the set changed; one that is gone is not among the devices. */
  readonly deviceChanged?: (device: DeviceView) => void;
  /** A fragment is not what was written; it stays in the index until it is forgotten. */
  readonly fragmentDamaged?: (device: DeviceView, name: FragmentName, why: string) => void;
}

export interface Session {
  readonly session: number;
  /** 8 random bytes: two sessions that had one number after all would not mix their data. */
  readonly nonce: Uint8Array;
}

/** More than can be under way at once; each must find room in the index. */
const fragmentsInFlight = 65_536;

/** Memory that holds sealed fragments: a slab of the kernel. */
export interface FragmentMemory {
  readonly bytes: Uint8Array;
}

export class DeviceSet {
  readonly #parts: DeviceSetParts;
  readonly #index = new FragmentIndex();
  readonly #register: DeviceRegister;
  readonly #watch: DeviceWatch;
  #listener: DeviceSetListener = {};
  #session: Promise<Session> | null = null;
  #timer: TimerHandle | null = null;
  #isClosed = false;

  private constructor(parts: DeviceSetParts, table: DeviceTable) {
    this.#parts = parts;
    this.#register = new DeviceRegister(parts, this.#index, table, {
      changed: (device) => this.#changed(device),
      damaged: (device, name, why) => this.#damaged(device, name, why),
    });
    this.#watch = new DeviceWatch(this.#register, (view) => this.#listener.deviceChanged?.(view));
  }

  /**
   * Recognizes the devices and indexes what they hold. A device that cannot be used is `failed`,
   * and the open goes on. A store that never wrote a blob starts no thread and changes no folder.
   *
   * Throws THEMIS_FOLDER_FOREIGN, THEMIS_DEVICE_DUPLICATE, THEMIS_FOLDER_INVALID (a new path that
   * is no empty folder), THEMIS_FORMAT_NEWER.
   */
  static async open(parts: DeviceSetParts): Promise<DeviceSet> {
    const { fileSystem, directory, kernel, clusterId, nodeId } = parts;
    const read = readTable(fileSystem, directory, kernel);
    const found = read.kind === 'valid' ? read.value : null;
    if (found !== null) checkOwner(`${directory}/${tableName}`, found, parts);
    const folderAt = (role: DeviceRole) => (path: string) => {
      return { path, role, found: recognizeFolder(fileSystem, path, kernel) };
    };
    const isKnown = found !== null && found.rows.length > 0;
    const paths = parts.paths ?? (isKnown ? [] : parts.defaultPaths);
    const folders = [...paths.map(folderAt('active')), ...parts.spares.map(folderAt('spare'))];
    // Devices that were added while the store was open; whoever names others does not lose them.
    for (const row of unnamedRows(found?.rows ?? [], folders)) {
      folders.push(folderAt(row.role)(row.path));
    }
    const table = found ?? { clusterId, nodeId, session: 0, nextNumber: 0, rows: [] };
    const set = new DeviceSet(parts, table);
    await set.#open(folders, found);
    return set;
  }

  /**
   * In the order of the paths, active ones first. The array is replaced when a device comes or
   * goes.
   */
  get devices(): readonly DeviceView[] {
    return this.#register.views;
  }

  set listener(listener: DeviceSetListener) {
    this.#listener = listener;
  }

  /** Fragments in the index, and the memory that it takes. */
  get fragments(): { readonly count: number; readonly memoryBytes: number } {
    return { count: this.#index.size, memoryBytes: this.#index.memoryBytes };
  }

  /**
   * Begins to write blobs: their ids are session x 2^32 + counter. Folders that are no devices yet
   * are made ones. `knownBlobMax` is the highest blob that the state names, 0 for none. The same
   * session is returned at every call. Throws THEMIS_DEVICE_FAILED when the table cannot be
   * written.
   */
  startSession(knownBlobMax: number): Promise<Session> {
    this.#session ??= this.#startSession(knownBlobMax);
    return this.#session;
  }

  /**
   * Appends a sealed fragment that lies in the memory at `offset`, page-aligned. `done` is called
   * later, once: with null when it is durable and indexed, else with THEMIS_DEVICE_FAILED,
   * THEMIS_DEVICE_FULL, THEMIS_TASK_FAILED, THEMIS_OVERLOADED or THEMIS_CLOSED. The memory must
   * stay as it is until then.
   */
  append(
    device: number,
    name: FragmentName,
    memory: FragmentMemory,
    offset: number,
    bytes: number,
    done: (error: ThemisError | null) => void,
  ): void {
    const target = this.#register.get(device);
    if (target === undefined) {
      const message = `There is no device ${device} any more; choose another.`;
      queueMicrotask(() => done(new ThemisError('THEMIS_DEVICE_FAILED', message)));
      return;
    }
    if (this.#index.size > limits.fragmentsMax - fragmentsInFlight) {
      const message = 'There are too many fragments; delete values before new ones are written.';
      queueMicrotask(() => done(new ThemisError('THEMIS_OVERLOADED', message)));
      return;
    }
    target.append({ kind: 'append', name, memory: memory.bytes, offset, bytes, done });
  }

  /** Where a fragment lies, on a device that works where there is a choice; null when nowhere. */
  locate(blob: number, stripe: number, number: number): FragmentPlace | null {
    const found = this.#index.find({ blob, stripe, number }, this.#preference);
    return found === null ? null : placeOf(found);
  }

  /** All places of a fragment: more than one after a repair whose old copy came back. */
  places(name: FragmentName): FragmentPlace[] {
    return this.#index.places(name).map(placeOf);
  }

  /** What a thread needs to read there. */
  readPlace({ device, volume, offset, bytes }: FragmentPlace): ReadPlace {
    const { path } = must(this.#register.get(device), 'the device of a place');
    return { path: volumePath(path, volume), offset, bytes };
  }

  /** A blob is not needed any more: all its fragments go, wherever they lie. */
  forgetBlob(blob: number, stripes: number, width: number): void {
    for (let stripe = 0; stripe < stripes; stripe++) {
      for (let number = 0; number < width; number++) {
        const name = { blob, stripe, number };
        for (const place of this.#index.places(name)) this.#forget(name, place);
      }
    }
  }

  /** One copy of a fragment is not needed any more, or is damaged; false when it is not there. */
  forgetFragment(name: FragmentName, place: FragmentSpot): boolean {
    return this.#forget(name, place);
  }

  /** Calls back once for every blob that has a fragment. */
  forEachBlob(visit: (blob: number) => void): void {
    const seen = new Set<number>();
    this.#index.visit(0, Number.POSITIVE_INFINITY, ({ blob }) => seen.add(blob));
    for (const blob of seen) visit(blob);
  }

  /**
   * Calls back for the places in some entries of the index, and returns the cursor to go on from,
   * null at the end; the first is 0. So a pass over millions of fragments lets others in between.
   * The callback may forget what it is shown.
   */
  visit(
    cursor: number,
    entries: number,
    visit: (name: FragmentName, place: FragmentPlace) => void,
  ): number | null {
    return this.#index.visit(cursor, entries, (name, found) => visit(name, placeOf(found)));
  }

  /**
   * A thread could not read a fragment: `code` and `why` of FragmentFailure. The device is
   * degraded, looked at where its folder may be gone, and failed when there were
   * deviceReadErrorsMax of them.
   */
  reportReadFailure(device: number, code: string, why: string): void {
    const target = this.#register.get(device);
    if (target?.readFailed(code, why) === true) void this.#watch.lookAt(target);
  }

  /** A device does not work, or does not answer: it fails at once, unless the error says less. */
  reportFault(device: number, error: unknown): void {
    this.#register.get(device)?.faulted(faultOf(error));
  }

  /** A read found damage: the device is degraded until `reportHealed`. */
  reportDamage(device: number, why: string): void {
    this.#register.get(device)?.apply({ kind: 'damage', why });
  }

  /** Everything on the device was verified. */
  reportHealed(device: number): void {
    this.#register.get(device)?.apply({ kind: 'healed' });
  }

  beginRebuild(device: number, why: string): void {
    this.#register.get(device)?.apply({ kind: 'begin-rebuild', why });
  }

  /** All that belongs on the device is there. */
  endRebuild(device: number): void {
    this.#register.get(device)?.apply({ kind: 'end-rebuild' });
  }

  /** A spare becomes active, the device whose place it took is replaced, or what else. */
  setRole(device: number, role: DeviceRole): void {
    must(this.#register.get(device), 'the device whose role changes').role = role;
  }

  /**
   * Makes an empty folder a device of this store while it is open. Throws THEMIS_FOLDER_INVALID
   * when it is not empty, THEMIS_DEVICE_DUPLICATE when it is a device already,
   * THEMIS_DEVICE_FAILED.
   */
  async addDevice(path: string, role: DeviceRole): Promise<DeviceView> {
    return this.#told(await this.#register.addEmpty(path, role, null));
  }

  /**
   * Puts an empty folder, at the same path or another, in the place of a device. What the old one
   * held is forgotten; the new one is `rebuilding`. Throws what addDevice throws.
   */
  async replaceDevice(device: number, path: string): Promise<DeviceView> {
    const old = must(this.#register.get(device), 'the device that is replaced');
    return this.#told(await this.#register.addEmpty(path, old.role, old));
  }

  /**
   * Forgets a device and what it holds; its folder stays as it is. Of one that was replaced,
   * nothing is expected from then on, whatever becomes of its folder.
   */
  async removeDevice(device: number): Promise<void> {
    const old = this.#register.get(device);
    if (old === undefined) return;
    const view = must(this.#register.view(old), 'the view of a device');
    await this.#register.remove(old);
    this.#told(view);
  }

  /** Waits until nothing is written, copied, freed or looked at. */
  async idle(): Promise<void> {
    await this.#watch.idle();
    for (const device of this.#register.devices) await device.idle();
    await this.#register.idle();
  }

  /** Looks after every device now, as the timer does; resolves when all were looked at. */
  look(): Promise<void> {
    return this.#watch.look();
  }

  /**
   * What is in flight ends, what waits is refused with THEMIS_CLOSED. Threads stay the caller's.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#watch.close();
    await Promise.all([...this.#register.devices].map((device) => device.close()));
    await this.#register.idle();
  }

  async #open(folders: readonly FolderAtPath[], table: DeviceTable | null): Promise<void> {
    const register = this.#register;
    const hasDevices = register.recognize(folders, table);
    const known = [...register.devices].filter(({ identity }) => identity !== null);
    await Promise.all(known.map((device) => device.load()));
    if (!hasDevices) return;
    await register.initialize();
    await register.writeTable();
    this.#startWatch();
  }

  async #startSession(knownBlobMax: number): Promise<Session> {
    const register = this.#register;
    const known = Math.max(knownBlobMax, this.#index.blobMax());
    const session = 1 + Math.max(register.session, Math.floor(known / 2 ** 32));
    register.session = session;
    await register.initialize();
    const usable = [...register.devices].filter(({ isWritable }) => isWritable);
    await Promise.all(usable.map((device) => device.writeSession(session)));
    const fault = await register.writeTable();
    if (fault !== null) {
      this.#session = null;
      throw fault;
    }
    this.#startWatch();
    return { session, nonce: register.randomBytes(8) };
  }

  #told(view: DeviceView): DeviceView {
    this.#listener.deviceChanged?.(view);
    return view;
  }

  #startWatch(): void {
    if (this.#isClosed) return;
    this.#timer ??= this.#parts.timers.every(limits.deviceWatchMs, () => void this.look());
  }

  #changed(device: Device): void {
    const view = this.#register.view(device);
    if (view === undefined) return;
    const isRemembered = device.state.kind !== 'degraded';
    if (isRemembered && !this.#isClosed) void this.#register.writeTable();
    this.#listener.deviceChanged?.(view);
  }

  #damaged(device: Device, name: FragmentName, why: string): void {
    device.apply({ kind: 'damage', why });
    const view = this.#register.view(device);
    if (view !== undefined) this.#listener.fragmentDamaged?.(view, name, why);
  }

  readonly #preference = (number: number): number | null => {
    const device = this.#register.get(number);
    return device === undefined ? null : readRank(device.state);
  };

  #forget(name: FragmentName, spot: FragmentSpot): boolean {
    return this.#register.get(spot.device)?.forget(name, spot) ?? false;
  }
}

function placeOf({ device, volume, offset, bytes, digest }: IndexedFragment): FragmentPlace {
  return { device, volume, offset, bytes: fragmentFootprint(bytes), digest };
}
