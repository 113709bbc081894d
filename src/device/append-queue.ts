/**
 * The writes of one device, one after the other. While a group is written and synced, what comes
 * meanwhile becomes the next group, so groups grow with the load by themselves.
 *
 *   waiting:  f f f C f f     f fragment, C step of a compaction
 *   written:  [ f f f ] [ C ] [ f f ]
 *
 * Invariants:
 * - One write is in flight; it alone moves the end of the current volume.
 * - A fragment is told durable when its group's task has returned, and is in the index by then.
 * - A volume that a write failed on is sealed: nobody knows what its pages hold.
 */
import { assert, type ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { DeviceCall } from './device-call.js';
import type { DeviceFault } from './device-fault.js';
import type { FragmentName } from './fragment.js';
import { volumeDataOffset } from './volume.js';
import type { Volume, VolumeBook } from './volume-book.js';
import type { CopiedFragments } from './volume-writer.js';

/** A fragment that lies sealed in memory. */
export interface Append {
  readonly kind: 'append';
  readonly name: FragmentName;
  readonly memory: Uint8Array;
  readonly offset: number;
  /** Header, data and zeros: whole blocks. */
  readonly bytes: number;
  readonly done: (error: ThemisError | null) => void;
}

/** A step of a compaction. */
export interface Copy {
  readonly kind: 'copy';
  readonly from: number;
  readonly rows: Uint32Array;
  /** What the copies take. */
  readonly bytes: number;
  readonly done: (
    result: { readonly copied: CopiedFragments; readonly volume: number } | null,
  ) => void;
}

type Job = Append | Copy;

export interface AppendQueueParts {
  readonly call: DeviceCall;
  readonly book: VolumeBook;
  /** Why nothing of that kind can be written now; null when it can. */
  readonly refusal: (kind: Job['kind']) => ThemisError | null;
  /** Fragments are durable: the index takes them, before anybody is told. */
  readonly appended: (group: readonly Append[], volume: number, position: number) => void;
  /** A volume is full; its index is worth writing. */
  readonly sealed: (volume: Volume) => void;
  /** Returns what the callers are told. */
  readonly faulted: (fault: DeviceFault) => ThemisError;
}

export class AppendQueue {
  readonly #parts: AppendQueueParts;
  readonly #jobs: Job[] = [];
  #pump: Promise<void> | null = null;
  /** An index from before must go before the current volume is written. */
  #isIndexed = false;

  constructor(parts: AppendQueueParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#jobs.length;
  }

  push(job: Job): void {
    assert(job.bytes <= this.#roomOfVolume, 'a fragment fits a volume');
    this.#jobs.push(job);
    this.#pump ??= this.#run();
  }

  /** The current volume was found with an index, which stays valid until it is written again. */
  resume(): void {
    this.#isIndexed = true;
  }

  /** True when the current volume is as its index says. */
  get isIndexed(): boolean {
    return this.#isIndexed;
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#pump !== null) await this.#pump;
  }

  /** Fails all that waits; what is in flight ends by itself. */
  refuse(error: ThemisError): void {
    for (const job of this.#jobs.splice(0)) fail(job, error);
  }

  get #roomOfVolume(): number {
    return this.#parts.book.volumeBytes - volumeDataOffset;
  }

  async #run(): Promise<void> {
    // What is pushed in the same turn shares the first group.
    await Promise.resolve();
    while (this.#jobs.length > 0) await this.#next();
    this.#pump = null;
  }

  async #next(): Promise<void> {
    const first = this.#jobs[0];
    if (first === undefined) return;
    const refusal = this.#parts.refusal(first.kind);
    if (refusal !== null) {
      this.#jobs.shift();
      fail(first, refusal);
      return;
    }
    const volume = await this.#volumeFor(first);
    // All that waited may have been refused meanwhile.
    if (this.#jobs[0] !== first) return;
    if (volume.kind === 'fault') {
      this.#jobs.shift();
      this.#fault(volume.fault, [first]);
      return;
    }
    if (first.kind === 'copy') await this.#copy(first, volume.value);
    else await this.#append(volume.value);
  }

  /** The current volume when it has room, or else a new one. */
  async #volumeFor({ kind, bytes }: Job) {
    const { book, call } = this.#parts;
    const current = book.current;
    if (current !== null && current.end + bytes <= current.fileBytes) {
      if (!this.#isIndexed) return { kind: 'done', value: current } as const;
      const reopened = await call.run('reopen-volume', { volume: current.number });
      if (reopened.kind === 'fault') return reopened;
      this.#isIndexed = false;
      return { kind: 'done', value: current } as const;
    }
    this.#roll();
    // The last spare is for compaction, and so is what is kept free: it makes room of both.
    const mayFill = kind === 'copy';
    const spare = mayFill || book.spares.length > 1 ? book.takeSpare() : null;
    const volume = book.takeNumber();
    const { volumeBytes } = book;
    const created = await call.run('create-volume', { volume, volumeBytes, spare, mayFill });
    if (created.kind === 'fault') {
      if (spare !== null && created.fault.kind === 'full') book.addSpare(spare);
      return created;
    }
    const added = book.add(volume, volumeBytes, volumeDataOffset, false);
    book.use(added);
    return { kind: 'done', value: added } as const;
  }

  async #append(volume: Volume): Promise<void> {
    const group = this.#takeGroup(volume);
    const memory = (group[0] as Append).memory;
    const pieces = new Uint32Array(2 * group.length);
    let end = volume.end;
    for (const [i, { offset, bytes }] of group.entries()) {
      pieces[2 * i] = offset;
      pieces[2 * i + 1] = bytes;
      end += bytes;
    }
    const position = volume.end;
    const written = await this.#parts.call.run('append', {
      group: { volume: volume.number, position, memory, pieces },
    });
    if (written.kind === 'fault') {
      this.#fault(written.fault, group);
      return;
    }
    this.#parts.book.advance(volume, end);
    this.#parts.appended(group, volume.number, position);
    for (const { done } of group) done(null);
  }

  /** The fragments at the head of the queue that one call writes. */
  #takeGroup(volume: Volume): Append[] {
    const group: Append[] = [];
    let bytes = 0;
    for (const job of this.#jobs) {
      if (job.kind === 'copy' || group.length === limits.groupFragmentsMax) break;
      const isFirst = group.length === 0;
      const fits = volume.end + bytes + job.bytes <= volume.fileBytes;
      const isSmall = bytes + job.bytes <= limits.groupBytesMax;
      const isSameMemory = group[0] === undefined || group[0].memory === job.memory;
      if (!isFirst && !(fits && isSmall && isSameMemory)) break;
      group.push(job);
      bytes += job.bytes;
    }
    this.#jobs.splice(0, group.length);
    return group;
  }

  async #copy(job: Copy, volume: Volume): Promise<void> {
    this.#jobs.shift();
    const step = { from: job.from, to: volume.number, position: volume.end, rows: job.rows };
    const copied = await this.#parts.call.run('copy', { step });
    if (copied.kind === 'fault') {
      this.#fault(copied.fault, [job]);
      return;
    }
    this.#parts.book.advance(volume, copied.value.end);
    job.done({ copied: copied.value, volume: volume.number });
  }

  #fault(fault: DeviceFault, jobs: readonly Job[]): void {
    // Without an index, so that the next open looks for what the failed write may have left.
    this.#parts.book.seal();
    const error = this.#parts.faulted(fault);
    for (const job of jobs) fail(job, error);
  }

  #roll(): void {
    const full = this.#parts.book.seal();
    if (full !== null && !this.#isIndexed) this.#parts.sealed(full);
    this.#isIndexed = false;
  }
}

function fail(job: Job, error: ThemisError): void {
  if (job.kind === 'copy') job.done(null);
  else job.done(error);
}
