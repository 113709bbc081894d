/** The Coder in every tier that runs here, and in several threads on one slab at once. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/io/index.js';
import { Coder, loadCodingKernel, naiveCoding, Slab } from '../../src/kernel/index.js';
import { codingContract } from '../contract/coding.js';

const { tiers } = loadCodingKernel();
process.stdout.write(`coding tiers tested here: ${tiers.join(', ')}\n`);

for (const tier of tiers) codingContract(test, loadCodingKernel({ force: tier }).kernel);

test('several threads code their stripes in one slab at once, in all tiers', async () => {
  const slab = Slab.allocate(50 * 6_000);
  for (let at = 0; at < slab.byteLength; at += 6_000) {
    seededRandom(at)
      .stream('data')
      .fill(slab.bytes.subarray(at, at + 4_000));
  }
  const fast = tiers.filter((tier) => tier !== naiveCoding.name);
  await Promise.all(
    fast.map(async (tier, first) => {
      const worker = new Worker(new URL('./coder-worker.js', import.meta.url), {
        workerData: {
          kind: 'encode',
          memory: slab.memory,
          byteLength: slab.byteLength,
          tier,
          first,
          step: fast.length,
          rounds: 40,
        },
      });
      assert.equal(await once(worker, 'exit'), [0]);
    }),
  );
  const coder = new Coder({ data: 4, parity: 2 }, naiveCoding);
  for (let at = 0; at < slab.byteLength; at += 6_000) {
    assert.is(coder.verify(slab, at, 1_000, 1_000), -1, `stripe at ${at}`);
  }
});

test.run();
