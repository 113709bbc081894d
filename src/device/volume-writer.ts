/**
 * Writes groups of fragments to a volume, and copies fragments from one volume to another. Runs in
 * a device thread; nothing is reported before it is durable, nor a copy before it was read back.
 */
import { type FileSystem, readWhole, SystemError, writeVectorWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { decodeFragment, fragmentFootprint, placeFragment } from './fragment.js';
import { FragmentList, type ListedFragment, listedFragment, listLength } from './fragment-list.js';
import { FragmentReader, wholeFragmentProblem } from './fragment-reader.js';
import type { OpenVolumes } from './open-volumes.js';
import type { Scratch } from './scratch.js';
import { volumePath } from './volume.js';
import type { DeviceSetting } from './volume-files.js';

export interface Group {
  readonly volume: number;
  /** Where the first fragment goes; the others follow without a gap. */
  readonly position: number;
  /** The slab, or any page-aligned memory that threads share. */
  readonly memory: Uint8Array;
  /** Offset and length in the memory of each fragment, in pairs; multiples of 4 KiB. */
  readonly pieces: Uint32Array;
}

export interface CopyStep {
  readonly from: number;
  readonly to: number;
  /** In the volume that they are copied to. */
  readonly position: number;
  /** See fragment-list.ts. */
  readonly rows: Uint32Array;
}

/** A fragment that is not what it should be. */
export interface FoundDamage {
  /** Its row in what was asked for. */
  readonly row: number;
  readonly why: string;
}

export interface CopiedFragments {
  /**
   * Rows of the copies, as they were read back; in the order of the originals, damaged left out.
   */
  readonly rows: Uint32Array;
  /** Behind the last copy. */
  readonly end: number;
  readonly damages: readonly FoundDamage[];
}

export interface VolumeWriterParts {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly volumes: OpenVolumes;
  readonly setting: DeviceSetting;
  /** For the copies of a step. */
  readonly copies: Scratch;
  /** For the fragment that is checked. */
  readonly checked: Scratch;
}

export class VolumeWriter {
  readonly #parts: VolumeWriterParts;

  constructor(parts: VolumeWriterParts) {
    this.#parts = parts;
  }

  /** Durable when it returns. Throws the system's errors; then nothing is known of the group. */
  append({ volume, position, memory, pieces }: Group): void {
    const sources: Uint8Array[] = [];
    for (let i = 0; i < pieces.length; i += 2) {
      const offset = pieces[i] as number;
      placeFragment(this.#parts.kernel, memory, offset, volume);
      sources.push(memory.subarray(offset, offset + (pieces[i + 1] as number)));
    }
    this.#write(volume, sources, position);
  }

  /**
   * Copies fragments that are verified on the way, and reads the copies back past the cache. Throws
   * the system's errors of the write; an original that cannot be read is a damaged one.
   */
  copy({ from, to, position, rows }: CopyStep): CopiedFragments {
    const originals = Array.from({ length: listLength(rows) }, (_, row) =>
      listedFragment(rows, row),
    );
    const room = originals.reduce((sum, { bytes }) => sum + fragmentFootprint(bytes), 0);
    const memory = this.#parts.copies.take(room);
    const damages: FoundDamage[] = [];
    const copies: ListedFragment[] = [];
    let length = 0;
    this.#checkEach(from, originals, (row, result) => {
      if (typeof result === 'string') {
        damages.push({ row, why: result });
        return;
      }
      memory.set(result, length);
      placeFragment(this.#parts.kernel, memory, length, to);
      const original = originals[row] as ListedFragment;
      copies.push({ ...original, offset: position + length });
      length += result.length;
    });
    const list = new FragmentList();
    if (length > 0) {
      this.#write(to, [memory.subarray(0, length)], position);
      this.#readBack(to, memory.subarray(0, length), position);
      this.#verifyCopies(memory, position, copies);
      for (const copy of copies) list.push(copy);
    }
    return { rows: list.rows(), end: position + length, damages };
  }

  /** Verifies fragments where they lie, past the cache. */
  verify(volume: number, rows: Uint32Array): FoundDamage[] {
    const listed = Array.from({ length: listLength(rows) }, (_, row) => listedFragment(rows, row));
    const damages: FoundDamage[] = [];
    this.#checkEach(volume, listed, (row, result) => {
      if (typeof result === 'string') damages.push({ row, why: result });
    });
    return damages;
  }

  #write(volume: number, sources: readonly Uint8Array[], position: number): void {
    const { volumes, setting } = this.#parts;
    const path = volumePath(setting.path, volume);
    volumes.use(path, 'write', ({ handle, isDirect }) => {
      writeVectorWhole(handle, sources, position);
      if (!isDirect) handle.sync();
      // A descriptor outlives its name: what was written to a file that was removed is lost.
      if (!handle.isNamed()) throw new SystemError('ENOENT', 'write', path);
    });
  }

  /** Replaces what was written by what the disk says. */
  #readBack(volume: number, memory: Uint8Array, position: number): void {
    const { volumes, setting } = this.#parts;
    memory.fill(0);
    volumes.use(volumePath(setting.path, volume), 'check', ({ handle }) =>
      readWhole(handle, memory, memory.length, position),
    );
  }

  #verifyCopies(memory: Uint8Array, position: number, copies: readonly ListedFragment[]): void {
    const { kernel, setting } = this.#parts;
    for (const copy of copies) {
      const at = copy.offset - position;
      const decoded = decodeFragment(kernel, memory, at);
      const isSame =
        decoded.kind === 'valid' &&
        decoded.header.digest === copy.digest &&
        wholeFragmentProblem(kernel, memory, at, copy.bytes) === null;
      if (!isSame) throw new SystemError('EIO', 'read', setting.path);
    }
  }

  /** Calls back with the bytes of each fragment, or with what is wrong with it. */
  #checkEach(
    volume: number,
    listed: readonly ListedFragment[],
    each: (row: number, result: Uint8Array | string) => void,
  ): void {
    const { fileSystem, kernel, setting, checked: scratch } = this.#parts;
    const { clusterId } = setting;
    const path = volumePath(setting.path, volume);
    const reader = new FragmentReader({ fileSystem, kernel, clusterId, scratch });
    try {
      for (const [row, fragment] of listed.entries()) {
        const place = { path, offset: fragment.offset, bytes: fragmentFootprint(fragment.bytes) };
        const check = reader.checkOrThrow(place, fragment);
        each(row, check.kind === 'ok' ? check.bytes : check.why);
      }
    } finally {
      reader.close();
    }
  }
}
