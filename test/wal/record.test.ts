/** Records: layout, sizes and the chain. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  nextChain,
  readRecordHeader,
  recordBytes,
  recordHeaderBytes,
  writeRecordHeader,
} from '../../src/wal/record.js';

test('a record takes its header, its payload and padding to 8 bytes', () => {
  assert.is(recordBytes(0), 48);
  assert.is(recordBytes(100), 152);
  for (let length = 0; length < 100; length++) {
    const bytes = recordBytes(length);
    assert.is(bytes % 8, 0);
    assert.ok(bytes >= recordHeaderBytes + length && bytes < recordHeaderBytes + length + 8);
  }
});

test('a header reads back as written, with 53-bit numbers', () => {
  const u32 = fc.nat(0xffff_ffff);
  const u53 = fc.maxSafeNat();
  fc.assert(
    fc.property(u32, fc.nat(65_535), u32, u53, u53, (length, kind, stream, index, ballot) => {
      const view = new DataView(new ArrayBuffer(64));
      const record = { length, kind, stream, index, ballot };
      writeRecordHeader(view, 8, record);
      assert.equal(readRecordHeader(view, 8), {
        ...record,
        payloadCrc: 0,
        segmentTag: 0,
        chain: 0,
      });
    }),
  );
});

test('the chain tells a dropped, repeated, changed or exchanged record', () => {
  const chainOf = (records: readonly (readonly [number, number])[]): number =>
    records.reduce((chain, [crc, index]) => nextChain(chain, crc, index), 1);
  const whole = [
    [11, 1],
    [22, 2],
    [33, 3],
  ] as const;
  const [a, b, c] = whole;
  const chains = [
    whole,
    [a, c],
    [a, b, b, c],
    [b, a, c],
    [a, [23, 2], c],
    [a, [22, 5], c],
  ] as const;
  const values = new Set(chains.map((records) => chainOf(records)));
  assert.is(values.size, chains.length);
});

test.run();
