/**
 * What is known of a device's volumes, in memory: where each ends, how much of it lives, which one
 * is appended to. Says which one is worth compacting.
 *
 * Invariant: the live bytes of a volume are those of its fragments in the index.
 */
import { assert, must } from '../base/index.js';
import { limits } from '../config/index.js';
import { fragmentFootprint } from './fragment.js';
import { volumeDataOffset } from './volume.js';

export interface Volume {
  readonly number: number;
  readonly fileBytes: number;
  /** Where the next fragment would go. */
  end: number;
  /** What its fragments in the index take. */
  liveBytes: number;
  fragments: number;
  isSealed: boolean;
  /** Compaction is at work on it, or cannot go on before something in it is forgotten. */
  hold: 'none' | 'busy' | 'blocked';
}

export class VolumeBook {
  readonly #volumeBytes: number;
  readonly #volumes = new Map<number, Volume>();
  readonly #spares: number[] = [];
  #current: Volume | null = null;
  #nextNumber = 1;
  #liveBytes = 0;
  #usedBytes = 0;
  #fragments = 0;

  constructor(volumeBytes: number) {
    this.#volumeBytes = volumeBytes;
  }

  /** Of a new volume. */
  get volumeBytes(): number {
    return this.#volumeBytes;
  }

  get volumes(): Iterable<Volume> {
    return this.#volumes.values();
  }

  /** Files that may become volumes. */
  get spares(): readonly number[] {
    return this.#spares;
  }

  /** The volume that is appended to. */
  get current(): Volume | null {
    return this.#current;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Taken by fragments that are not needed any more, until compaction. */
  get deadBytes(): number {
    return this.#usedBytes - this.#liveBytes;
  }

  get fragments(): number {
    return this.#fragments;
  }

  volume(number: number): Volume | undefined {
    return this.#volumes.get(number);
  }

  /** A volume that was found, or was made. */
  add(number: number, fileBytes: number, end: number, isSealed: boolean): Volume {
    const volume: Volume = {
      number,
      fileBytes,
      end,
      liveBytes: 0,
      fragments: 0,
      isSealed,
      hold: 'none',
    };
    this.#volumes.set(number, volume);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    this.#usedBytes += end - volumeDataOffset;
    return volume;
  }

  addSpare(number: number): void {
    this.#spares.push(number);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
  }

  takeSpare(): number | null {
    return this.#spares.shift() ?? null;
  }

  /** The number of the next volume; never one that a file of this device ever had. */
  takeNumber(): number {
    const number = this.#nextNumber;
    this.#nextNumber++;
    return number;
  }

  /** Appends go to this volume from now on; the one before is sealed. */
  use(volume: Volume): void {
    this.seal();
    volume.isSealed = false;
    this.#current = volume;
  }

  /** Nothing is appended to the current volume any more. */
  seal(): Volume | null {
    const sealed = this.#current;
    if (sealed !== null) sealed.isSealed = true;
    this.#current = null;
    return sealed;
  }

  /** Room of the current volume was written. */
  advance(volume: Volume, end: number): void {
    assert(end >= volume.end && end <= volume.fileBytes, 'a volume grows up to its size');
    this.#usedBytes += end - volume.end;
    volume.end = end;
  }

  /** A fragment came to the index. */
  added(number: number, bytes: number): void {
    this.#count(must(this.#volumes.get(number), 'the volume of a fragment'), bytes, 1);
  }

  /** A fragment left the index. */
  removed(number: number, bytes: number): void {
    const volume = this.#volumes.get(number);
    if (volume === undefined) return;
    this.#count(volume, bytes, -1);
    if (volume.hold === 'blocked') volume.hold = 'none';
  }

  /** The volume's file has another name now. */
  drop(volume: Volume): void {
    assert(volume.fragments === 0, 'a volume that is freed holds no fragment');
    this.#volumes.delete(volume.number);
    this.#usedBytes -= volume.end - volumeDataOffset;
  }

  /**
   * The volume to compact next: sealed, and at most half alive, the emptiest first. Null when there
   * is none. `mayCopy`: others than empty ones count.
   */
  candidate(mayCopy: boolean): Volume | null {
    let best: Volume | null = null;
    for (const volume of this.#volumes.values()) {
      if (!volume.isSealed || volume.hold !== 'none') continue;
      const isEmpty = volume.fragments === 0;
      const isHalfDead = volume.liveBytes <= (volume.fileBytes - volumeDataOffset) / 2;
      if (!isEmpty && !(mayCopy && isHalfDead)) continue;
      if (best === null || volume.liveBytes < best.liveBytes) best = volume;
    }
    return best;
  }

  /** There is room again: volumes whose compaction could not go on are candidates again. */
  release(): void {
    for (const volume of this.#volumes.values()) {
      if (volume.hold === 'blocked') volume.hold = 'none';
    }
  }

  /** True when a freed file of that size is kept as a spare. */
  wantsSpare(fileBytes: number): boolean {
    return this.#spares.length < limits.spareVolumes && fileBytes === this.#volumeBytes;
  }

  #count(volume: Volume, bytes: number, sign: 1 | -1): void {
    const footprint = sign * fragmentFootprint(bytes);
    volume.liveBytes += footprint;
    volume.fragments += sign;
    this.#liveBytes += footprint;
    this.#fragments += sign;
  }
}
