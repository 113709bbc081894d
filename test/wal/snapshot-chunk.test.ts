/** Entries inside a chunk: found exactly, or refused. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeU64 } from '../../src/base/index.js';
import { hashEntries, indexEntries, versionAt } from '../../src/wal/snapshot-chunk.js';
import { StateHash } from '../../src/wal/state-hash.js';
import { tableKernel } from './table-kernel.js';

type Pair = readonly [Uint8Array, Uint8Array, number];

function payloadOf(pairs: readonly Pair[]): Uint8Array {
  return Buffer.concat(
    pairs.map(([key, value, version]) => {
      const head = Buffer.alloc(16);
      head.writeUInt32LE(key.length, 0);
      head.writeUInt32LE(value.length, 4);
      writeU64(new DataView(head.buffer, head.byteOffset, 16), 8, version);
      return Buffer.concat([head, key, value]);
    }),
  );
}

const bytes = fc.uint8Array({ maxLength: 30 });
const pairs = fc.array(fc.tuple(bytes, bytes, fc.maxSafeNat()), { minLength: 1, maxLength: 12 });

test('every entry is found where it was put, and hashed by its parts', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const payload = payloadOf(list);
      const index = indexEntries(payload, list.length);
      assert.ok(index);
      const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
      const expected = new StateHash();
      list.forEach(([key, value, version], i) => {
        const [keyAt = 0, keyBytes = 0, valueAt = 0, valueBytes = 0] = index.subarray(4 * i);
        assert.equal(new Uint8Array(payload.subarray(keyAt, keyAt + keyBytes)), key);
        assert.equal(new Uint8Array(payload.subarray(valueAt, valueAt + valueBytes)), value);
        assert.is(versionAt(view, keyAt), version);
        const crc = (part: Uint8Array) => tableKernel.crc32c(part, 0, part.length, 0);
        expected.add(crc(key), key.length, crc(value), value.length, version);
      });
      const found = new StateHash();
      hashEntries(tableKernel, payload, index, found);
      assert.is(found.value, expected.value);
    }),
  );
});

test('a wrong count, a missing or an extra byte is refused', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const payload = payloadOf(list);
      assert.is(indexEntries(payload, list.length - 1), null);
      assert.is(indexEntries(payload, list.length + 1), null);
      assert.is(indexEntries(payload.subarray(0, payload.length - 1), list.length), null);
      assert.is(indexEntries(Buffer.concat([payload, Buffer.alloc(1)]), list.length), null);
    }),
  );
});

test('lengths beyond the limits are refused whatever follows', () => {
  for (const [offset, value] of [
    [0, 16 * 1024 + 1],
    [4, 16 * 1024 * 1024 + 1],
    [4, 0xffffffff],
  ]) {
    const payload = Buffer.alloc(16 + 17 * 1024);
    payload.writeUInt32LE(value ?? 0, offset);
    assert.is(indexEntries(payload, 1), null);
  }
});

test.run();
