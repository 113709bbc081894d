/** Batches: sealing and opening are inverse, no sector is zero, damage is found. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  applyMask,
  BatchSealer,
  batchBlockBytes,
  batchHeaderBytes,
  hasZeroSector,
  maskFor,
  readBatchHeader,
  shortenBatch,
  wordsOf,
} from '../../src/wal/batch.js';
import { BatchChecker } from '../../src/wal/batch-checker.js';
import { fillRecord, LogRecord } from '../../src/wal/log-record.js';
import { SegmentWindow } from '../../src/wal/segment-window.js';
import { StreamIndexes } from '../../src/wal/stream-indexes.js';
import { kernel, layOut, type NamedRecord, run, sealBatch } from './log-fixture.js';
import { tableKernel } from './table-kernel.js';

const place = { segmentTag: 0xabcdef01, chain: 77, number: 2 ** 40 + 3, syncedPosition: 2 ** 45 };

function seal(records: readonly NamedRecord[], staging = new Uint8Array(256 * 1024)) {
  const sealer = new BatchSealer(kernel, staging);
  const source = layOut(records);
  const byteLength = sealBatch(sealer, source, place);
  return { bytes: staging.slice(0, batchBlockBytes(byteLength)), byteLength, sealer };
}

/** Opens a batch as a reader does; the records in it. */
function open(bytes: Uint8Array): { records: NamedRecord[]; fault: string | null; mask: number } {
  const window = new SegmentWindow(bytes.slice());
  const header = readBatchHeader(window.bytes, window.view, 0, tableKernel);
  if (header === null) return { records: [], fault: 'batch header', mask: 0 };
  if (header.mask !== 0) applyMask(window.words, 0, header.byteLength, header.mask);
  const checker = new BatchChecker(tableKernel);
  const fault = checker.check(window, 0, header);
  const record = new LogRecord(window.bytes);
  const records: NamedRecord[] = [];
  for (let i = 0; i < checker.known; i++) {
    if (checker.sound[i] !== 1) continue;
    fillRecord(record, window, checker.starts[i] as number);
    const { stream, index, payload } = record;
    records.push({ stream, index, payload: payload.slice() });
  }
  return { records, fault, mask: header.mask };
}

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.nat(6000).map((length) => new Uint8Array(length)),
  fc.tuple(fc.nat(1500), fc.integer()).map(([words, word]) => {
    const bytes = new Uint8Array(words * 4);
    new Uint32Array(bytes.buffer).fill(word);
    return bytes;
  }),
);

const batches = fc
  .array(fc.tuple(fc.nat(3), payloads), { minLength: 1, maxLength: 20 })
  .map((parts): NamedRecord[] => {
    const next = [1, 2 ** 32 - 2, 2 ** 40, 5];
    return parts.map(([stream, payload]) => {
      const index = next[stream] ?? 0;
      next[stream] = index + 1;
      return { stream, index, payload };
    });
  });

test('what was sealed opens as it was, whatever the payloads are', () => {
  fc.assert(
    fc.property(batches, (records) => {
      const { bytes } = seal(records);
      const { records: found, fault } = open(bytes);
      assert.is(fault, null);
      assert.equal(found, records);
    }),
    { numRuns: 150 },
  );
});

test('no sector of a sealed batch is zero, and everything behind it is', () => {
  fc.assert(
    fc.property(batches, (records) => {
      const { bytes, byteLength } = seal(records);
      for (let at = 0; at < byteLength; at += limits.sectorBytes) {
        const sector = bytes.subarray(at, Math.min(at + limits.sectorBytes, byteLength));
        assert.ok(sector.some((byte) => byte !== 0));
      }
      assert.ok(bytes.subarray(byteLength).every((byte) => byte === 0));
      assert.is(bytes.length % limits.blockBytes, 0);
    }),
    { numRuns: 150 },
  );
});

test('a batch without zero sectors is not masked; one with them is', () => {
  const text = new Uint8Array(2000).fill(65);
  assert.is(open(seal([{ stream: 1, index: 1, payload: text }]).bytes).mask, 0);
  const zeros = new Uint8Array(2000);
  assert.is(open(seal([{ stream: 1, index: 1, payload: zeros }]).bytes).mask, 0x9e3779b1);
});

test('a payload made of the masks that come first gets another mask', () => {
  const words = new Uint32Array((batchHeaderBytes + 20 * 512) / 4);
  const view = new Uint8Array(words.buffer);
  const byteLength = view.length;
  // Sector 1 is zero, sector i consists of mask i - 1.
  words.fill(1, 0, 128);
  for (let sector = 2; sector < 20; sector++) {
    const mask = Math.imul(sector - 1, 0x9e3779b1);
    words.fill(mask, sector * 128, sector * 128 + 128);
  }
  const mask = maskFor(words, byteLength);
  assert.ok(hasZeroSector(words, 0, byteLength));
  applyMask(words, 0, byteLength, mask);
  assert.not(hasZeroSector(words, 0, byteLength));
  applyMask(words, 0, byteLength, mask);
  assert.is(words[200], 0);
});

test('a last sector of eight zero bytes counts as a sector', () => {
  const words = new Uint32Array((512 + 8) / 4).fill(3, 0, 128);
  assert.ok(hasZeroSector(words, 0, 520));
  assert.not(hasZeroSector(words, 0, 512));
  assert.is.not(maskFor(words, 520), 0);
});

test('a flipped bit anywhere in the covered bytes is found, and hides no other record', () => {
  const payload = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  const records = [1, 2, 3].map((index) => ({ stream: 1, index, payload: payload(40) }));
  const { bytes, byteLength } = seal(records);
  for (let at = 0; at < byteLength; at++) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    const { fault, records: found } = open(damaged);
    const inRecord = (at - batchHeaderBytes) % 88;
    if (at < batchHeaderBytes) assert.is(fault, 'batch header');
    else if (inRecord < 48) assert.is(fault, 'record header');
    else {
      assert.is(fault, 'payload');
      assert.is(found.length, 2);
    }
  }
});

test('a batch that is added in pieces is the one that is added at once', () => {
  const records = run(1, 1, [10, 0, 333, 8, 2000]);
  const whole = seal(records);
  const staging = new Uint8Array(64 * 1024).fill(0xee);
  const sealer = new BatchSealer(kernel, staging);
  const streams = new StreamIndexes(new Map(), new Map());
  sealer.begin(place);
  for (const record of records) {
    const piece = layOut([record]);
    sealer.add(piece, 0, piece.length, streams);
  }
  assert.is(sealer.finish(), whole.byteLength);
  assert.equal(staging.slice(0, whole.bytes.length), whole.bytes);
  assert.equal([sealer.chain, sealer.records], [whole.sealer.chain, records.length]);
});

test('the chain runs through the records of a batch into the next', () => {
  const first = seal([{ stream: 1, index: 1, payload: new Uint8Array(3) }]);
  const other = seal([{ stream: 1, index: 1, payload: new Uint8Array(4) }]);
  assert.is.not(first.sealer.chain, place.chain);
  assert.is.not(first.sealer.chain, other.sealer.chain);
  assert.is(first.sealer.records, 1);
});

test('a batch with a record beyond its end, too many records or a skipped index is refused', () => {
  const records = [{ stream: 1, index: 1, payload: new Uint8Array(100) }];
  const source = layOut(records);
  const sealer = new BatchSealer(kernel, new Uint8Array(1024 * 1024));
  const sealed = (bytes: Uint8Array): number =>
    sealBatch(sealer, bytes, place, new StreamIndexes(new Map([[1, 0]]), new Map()));
  const longer = source.slice();
  viewOf(longer).setUint32(4, 0xffff_fff0, true);
  assert.throws(() => sealed(longer), /ends inside its batch/);
  viewOf(longer).setUint32(4, 90, true);
  assert.throws(() => sealed(longer), /ends inside its batch/);
  viewOf(longer).setUint32(4, 100, true);
  viewOf(longer).setUint32(16, 3, true);
  assert.throws(() => sealed(longer), /goes on at index 1, not at 3/);
  const many = new Uint8Array(48 * (limits.batchRecordsMax + 1));
  assert.throws(() => sealed(many), /batchRecordsMax/);
  assert.throws(() => sealed(new Uint8Array(2 * 1024 * 1024)), /staging/);
  assert.is(sealed(source), batchHeaderBytes + source.length);
});

test('a shortened batch holds its first records and nothing else', () => {
  const records = [1, 2, 3].map((index) => ({
    stream: 1,
    index,
    payload: new Uint8Array(1000),
  }));
  const { bytes } = seal(records);
  const view = viewOf(bytes);
  const header = readBatchHeader(bytes, view, 0, kernel);
  assert.ok(header !== null);
  if (header === null) return;
  applyMask(wordsOf(bytes), 0, header.byteLength, header.mask);
  shortenBatch(bytes, header, 2, batchHeaderBytes + 2 * 1048, kernel);
  const { records: found, fault } = open(bytes);
  assert.is(fault, null);
  assert.equal(found, records.slice(0, 2));
});

test.run();
