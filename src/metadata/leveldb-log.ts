/**
 * The log format of LevelDB 1.20, in which its *.log files and its MANIFEST are written.
 *
 * The file is cut into blocks of 32 KiB. A record is one fragment (full), or several (first,
 * middle..., last), none of which crosses the end of a block:
 *
 *   offset  size  field
 *        0     4  masked CRC32C of type and data
 *        4     2  length of data
 *        6     1  type: 1 full, 2 first, 3 middle, 4 last
 *        7        data
 *
 * Fewer than 7 bytes at the end of a block are zeros. LevelDB writes fragments in order and skips
 * what is incomplete at the end of the file, so a process that died leaves a prefix, and a power
 * cut a prefix followed by zeros: `torn`. Everything else that does not hold is damage.
 *
 * A damaged length can make a complete fragment look cut short, because the CRC does not cover
 * it. It is told from a torn one by the CRC: a complete fragment's holds for some prefix of what
 * follows, a torn one's for none (but once in 2^32 / 32,768).
 */
import { isZero, viewOf } from '../base/index.js';
import type { FileHandle } from '../io/index.js';
import { readWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';

const blockBytes = 32_768;
const headerBytes = 7;
const blocksPerRead = 32;
const types = { full: 1, first: 2, middle: 3, last: 4 } as const;

export type LogVerdict =
  | { readonly kind: 'sound' }
  /** Whole up to `offset`; what follows is the start of a record, or zeros. */
  | { readonly kind: 'torn'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: string };

/** LevelDB stores CRCs rotated and shifted, because it computes CRCs of bytes that hold CRCs. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/**
 * Checks a whole file. Yields the bytes that each read took; memory is one read (1 MiB), and one
 * record when `onRecord` wants them.
 */
export function* checkLog(
  file: FileHandle,
  kernel: Kernel,
  onRecord?: (record: Uint8Array) => void,
): Generator<number, LogVerdict, undefined> {
  const walk = new LogWalk(kernel, onRecord);
  const fileBytes = file.size();
  const chunk = new Uint8Array(Math.min(fileBytes, blocksPerRead * blockBytes));
  for (let start = 0; start < fileBytes; start += chunk.length) {
    const length = readWhole(file, chunk, Math.min(chunk.length, fileBytes - start), start);
    for (let at = 0; at < length; at += blockBytes) {
      const block = chunk.subarray(at, Math.min(at + blockBytes, length));
      const verdict = walk.block(block, start + at);
      if (verdict === null) continue;
      if (verdict.kind === 'damaged' || restIsZero(file, chunk, verdict, fileBytes)) return verdict;
      return { kind: 'damaged', offset: verdict.offset, why: 'zeros where a record starts' };
    }
    yield length;
  }
  return walk.end();
}

/** A torn fragment runs to the end of the file; zeros must do so too. */
function restIsZero(
  file: FileHandle,
  chunk: Uint8Array,
  verdict: TornBlock,
  fileBytes: number,
): boolean {
  if (!verdict.zeros) return true;
  for (let at = verdict.zerosFrom; at < fileBytes; at += chunk.length) {
    const length = readWhole(file, chunk, Math.min(chunk.length, fileBytes - at), at);
    if (!isZero(chunk.subarray(0, length))) return false;
  }
  return true;
}

type TornBlock = Extract<LogVerdict, { kind: 'torn' }> & {
  readonly zeros: boolean;
  readonly zerosFrom: number;
};
type BlockVerdict = TornBlock | Extract<LogVerdict, { kind: 'damaged' }> | null;

/** Goes through blocks in order; knows whether a record is incomplete. */
class LogWalk {
  readonly #kernel: Kernel;
  readonly #onRecord: ((record: Uint8Array) => void) | undefined;
  #fragments: Uint8Array[] = [];
  /** Where the incomplete record starts. */
  #openAt: number | null = null;

  constructor(kernel: Kernel, onRecord: ((record: Uint8Array) => void) | undefined) {
    this.#kernel = kernel;
    this.#onRecord = onRecord;
  }

  /** Checks a block (shorter than 32 KiB only at the end of the file); null when all of it holds. */
  block(block: Uint8Array, start: number): BlockVerdict {
    const view = viewOf(block);
    let at = 0;
    while (at + headerBytes <= block.length) {
      const length = view.getUint16(at + 4, true);
      const type = block[at + 6] as number;
      if (type === 0 && length === 0 && isZero(block.subarray(at, block.length))) {
        return this.#torn(start + at, true, start + at);
      }
      const end = at + headerBytes + length;
      if (end > blockBytes) return damaged(start + at, 'a fragment crosses its block');
      const crc = unmaskCrc(view.getUint32(at, true));
      if (end > block.length) {
        if (this.#holdsForPrefix(block, at, crc)) return damaged(start + at, 'a wrong length');
        return this.#torn(start + at, false, 0);
      }
      if (this.#kernel.crc32c(block, at + 6, 1 + length, 0) !== crc) {
        return damaged(start + at, 'the checksum of a fragment');
      }
      const why = this.#fragment(type, block.subarray(at + headerBytes, end), start + at);
      if (why !== null) return damaged(start + at, why);
      at = end;
    }
    if (at === block.length) return null;
    const zeros = isZero(block.subarray(at));
    if (block.length === blockBytes) {
      return zeros ? null : damaged(start + at, 'the padding of a block');
    }
    return this.#torn(start + at, false, 0);
  }

  end(): LogVerdict {
    return this.#openAt === null ? { kind: 'sound' } : { kind: 'torn', offset: this.#openAt };
  }

  #torn(offset: number, zeros: boolean, zerosFrom: number): TornBlock {
    return { kind: 'torn', offset: this.#openAt ?? offset, zeros, zerosFrom };
  }

  /** Takes a sound fragment; says why it cannot follow what came before, or null. */
  #fragment(type: number, data: Uint8Array, offset: number): string | null {
    const starts = type === types.full || type === types.first;
    if (!starts && type !== types.middle && type !== types.last) return 'an unknown fragment type';
    if (starts !== (this.#openAt === null)) return 'fragments out of order';
    if (type === types.first) this.#openAt = offset;
    if (this.#onRecord !== undefined) this.#fragments.push(data.slice());
    if (type === types.full || type === types.last) {
      this.#openAt = null;
      this.#onRecord?.(Buffer.concat(this.#fragments));
      this.#fragments = [];
    }
    return null;
  }

  /** True when the checksum holds for the type and some number of the bytes that follow it. */
  #holdsForPrefix(block: Uint8Array, at: number, crc: number): boolean {
    let running = 0;
    for (let i = at + 6; i < block.length; i++) {
      running = this.#kernel.crc32c(block, i, 1, running);
      if (running === crc) return true;
    }
    return false;
  }
}

function damaged(offset: number, why: string): Extract<LogVerdict, { kind: 'damaged' }> {
  return { kind: 'damaged', offset, why };
}
