/** Checksums of blocks: every shard of the list, every block, the last one what remains. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { naiveKernel, Slab } from '../../src/kernel/index.js';
import { shardChecksums } from '../../src/kernel/shard-checksums.js';

test('results are in the order of the list, then of the blocks', () => {
  const slab = Slab.allocate(1_000);
  for (let i = 0; i < 1_000; i++) slab.bytes[i] = i * 7;
  const results = new Uint32Array(7).fill(0xaaaaaaaa);
  const layout = { offset: 10, stride: 200, length: 150, block: 64 };
  shardChecksums(naiveKernel, slab, [3, 1], layout, results);
  const crc = (from: number, length: number): number =>
    naiveKernel.crc32c(slab.bytes, from, length, 0);
  const expected = [crc(610, 64), crc(674, 64), crc(738, 22), crc(210, 64), crc(274, 64)];
  assert.equal([...results], [...expected, crc(338, 22), 0xaaaaaaaa]);
});

test('shards without bytes have no blocks', () => {
  const slab = Slab.allocate(10);
  const results = new Uint32Array(1).fill(5);
  shardChecksums(naiveKernel, slab, [0, 1], { offset: 0, stride: 0, length: 0, block: 8 }, results);
  assert.equal([...results], [5]);
});

test.run();
