/** Segment headers, names and tags. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  segmentDataOffset,
  segmentName,
  segmentSequence,
  segmentTag,
} from '../../src/wal/segment.js';
import { identity, kernel } from './log-fixture.js';

const header = {
  identity,
  sequence: 2 ** 40 + 5,
  syncedPosition: 2 ** 50 + 9,
  chain: 0xdeadbeef,
  segmentBytes: 1 << 26,
  batchNumber: 2 ** 45,
};

test('both copies of a header read back as written', () => {
  const bytes = encodeSegmentHeader(header, kernel);
  assert.is(bytes.length, segmentDataOffset);
  for (const at of [0, 4096]) {
    assert.equal(decodeSegmentHeader(bytes, at, kernel), { kind: 'valid', header });
  }
});

test('the fields are where the format says', () => {
  const bytes = encodeSegmentHeader(header, kernel);
  const view = viewOf(bytes);
  assert.is(Buffer.from(bytes.subarray(0, 8)).toString('latin1'), 'THEMISWL');
  assert.is(view.getUint32(8, true), 1);
  assert.is(view.getUint32(12, true), 1);
  assert.is(bytes[16], 0xc1);
  assert.is(bytes[32], 0xd2);
  assert.is(view.getUint32(48, true), 3);
  assert.is(view.getBigUint64(56, true), BigInt(header.sequence));
  assert.is(view.getBigUint64(64, true), BigInt(header.syncedPosition));
  assert.is(view.getUint32(72, true), header.chain);
  assert.is(view.getUint32(76, true), header.segmentBytes);
  assert.is(view.getBigUint64(80, true), BigInt(header.batchNumber));
});

test('a flipped bit in any of the 92 bytes makes a copy bad', () => {
  for (let bit = 0; bit < 92 * 8; bit++) {
    const bytes = encodeSegmentHeader(header, kernel);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.is(decodeSegmentHeader(bytes, 0, kernel).kind, 'bad');
    assert.is(decodeSegmentHeader(bytes, 4096, kernel).kind, 'valid');
  }
});

test('a newer version is told from damage', () => {
  const bytes = encodeSegmentHeader(header, kernel);
  const view = viewOf(bytes);
  view.setUint32(8, 2, true);
  view.setUint32(88, kernel.crc32c(bytes, 0, 88, 0), true);
  assert.equal(decodeSegmentHeader(bytes, 0, kernel), { kind: 'newer', version: 2 });
});

test('names and sequences are inverse, and sort alike', () => {
  assert.is(segmentName(42), '000000000000002a.wal');
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      assert.is(segmentSequence(segmentName(a)), a);
      assert.is(segmentName(a) < segmentName(b), a < b);
    }),
  );
  for (const name of ['ballast', 'spare-00000001.zero', '2a.wal', '000000000000002A.wal']) {
    assert.is(segmentSequence(name), null);
  }
});

test('tags differ between segments, incarnations and clusters, and are never zero', () => {
  const tags = new Set<number>();
  for (let sequence = 1; sequence <= 100; sequence++) {
    for (let incarnation = 1; incarnation <= 20; incarnation++) {
      for (const fill of [1, 2, 255]) {
        tags.add(segmentTag(new Uint8Array(16).fill(fill), incarnation, sequence));
      }
    }
  }
  assert.is(tags.size, 6000);
  assert.not(tags.has(0));
});

test.run();
