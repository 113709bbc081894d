/** The ring: what a producer writes, a reader finds, in order, whatever wraps. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordBytes, recordHeaderBytes, recordOffsets } from '../../src/wal/record.js';
import { RingReader, RingWriter, unitsBetween } from '../../src/wal/ring.js';

function writeLength(memory: Uint8Array, payloadAt: number, length: number, mark: number): void {
  const view = new DataView(memory.buffer);
  const at = payloadAt - recordHeaderBytes;
  view.setUint32(at + recordOffsets.length, length, true);
  view.setUint16(at + recordOffsets.kind, 1, true);
  memory.fill(mark, payloadAt, payloadAt + length);
}

test('records come out in order and whole, over many wraps and every rest at the end', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 3 }), (lengths, lag) => {
      const memory = new Uint8Array(4096);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const queue: { length: number; mark: number }[] = [];
      let position = 0;
      const readOne = () => {
        const expected = queue.shift();
        if (expected === undefined) return;
        position = reader.settle(position);
        const at = reader.offsetOf(position) + recordHeaderBytes;
        assert.ok(at + expected.length <= memory.length, 'a record never wraps');
        const bytes = memory.subarray(at, at + expected.length);
        assert.ok(bytes.every((byte) => byte === expected.mark));
        position = reader.next(position);
        writer.release(position);
      };
      lengths.forEach((length, i) => {
        const mark = i & 0xff;
        let offset = writer.reserve(length);
        while (offset < 0) {
          assert.ok(queue.length > 0, 'an empty ring has room');
          readOne();
          offset = writer.reserve(length);
        }
        const payloadAt = offset + recordHeaderBytes;
        writeLength(memory, payloadAt, length, mark);
        writer.advance(length);
        queue.push({ length, mark });
        while (queue.length > lag) readOne();
      });
      while (queue.length > 0) readOne();
      assert.is(unitsBetween(position, writer.head), 0);
      assert.is(writer.used, 0);
    }),
  );
});

test('a full ring refuses, and what it refuses changes nothing', () => {
  const writer = new RingWriter(new Uint8Array(1024));
  let taken = 0;
  while (writer.reserve(100) >= 0) {
    writer.advance(100);
    taken++;
  }
  assert.is(taken, Math.floor(1024 / recordBytes(100)));
  const { head, used } = writer;
  assert.is(writer.reserve(100), -1);
  assert.is(writer.head, head);
  assert.is(writer.used, used);
});

test('positions keep their order across the end of 32 bits', () => {
  assert.is(unitsBetween(0xffff_fff0, 0x10), 0x20);
  assert.is(unitsBetween(5, 5), 0);
});

test('releasing what was never written is a defect, not a wish', () => {
  const writer = new RingWriter(new Uint8Array(1024));
  assert.throws(
    () => writer.release(8),
    (error: { code?: string }) => error.code === 'THEMIS_ASSERTION',
  );
});

test.run();
