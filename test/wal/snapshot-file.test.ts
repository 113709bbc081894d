/** The blocks of a snapshot file, and its names. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import {
  chunkHeaderBytes,
  chunkHolds,
  chunkLengthMax,
  decodeFooter,
  decodeHeader,
  encodeFooter,
  encodeHeader,
  readChunkHeader,
  sealChunk,
  sealOf,
  snapshotIndex,
  snapshotName,
} from '../../src/wal/snapshot-file.js';
import { headerOf } from './snapshot-fixture.js';
import { tableKernel } from './table-kernel.js';

const footer = {
  headerCrc: 0xfedcba98,
  chain: 0x89abcdef,
  chunks: 2 ** 33,
  entries: 2 ** 44,
  fileBytes: 2 ** 50,
  stateHash: 0xfedcba9876543210n,
};

test('header and footer decode to what was encoded', () => {
  const block = encodeHeader(tableKernel, headerOf(2 ** 52));
  assert.equal(decodeHeader(tableKernel, block), {
    kind: 'valid',
    value: headerOf(2 ** 52),
    crc: sealOf(block),
  });
  const decoded = decodeFooter(tableKernel, encodeFooter(tableKernel, footer));
  assert.is(decoded.kind, 'valid');
  if (decoded.kind === 'valid') assert.equal(decoded.value, footer);
});

test('a flipped bit in every byte of header and footer is found', () => {
  const blocks = [
    [encodeHeader(tableKernel, headerOf(1)), decodeHeader],
    [encodeFooter(tableKernel, footer), decodeFooter],
  ] as const;
  for (const [block, decode] of blocks) {
    for (let at = 0; at < block.length; at++) {
      block[at] = (block[at] ?? 0) ^ (1 << (at % 8));
      assert.is(decode(tableKernel, block).kind, 'invalid', `byte ${at}`);
      block[at] = (block[at] ?? 0) ^ (1 << (at % 8));
    }
  }
});

test('a newer format is told from damage', () => {
  const block = encodeHeader(tableKernel, headerOf(1));
  viewOf(block).setUint32(8, 7, true);
  assert.is(decodeHeader(tableKernel, block).kind, 'invalid');
  viewOf(block).setUint32(4092, tableKernel.crc32c(block, 0, 4092, 0), true);
  assert.equal(decodeHeader(tableKernel, block), { kind: 'newer', version: 7 });
});

test('a chunk holds only where its chain continues, and with all its bits', () => {
  const chunk = new Uint8Array(chunkHeaderBytes + 40).fill(3);
  const chain = sealChunk(tableKernel, chunk, { sequence: 5, entries: 1, length: 40 }, 77);
  assert.equal(readChunkHeader(chunk), { chain, sequence: 5, entries: 1, length: 40 });
  assert.ok(chunkHolds(tableKernel, chunk, 77));
  assert.not.ok(chunkHolds(tableKernel, chunk, 78));
  for (let bit = 0; bit < chunk.length * 8; bit++) {
    chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.not.ok(chunkHolds(tableKernel, chunk, 77), `bit ${bit}`);
    chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
});

test('a chunk cannot claim more than a chunk can be', () => {
  const chunk = new Uint8Array(chunkHeaderBytes);
  sealChunk(tableKernel, chunk, { sequence: 0, entries: 1, length: 0 }, 0);
  viewOf(chunk).setUint32(16, chunkLengthMax, true);
  assert.ok(readChunkHeader(chunk));
  viewOf(chunk).setUint32(16, chunkLengthMax + 1, true);
  assert.is(readChunkHeader(chunk), null);
});

test('names are 16 hex digits and sort like their indexes', () => {
  const indexes = [0, 1, 255, 2 ** 32, 2 ** 53 - 1];
  const names = indexes.map(snapshotName);
  assert.equal(names.map(snapshotIndex), indexes);
  assert.equal(names.toSorted(), names);
  for (const name of ['1.snapshot', 'x'.repeat(16), `${snapshotName(1)}.partial`, 'CURRENT']) {
    assert.is(snapshotIndex(name), null, name);
  }
});

test.run();
