/** The checker tells damaged headers from damaged payloads and keeps what is intact. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchSealer, batchHeaderBytes, readBatchHeader } from '../../src/wal/batch.js';
import { BatchChecker } from '../../src/wal/batch-checker.js';
import { SegmentWindow } from '../../src/wal/segment-window.js';
import { kernel, layOut, run, sealBatch } from './log-fixture.js';

const place = { segmentTag: 5, chain: 6, number: 7, syncedPosition: 8 };
const recordLength = 48 + 40;

/** Four records of 40 bytes, changed by `damage`, checked. */
function check(damage: (bytes: Uint8Array) => void) {
  const window = new SegmentWindow(new Uint8Array(8192));
  const sealer = new BatchSealer(kernel, window.bytes);
  const source = layOut(run(1, 1, [40, 40, 40, 40]));
  sealBatch(sealer, source, place);
  const header = readBatchHeader(window.bytes, window.view, 0, kernel);
  damage(window.bytes);
  const checker = new BatchChecker(kernel);
  if (header === null) throw new RangeError('the batch has a header');
  const fault = checker.check(window, 0, header);
  return { fault, checker, window, chain: sealer.chain };
}

const byteOf = (record: number, at: number): number =>
  batchHeaderBytes + record * recordLength + at;

test('an intact batch has all records and the chain behind the last', () => {
  const { fault, checker, window, chain } = check(() => undefined);
  assert.is(fault, null);
  assert.is(checker.known, 4);
  assert.is(checker.intact, 4);
  assert.is(checker.chain, chain);
  for (let count = 0; count <= 4; count++) {
    assert.is(checker.lengthOf(window, 0, count), batchHeaderBytes + count * recordLength);
  }
});

test('a damaged payload leaves all headers known and the chain whole', () => {
  for (let record = 0; record < 4; record++) {
    const at = byteOf(record, 50);
    const { fault, checker, chain } = check((bytes) => {
      bytes[at] = (bytes[at] as number) ^ 4;
    });
    assert.is(fault, 'payload');
    assert.is(checker.known, 4);
    assert.is(checker.intact, record);
    assert.equal(
      [...checker.sound.subarray(0, 4)],
      [0, 1, 2, 3].map((i) => (i === record ? 0 : 1)),
    );
    assert.is(checker.chain, chain);
  }
});

test('behind a damaged header nothing is known', () => {
  for (let record = 0; record < 4; record++) {
    for (const field of [0, 4, 7, 12, 20, 36, 40, 47]) {
      const at = byteOf(record, field);
      const { fault, checker } = check((bytes) => {
        bytes[at] = (bytes[at] as number) ^ 0x80;
      });
      assert.is(fault, 'record header');
      assert.is(checker.known, record);
      assert.is(checker.intact, record);
    }
  }
});

test('records in another order break the chain, although each is valid', () => {
  const { fault, checker } = check((bytes) => {
    const second = bytes.slice(byteOf(1, 0), byteOf(2, 0));
    bytes.copyWithin(byteOf(1, 0), byteOf(2, 0), byteOf(3, 0));
    bytes.set(second, byteOf(2, 0));
  });
  assert.is(fault, 'record header');
  assert.is(checker.known, 1);
});

test.run();
