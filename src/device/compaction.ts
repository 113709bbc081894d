/**
 * Compaction of one device: the fragments of a volume that is mostly dead are copied to the current
 * one, and its file is freed.
 *
 *   candidate -> [ step: copy, sync, read back, verify ] ... -> index switched -> freed
 *
 * Invariants:
 * - A place leaves the index only for a copy that was read back from the disk and verified.
 * - A volume is freed only when no fragment in the index lies in it.
 * - A damaged fragment is reported and never copied; its volume is held until repair has made the
 *   fragment anew elsewhere and it is forgotten here.
 */
import { limits } from '../config/index.js';
import type { AppendQueue } from './append-queue.js';
import type { DeviceCall } from './device-call.js';
import type { DeviceFault } from './device-fault.js';
import { type FragmentName, fragmentFootprint } from './fragment.js';
import type { FragmentIndex, FragmentSpot } from './fragment-index.js';
import { listedFragment, listLength, listRowWords } from './fragment-list.js';
import type { Volume, VolumeBook } from './volume-book.js';
import type { CopiedFragments } from './volume-writer.js';

export interface CompactionParts {
  readonly device: number;
  readonly call: DeviceCall;
  readonly book: VolumeBook;
  readonly index: FragmentIndex;
  readonly queue: AppendQueue;
  /** False while the device is not written. */
  readonly mayCopy: () => boolean;
  /** False when the device is closed or failed. */
  readonly mayFree: () => boolean;
  readonly damaged: (name: FragmentName, why: string) => void;
  readonly faulted: (fault: DeviceFault) => void;
  /** Space was given back. */
  readonly freed: () => void;
}

export class Compaction {
  readonly #parts: CompactionParts;
  #run: Promise<void> | null = null;
  #copiedBytes = 0;

  constructor(parts: CompactionParts) {
    this.#parts = parts;
  }

  /** Bytes copied so far. */
  get copiedBytes(): number {
    return this.#copiedBytes;
  }

  /** Something was forgotten, or there is room again: looks for work, unless it is at work. */
  poke(): void {
    if (this.#run !== null || this.#candidate() === null) return;
    this.#run = this.#work();
  }

  async idle(): Promise<void> {
    while (this.#run !== null) await this.#run;
  }

  #candidate(): Volume | null {
    if (!this.#parts.mayFree()) return null;
    return this.#parts.book.candidate(this.#parts.mayCopy());
  }

  async #work(): Promise<void> {
    // What is forgotten in the same turn need not be copied.
    await Promise.resolve();
    for (let volume = this.#candidate(); volume !== null; volume = this.#candidate()) {
      volume.hold = 'busy';
      if (volume.fragments > 0) await this.#empty(volume);
      // Until something in it is forgotten, or there is room again.
      volume.hold = 'blocked';
      if (volume.fragments > 0 || !(await this.#free(volume))) continue;
      this.#parts.freed();
    }
    this.#run = null;
  }

  /** Copies what lives in it, as far as that is sound and the device takes it. */
  async #empty(volume: Volume): Promise<void> {
    const { device, index } = this.#parts;
    const rows = index.rowsOf(device, volume.number);
    for (let row = 0; row < listLength(rows); ) {
      const { end, bytes } = stepFrom(rows, row);
      const step = rows.slice(row * listRowWords, end * listRowWords);
      if (!(await this.#copy(volume, step, bytes))) return;
      row = end;
    }
  }

  /** False when the device takes no copies now. */
  async #copy(volume: Volume, rows: Uint32Array, bytes: number): Promise<boolean> {
    const { queue } = this.#parts;
    const result = await new Promise<Parameters<CopyDone>[0]>((resolve) => {
      queue.push({ kind: 'copy', from: volume.number, rows, bytes, done: resolve });
    });
    if (result === null) return false;
    this.#copiedBytes += bytes;
    this.#switch(volume.number, result.volume, result.copied);
    for (const { row, why } of result.copied.damages) {
      const fragment = listedFragment(rows, row);
      const spot = { device: this.#parts.device, volume: volume.number, offset: fragment.offset };
      // Not when it was forgotten while it was read.
      if (this.#isIndexed(fragment, spot)) this.#parts.damaged(fragment, why);
    }
    return true;
  }

  /** The index names the copies instead of the originals, unless those were forgotten meanwhile. */
  #switch(from: number, to: number, copied: CopiedFragments): void {
    const { device, index, book } = this.#parts;
    for (let row = 0; row < listLength(copied.rows); row++) {
      const copy = listedFragment(copied.rows, row);
      const original = index
        .places(copy)
        .find((place) => place.device === device && place.volume === from);
      if (original === undefined) continue;
      const { offset, bytes, digest } = copy;
      index.add(copy, { device, volume: to, offset, bytes, digest });
      book.added(to, copy.bytes);
      index.remove(copy, original);
      book.removed(from, original.bytes);
    }
  }

  #isIndexed(name: FragmentName, spot: FragmentSpot): boolean {
    return this.#parts.index
      .places(name)
      .some(
        (place) =>
          place.device === spot.device &&
          place.volume === spot.volume &&
          place.offset === spot.offset,
      );
  }

  async #free(volume: Volume): Promise<boolean> {
    const { book, call } = this.#parts;
    const keep = book.wantsSpare(volume.fileBytes);
    const freed = await call.run('free-volume', { volume: volume.number, keep });
    if (freed.kind === 'fault') {
      this.#parts.faulted(freed.fault);
      return false;
    }
    book.drop(volume);
    if (keep) book.addSpare(volume.number);
    return true;
  }
}

type CopyDone = (
  result: { readonly copied: CopiedFragments; readonly volume: number } | null,
) => void;

/** As many fragments from `row` on as one step copies. */
function stepFrom(
  rows: Uint32Array,
  row: number,
): { readonly end: number; readonly bytes: number } {
  let end = row;
  let bytes = 0;
  while (end < listLength(rows)) {
    const footprint = fragmentFootprint(listedFragment(rows, end).bytes);
    if (end > row && bytes + footprint > limits.compactionStepBytes) break;
    bytes += footprint;
    end++;
  }
  return { end, bytes };
}
