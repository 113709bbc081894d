/**
 * Idle marks: batches with one `mark` record, written when the log falls idle and at close. The
 * position that a mark carries proves everything before it synced.
 *
 * Every byte of a mark follows from its place in the log, and it holds no data. So a damaged one
 * is recognised by what is left of it and rewritten, instead of leaving recovery in doubt about
 * acknowledged records. A batch of data differs from the mark that could stand in its place in at
 * least 13 of 112 bytes: both checksums (8), kind, stream (4), and more.
 */

import { limits } from '../config/index.js';
import type { Kernel } from '../kernel/index.js';
import { type BatchPlace, BatchSealer, batchHeaderBytes } from './batch.js';
import { recordHeaderBytes, recordKinds, writeRecordHeader } from './record.js';
import { markStream, StreamIndexes } from './stream-indexes.js';

const markBytes = batchHeaderBytes + recordHeaderBytes;
/** Wrong bytes with which a batch still counts as a mark. */
const wrongBytesMax = 8;

/** The record of a mark, before it is sealed. */
export function markRecord(): Uint8Array {
  const bytes = new Uint8Array(recordHeaderBytes);
  writeRecordHeader(new DataView(bytes.buffer), 0, {
    length: 0,
    kind: recordKinds.mark,
    stream: markStream,
    index: 0,
    ballot: 0,
  });
  return bytes;
}

/** Makes the mark that belongs in a place, as it is on disk. */
export class MarkMaker {
  readonly #block = new Uint8Array(limits.blockBytes);
  readonly #record = markRecord();
  readonly #sealer: BatchSealer;
  readonly #streams = new StreamIndexes(new Map(), new Map());

  constructor(kernel: Kernel) {
    this.#sealer = new BatchSealer(kernel, this.#block);
  }

  /** The chain value behind the mark made last. */
  get chain(): number {
    return this.#sealer.chain;
  }

  /** One block, valid until the next call. */
  make(place: BatchPlace): Uint8Array {
    this.#sealer.begin(place);
    this.#sealer.add(this.#record, 0, this.#record.length, this.#streams);
    this.#sealer.finish();
    return this.#block;
  }
}

/** Can the bytes at `at`, which are not a valid batch, only be this mark? */
export function isDamagedMark(bytes: Uint8Array, at: number, mark: Uint8Array): boolean {
  let wrong = 0;
  for (let i = 0; i < markBytes; i++) if (bytes[at + i] !== mark[i]) wrong++;
  return wrong <= wrongBytesMax;
}
