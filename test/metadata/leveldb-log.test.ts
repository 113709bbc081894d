/** LevelDB's log format, from logs made here byte by byte. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryFileSystem } from '../../src/io/index.js';
import { checkLog, type LogVerdict, unmaskCrc } from '../../src/metadata/leveldb-log.js';
import { tableKernel } from '../wal/table-kernel.js';

const blockBytes = 32_768;

function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function fragment(type: number, data: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(6), Buffer.of(type), data]);
  bytes.writeUInt32LE(mask(tableKernel.crc32c(bytes, 6, bytes.length - 6, 0)), 0);
  bytes.writeUInt16LE(data.length, 4);
  return bytes;
}

/** A log of these records, fragmented and padded as LevelDB's writer does. */
function logOf(records: readonly Uint8Array[]): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const put = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  for (const record of records) {
    let rest = record;
    let isFirst = true;
    do {
      const left = blockBytes - (length % blockBytes);
      if (left < 7) {
        put(Buffer.alloc(left));
        continue;
      }
      const data = rest.subarray(0, left - 7);
      rest = rest.subarray(data.length);
      const isLast = rest.length === 0;
      put(fragment(isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3, data));
      isFirst = false;
    } while (rest.length > 0 || isFirst);
  }
  return Buffer.concat(parts);
}

function check(bytes: Uint8Array): { readonly verdict: LogVerdict; readonly records: Buffer[] } {
  const fs = new MemoryFileSystem();
  const file = fs.open('/log', { access: 'read-write', create: true });
  file.write(bytes, 0, bytes.length, 0);
  const records: Buffer[] = [];
  const steps = checkLog(file, tableKernel, (record) => records.push(Buffer.from(record)));
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return { verdict: step.value, records };
  }
}

/** Lengths around the ends of blocks, where fragments and padding meet. */
const lengths = fc.oneof(
  fc.nat({ max: 300 }),
  fc.integer({ min: blockBytes - 20, max: blockBytes + 20 }),
  fc.constant(100_000),
);
const lists = fc
  .array(lengths, { maxLength: 8 })
  .map((sizes) => sizes.map((size, i) => Buffer.alloc(size, i + 1)));

test('records of any length come back whole', () => {
  fc.assert(
    fc.property(lists, (records) => {
      assert.equal(check(logOf(records)), { verdict: { kind: 'sound' }, records });
    }),
    { numRuns: 60 },
  );
});

test('a log cut anywhere is sound between records and torn inside, with the records before', () => {
  const records = [
    Buffer.alloc(10, 1),
    Buffer.alloc(40_000, 2),
    Buffer.alloc(0),
    Buffer.alloc(99, 3),
  ];
  const log = logOf(records);
  const ends = records.map((_, i) => logOf(records.slice(0, i + 1)).length);
  for (let cut = 0; cut <= log.length; cut += cut < 200 || cut > log.length - 400 ? 1 : 173) {
    const found = check(log.subarray(0, cut));
    const whole = ends.filter((end) => end <= cut).length;
    const isEnd = cut === 0 || ends.includes(cut);
    assert.is(found.verdict.kind, isEnd ? 'sound' : 'torn', `${cut}`);
    if (found.verdict.kind === 'torn') assert.is(found.verdict.offset, whole && ends[whole - 1]);
    assert.equal(found.records, records.slice(0, whole));
  }
});

test('a flipped bit anywhere is damage, never an end', () => {
  fc.assert(
    fc.property(lists, fc.nat(), fc.nat({ max: 7 }), (records, seed, bit) => {
      const log = logOf(records);
      if (log.length === 0) return;
      const at = seed % log.length;
      log[at] = (log[at] ?? 0) ^ (1 << bit);
      assert.is(check(log).verdict.kind, 'damaged');
    }),
    { numRuns: 200 },
  );
});

test('any wrong length of any record is damage, also of the last one', () => {
  const records = [Buffer.alloc(30, 1), Buffer.alloc(50, 2), Buffer.alloc(70, 3)];
  const starts = [0, 37, 94];
  for (const [i, start] of starts.entries()) {
    const right = records[i]?.length;
    for (let length = 0; length < 65_536; length += length < 300 ? 1 : 997) {
      if (length === right) continue;
      const log = logOf(records);
      log.writeUInt16LE(length, start + 4);
      assert.is(check(log).verdict.kind, 'damaged', `record ${i} of ${length} bytes`);
    }
  }
});

test('fragments out of order and of unknown types are damage', () => {
  const data = Buffer.alloc(5, 9);
  const orders = [[3], [4], [2, 1], [2, 2], [2, 3, 1], [1, 3], [1, 4], [2, 4, 4], [0], [5], [255]];
  for (const types of orders) {
    const log = Buffer.concat(types.map((type) => fragment(type, data)));
    assert.is(check(log).verdict.kind, 'damaged', String(types));
  }
  for (const types of [[1], [2, 4], [2, 3, 3, 4, 1]]) {
    assert.is(
      check(Buffer.concat(types.map((type) => fragment(type, data)))).verdict.kind,
      'sound',
    );
  }
  assert.equal(check(Buffer.concat([fragment(1, data), fragment(2, data)])).verdict, {
    kind: 'torn',
    offset: 12,
  });
});

test('masked checksums are those of LevelDB', () => {
  // LevelDB's own crc32c_test: the mask changes a CRC, and comes off again.
  for (const crc of [0, 1, 0x8a9136aa, 0xffffffff]) {
    assert.is(unmaskCrc(mask(crc)), crc);
    assert.is.not(mask(crc), crc);
  }
  assert.is(mask(0), 0xa282ead8);
});

test.run();
