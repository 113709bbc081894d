/** Which shapes exist, and what the refusals tell a person. The contract has the full tables. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import {
  checkBlocks,
  checkMasks,
  checkShape,
  checkStripe,
  checkUpdate,
} from '../../src/kernel/coder-arguments.js';
import { Coder, type CodingKernel, naiveCoding, Slab } from '../../src/kernel/index.js';

function refuses(call: () => unknown, text: string): void {
  assert.throws(
    call,
    (error: unknown) =>
      isThemisError(error, 'THEMIS_KERNEL_ARGUMENT') && error.message.includes(text),
    text,
  );
}

test('shapes from 1+1 to 256 shards exist, others do not', () => {
  for (const [data, parity] of [
    [1, 1],
    [255, 1],
    [1, 255],
    [128, 128],
  ] as const) {
    checkShape(data, parity, 'cauchy');
  }
  refuses(() => checkShape(0, 2, 'cauchy'), 'data 0 is not a count of shards, from 1.');
  refuses(() => checkShape(1.5, 2, 'cauchy'), 'data 1.5');
  refuses(() => checkShape(4, 0, 'cauchy'), 'parity 0 is not a count of shards, from 1.');
  refuses(() => checkShape(4, Number.NaN, 'cauchy'), 'parity NaN');
  refuses(() => checkShape(255, 2, 'cauchy'), '255 data and 2 parity shards are more than 256');
  refuses(() => checkShape(4, 2, 'jerasure'), 'matrix jerasure is neither vandermonde nor cauchy.');
});

test('a coder of a shape that does not exist prepares nothing', () => {
  const untouched: CodingKernel = {
    name: 'untouched',
    prepare: () => assert.unreachable('was asked to prepare') as never,
  };
  refuses(() => new Coder({ data: 4, parity: 0 }, untouched), 'parity 0');
  assert.is(new Coder({ data: 3, parity: 2 }, naiveCoding).matrix, 'vandermonde');
});

test('a stripe fits exactly when its last shard ends in the slab', () => {
  const slab = Slab.allocate(30);
  for (let offset = 0; offset <= 12; offset++) {
    for (let stride = 0; stride <= 12; stride++) {
      for (let length = 0; length <= 12; length++) {
        const fits = stride >= length && offset + 2 * stride + length <= 30;
        if (fits) checkStripe(slab, offset, stride, length, 3);
        else refuses(() => checkStripe(slab, offset, stride, length, 3), `${length} bytes every`);
      }
    }
  }
});

test('refusals name the values and what to do', () => {
  const slab = Slab.allocate(1_000);
  refuses(
    () => checkStripe(slab, 5, 200, 200, 6),
    '6 shards of 200 bytes every 200 from 5 on leave the 1000 bytes of the slab.',
  );
  refuses(
    () => checkStripe(slab, 0, 99, 100, 6),
    'Shards of 100 bytes every 99 overlap. Pass a stride >= length.',
  );
  refuses(
    () => checkBlocks(100, 6, 30, new Uint32Array(23)),
    'results has 23 elements; 24 are needed, one for each block.',
  );
  refuses(() => checkUpdate(4, 4, 6), 'index 4 is not that of one of the 4 data shards.');
  refuses(() => checkUpdate(0, 200, 256), 'A stripe of 256 shards has no place for old content.');
  refuses(() => checkMasks(3n, 6n, 6), 'A shard that is wanted is also present.');
  refuses(() => checkMasks(64n, 0n, 6), 'present 64 is not a mask of 6 shards, a bigint.');
});

test.run();
