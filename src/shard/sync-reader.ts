/** Reads that must return with the value: what the reading threads do, done by this one. */
import { assert, must } from '../base/index.js';
import { limits } from '../config/index.js';
import type { BlobDevices } from './blob-ports.js';
import type { Manifest } from './manifest.js';
import { PathTable, planPiece } from './piece-plan.js';
import { type JudgeParts, ReadJudge } from './read-judge.js';
import { pieceLayout, readPieces } from './read-pieces.js';
import type { ReadSlab } from './read-slab.js';
import { type StripeRange, stripeLength, stripeRanges } from './stripe-layout.js';
import { type TaskParts, TaskSetting } from './task-setting.js';

export interface SyncReaderParts extends TaskParts, JudgeParts {
  readonly devices: Pick<BlobDevices, 'locate' | 'readPlace' | 'reportReadFailure'>;
  readonly clusterId: Uint8Array;
  readonly slab: ReadSlab;
}

export class SyncReader {
  readonly #parts: SyncReaderParts;
  readonly #judge: ReadJudge;
  /** Made by the first read. */
  #setting: TaskSetting | null = null;
  readonly #progress = new Int32Array(1);

  constructor(parts: SyncReaderParts) {
    this.#parts = parts;
    this.#judge = new ReadJudge(parts);
  }

  /**
   * Bytes [start, end) of the value. Throws THEMIS_BLOB_LOST, and THEMIS_OVERLOADED while other
   * reads use all memory.
   */
  read(manifest: Manifest, start: number, end: number): Buffer {
    const target = Buffer.allocUnsafeSlow(end - start);
    let at = 0;
    for (const range of stripeRanges(manifest, start, end)) {
      this.#readStripe(manifest, range, target, at);
      at += range.to - range.from;
    }
    return target;
  }

  close(): void {
    this.#setting?.close();
    this.#setting = null;
  }

  #readStripe(manifest: Manifest, range: StripeRange, target: Uint8Array, at: number): void {
    const { slab } = this.#parts;
    const layout = pieceLayout({
      ...manifest,
      ...range,
      length: stripeLength(manifest, range.stripe),
    });
    const offset = slab.takeNow((manifest.data + manifest.parity) * layout.stride);
    try {
      this.#readInto(manifest, range, offset);
      const begin = offset + layout.start;
      target.set(slab.bytes.subarray(begin, begin + range.to - range.from), at);
    } finally {
      slab.free(offset);
    }
  }

  #readInto(manifest: Manifest, range: StripeRange, offset: number): void {
    const { devices, clusterId, slab } = this.#parts;
    this.#setting ??= new TaskSetting(this.#parts);
    for (let attempt = 1; attempt <= limits.blobReadAttempts; attempt++) {
      const table = new PathTable();
      const plan = planPiece(manifest, range, offset, devices, table, () => false);
      const { paths } = table;
      const pieces = [plan.piece];
      const progress = this.#progress;
      const argument = { slab: slab.posted, clusterId, paths, pieces, progress };
      const { kind, findings } = must(readPieces(argument, this.#setting)[0], 'a result');
      this.#judge.note(plan, findings);
      if (kind === 'ok') return;
      if (attempt === limits.blobReadAttempts || !this.#judge.mayChange(plan)) {
        throw this.#judge.lost(plan, findings);
      }
    }
    assert(false, 'the last attempt returns or throws');
  }
}
