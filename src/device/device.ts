/**
 * One device, as the main loop sees it: its state, its volumes, its queue of writes, its
 * compaction. All file calls are made by its thread.
 */
import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { type Append, AppendQueue } from './append-queue.js';
import { Compaction } from './compaction.js';
import { DeviceCall } from './device-call.js';
import { type DeviceFault, faultError, faultOf } from './device-fault.js';
import type { DeviceIdentity } from './device-identity.js';
import {
  type DeviceEvent,
  type DeviceState,
  isWritable,
  step,
  takesCopies,
  whyOf,
} from './device-state.js';
import type { DeviceRole } from './device-table.js';
import type { DeviceThreads } from './device-tasks.js';
import { type FragmentName, sealedFragment } from './fragment.js';
import type { FragmentIndex, FragmentSpot, IndexedFragment } from './fragment-index.js';
import { FragmentList, listedFragment, listLength } from './fragment-list.js';
import { type Volume, VolumeBook } from './volume-book.js';
import type { LoadedVolume } from './volume-files.js';

/** What the owner of devices is told. */
export interface DeviceListener {
  readonly changed: (device: Device) => void;
  readonly damaged: (device: Device, name: FragmentName, why: string) => void;
}

export interface DeviceParts {
  readonly number: number;
  readonly path: string;
  readonly role: DeviceRole;
  readonly state: DeviceState;
  /** Null until the folder is made a device. */
  readonly identity: DeviceIdentity | null;
  /** The id by which it is known while its folder cannot be read. */
  readonly knownId: Uint8Array | null;
  readonly clusterId: Uint8Array;
  readonly kernel: string | undefined;
  readonly threads: DeviceThreads;
  readonly thread: number;
  readonly volumeBytes: number;
  readonly index: FragmentIndex;
  readonly listener: DeviceListener;
}

const noId = new Uint8Array(16);

export class Device {
  readonly number: number;
  readonly path: string;
  readonly #parts: DeviceParts;
  readonly #index: FragmentIndex;
  #role: DeviceRole;
  #state: DeviceState;
  #identity: DeviceIdentity | null;
  #call: DeviceCall;
  #book: VolumeBook;
  #queue: AppendQueue;
  #compaction: Compaction;
  #isClosed = false;
  #indexing: Promise<void> = Promise.resolve();
  #freeBytes = 0;
  #readErrors = 0;

  constructor(parts: DeviceParts) {
    this.number = parts.number;
    this.path = parts.path;
    this.#parts = parts;
    this.#index = parts.index;
    this.#role = parts.role;
    this.#state = parts.state;
    this.#identity = parts.identity;
    this.#call = this.#callOf(parts.identity);
    const { book, queue, compaction } = this.#start();
    this.#book = book;
    this.#queue = queue;
    this.#compaction = compaction;
  }

  get role(): DeviceRole {
    return this.#role;
  }

  set role(role: DeviceRole) {
    this.#role = role;
    this.#parts.listener.changed(this);
  }

  get state(): DeviceState {
    return this.#state;
  }

  get identity(): DeviceIdentity | null {
    return this.#identity;
  }

  /** Null while the folder was never a device. */
  get id(): Uint8Array | null {
    return this.#identity?.deviceId ?? this.#parts.knownId;
  }

  get book(): VolumeBook {
    return this.#book;
  }

  get call(): DeviceCall {
    return this.#call;
  }

  /** Bytes copied by compaction since it was opened. */
  get compactedBytes(): number {
    return this.#compaction.copiedBytes;
  }

  /** Free on its file system when it was looked at last. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** True when fragments may be appended. */
  get isWritable(): boolean {
    return this.#refusal() === null;
  }

  /** Moves the state machine; the listener hears of a change. */
  apply(event: DeviceEvent): void {
    const before = this.#state;
    this.#state = step(before, event);
    if (this.#state === before) return;
    if (this.#state.kind === 'failed') this.#queue.refuse(this.#failedError());
    if (event.kind === 'room') this.#roomAgain();
    this.#parts.listener.changed(this);
  }

  /** What the machine makes of a fault; returns what a caller is told. */
  faulted(fault: DeviceFault): ThemisError {
    // A spare has its room already; the last one is left to compaction.
    const hasRoom = fault.kind === 'full' && this.#book.spares.length > 1;
    if (fault.kind !== 'transient' && !hasRoom) this.apply({ kind: fault.kind, why: fault.why });
    return faultError(this.path, fault);
  }

  /**
   * A thread could not read a fragment. A bad spot is damage; a device that has many is broken.
   * True when the folder should be looked at.
   */
  readFailed(code: string, why: string): boolean {
    const { kind } = faultOf({ code });
    if (kind !== 'broken') return kind === 'vanished';
    this.#readErrors++;
    const isBroken = this.#readErrors > limits.deviceReadErrorsMax;
    this.apply({ kind: isBroken ? 'broken' : 'damage', why });
    return false;
  }

  /** The folder is this device from now on. */
  async initialize(identity: DeviceIdentity): Promise<boolean> {
    this.#call = this.#callOf(identity);
    const made = await this.#call.run('initialize', { identity });
    if (made.kind === 'fault') {
      this.faulted(made.fault);
      return false;
    }
    this.#identity = identity;
    this.#restart();
    return true;
  }

  /** Notes in the device's folder that this session writes to it. */
  async writeSession(session: number): Promise<boolean> {
    const identity = { ...must(this.#identity, 'a device with an identity'), session };
    const written = await this.#call.run('write-identity', { identity });
    if (written.kind === 'fault') {
      this.faulted(written.fault);
      return false;
    }
    this.#identity = identity;
    return true;
  }

  /** Puts what the volumes hold into the index. Faults change the state; nothing is thrown. */
  async load(): Promise<void> {
    const listed = await this.#call.run('list-volumes', {});
    if (listed.kind === 'fault') {
      this.#notLoaded(listed.fault);
      return;
    }
    this.#freeBytes = listed.value.freeBytes;
    if (listed.value.isBare) this.apply({ kind: 'begin-rebuild', why: 'its volumes were gone' });
    for (const spare of listed.value.spares) this.#book.addSpare(spare);
    const doubled: FragmentName[] = [];
    const scanned: Volume[] = [];
    for (const volume of listed.value.volumes) {
      const loaded = await this.#call.run('load-volume', { volume });
      if (loaded.kind === 'fault') {
        this.#notLoaded(loaded.fault);
        continue;
      }
      const taken = this.#take(loaded.value, doubled);
      if (loaded.value.source === 'scan') scanned.push(taken);
    }
    for (const name of doubled) await this.#resolve(name);
    for (const volume of scanned) this.#indexLater(volume);
    this.#compaction.poke();
  }

  /** The folder came back: everything that is known is dropped, and loaded again. */
  async reload(identity: DeviceIdentity): Promise<void> {
    await this.idle();
    this.#identity = identity;
    this.#call = this.#callOf(identity);
    this.#index.removeDevice(this.number);
    this.#restart();
    this.apply({ kind: 'returned', why: 'it was away, and came back' });
    await this.load();
  }

  append(append: Append): void {
    const refusal = this.#refusal();
    if (refusal === null) this.#queue.push(append);
    else queueMicrotask(() => append.done(refusal));
  }

  /** A fragment is not needed here any more. */
  forget(name: FragmentName, spot: FragmentSpot): boolean {
    if (this.#drop(name, spot) === null) return false;
    this.#compaction.poke();
    return true;
  }

  /** What a look at the file system said. */
  noteSpace(freeBytes: number): void {
    this.#freeBytes = freeBytes;
    if (freeBytes >= this.#book.volumeBytes) this.apply({ kind: 'room' });
  }

  /** Waits for what is in flight and writes the indexes of what is open; safe to call twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const message = `Device ${this.path} was closed before the fragment was written.`;
    this.#queue.refuse(new ThemisError('THEMIS_CLOSED', message));
    await this.#compaction.idle();
    await this.#queue.idle();
    await this.#indexing;
    if (this.#state.kind === 'failed' || this.#identity === null) return;
    const current = this.#book.current;
    if (current !== null && !this.#queue.isIndexed) this.#indexLater(current);
    await this.#indexing;
  }

  /** Waits until nothing is written, copied or freed. */
  async idle(): Promise<void> {
    await this.#queue.idle();
    await this.#compaction.idle();
    await this.#indexing;
  }

  /** What is not in the index must not pass for what is not there. */
  #notLoaded(fault: DeviceFault): void {
    const kind = fault.kind === 'broken' ? 'broken' : 'vanished';
    this.apply({ kind, why: fault.why });
  }

  #callOf(identity: DeviceIdentity | null): DeviceCall {
    const { threads, thread, path, clusterId, kernel } = this.#parts;
    const deviceId = identity?.deviceId ?? noId;
    return new DeviceCall(threads, thread, { path, clusterId, deviceId, kernel });
  }

  #restart(): void {
    const { book, queue, compaction } = this.#start();
    this.#book = book;
    this.#queue = queue;
    this.#compaction = compaction;
  }

  #start() {
    const call = this.#call;
    const book = new VolumeBook(this.#parts.volumeBytes);
    const queue = new AppendQueue({
      call,
      book,
      refusal: (kind) => (kind === 'copy' ? this.#copyRefusal() : this.#refusal()),
      appended: (group, volume, position) => this.#appended(group, volume, position),
      faulted: (fault) => this.faulted(fault),
      sealed: (volume) => {
        this.#indexLater(volume);
        // Much of it may be dead already.
        compaction.poke();
      },
    });
    const compaction = new Compaction({
      device: this.number,
      call,
      book,
      queue,
      index: this.#index,
      mayCopy: () => this.#copyRefusal() === null,
      mayFree: () => !this.#isClosed && this.#state.kind !== 'failed' && this.#identity !== null,
      damaged: (name, why) => this.#parts.listener.damaged(this, name, why),
      faulted: (fault) => this.faulted(fault),
      freed: () => this.apply({ kind: 'room' }),
    });
    return { book, queue, compaction };
  }

  #roomAgain(): void {
    this.#book.release();
    this.#compaction.poke();
  }

  #refusal(): ThemisError | null {
    if (this.#isClosed) return new ThemisError('THEMIS_CLOSED', `Device ${this.path} is closed.`);
    if (this.#state.kind === 'failed' || this.#identity === null) return this.#failedError();
    if (isWritable(this.#state)) return null;
    const kind =
      this.#state.kind === 'degraded' && this.#state.cause === 'read-only' ? 'read-only' : 'full';
    return faultError(this.path, { kind, why: whyOf(this.#state), cause: undefined });
  }

  #copyRefusal(): ThemisError | null {
    return !this.#isClosed && this.#identity !== null && takesCopies(this.#state)
      ? null
      : this.#failedError();
  }

  #failedError(): ThemisError {
    const why = whyOf(this.#state) || 'it has no identity yet';
    return faultError(this.path, { kind: 'broken', why, cause: undefined });
  }

  #appended(group: readonly Append[], volume: number, position: number): void {
    let offset = position;
    for (const { name, memory, offset: at, bytes } of group) {
      const sealed = sealedFragment(memory, at);
      this.#add(name, { device: this.number, volume, offset, ...sealed });
      offset += bytes;
    }
  }

  #add(name: FragmentName, fragment: IndexedFragment): number {
    const others = this.#index.add(name, fragment);
    if (others >= 0) this.#book.added(fragment.volume, fragment.bytes);
    return others;
  }

  /** Fragments that are in two volumes of the device go to `doubled` as well. */
  #take(loaded: LoadedVolume, doubled: FragmentName[]): Volume {
    const { number, fileBytes, end, isSealed, rows, source } = loaded;
    const volume = this.#book.add(number, fileBytes, end, true);
    const isCurrent = !isSealed && fileBytes === this.#book.volumeBytes;
    if (isCurrent && source === 'index' && this.#book.current === null) {
      this.#book.use(volume);
      this.#queue.resume();
    }
    for (let row = 0; row < listLength(rows); row++) {
      const { offset, bytes, digest, ...name } = listedFragment(rows, row);
      const others = this.#add(name, {
        device: this.number,
        volume: number,
        offset,
        bytes,
        digest,
      });
      if (others > 0) doubled.push(name);
    }
    return volume;
  }

  /**
   * One fragment in several volumes: a compaction was interrupted, or a repair wrote it anew. The
   * newest sound copy stays.
   */
  async #resolve(name: FragmentName): Promise<void> {
    const copies = this.#index
      .places(name)
      .filter(({ device }) => device === this.number)
      .sort((a, b) => b.volume - a.volume || b.offset - a.offset);
    let isFound = false;
    for (const [i, copy] of copies.entries()) {
      const isLast = i === copies.length - 1 && !isFound;
      if (isFound || (!isLast && !(await this.#isSound(name, copy)))) this.#drop(name, copy);
      else isFound = true;
    }
  }

  async #isSound(name: FragmentName, copy: IndexedFragment): Promise<boolean> {
    const list = new FragmentList();
    list.push({ ...name, ...copy });
    const verified = await this.#call.run('verify', { volume: copy.volume, rows: list.rows() });
    return verified.kind === 'done' && verified.value.length === 0;
  }

  #drop(name: FragmentName, spot: FragmentSpot): IndexedFragment | null {
    const removed = this.#index.remove(name, spot);
    if (removed !== null) this.#book.removed(removed.volume, removed.bytes);
    return removed;
  }

  #indexLater(volume: Volume): void {
    this.#indexing = this.#indexing.then(() => this.#writeIndex(volume));
  }

  /** A fault of it is passed over: without an index, the volume is scanned. */
  async #writeIndex(volume: Volume): Promise<void> {
    const { number, end, isSealed } = volume;
    const rows = this.#index.rowsOf(this.number, number);
    if (this.#book.volume(number) !== volume || this.#state.kind === 'failed') return;
    await this.#call.run('write-index', { index: { volume: number, end, isSealed, rows } });
  }
}
