/** Streams out: in order, whatever order answers come in, and only a few stripes ahead. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { readInChunks } from '../../src/shard/blob-read-stream.js';
import type { Manifest } from '../../src/shard/manifest.js';
import { layoutOf, type StripeRange } from '../../src/shard/stripe-layout.js';
import { rejection, settled } from './blob-fixture.js';

const length = 41 * MiB;
const manifest: Manifest = {
  ...layoutOf({ data: 4, parity: 2 }, length),
  blob: 1,
  nonce: new Uint8Array(8),
  blockBytes: 65_536,
  digests: new Uint32Array(11 * 6),
};

function reader() {
  const asked: { stripe: number; answer: () => void; fail: () => void }[] = [];
  const read = ({ stripe }: StripeRange) =>
    new Promise<Buffer>((resolve, reject) => {
      const answer = () => resolve(Buffer.of(stripe));
      asked.push({ stripe, answer, fail: () => reject(new RangeError('unreadable')) });
    });
  return { asked, read };
}

test('a few stripes are asked for ahead, and one more for each that is taken', async () => {
  const { asked, read } = reader();
  const chunks = readInChunks(manifest, 0, length, read);
  const first = chunks.next();
  assert.is(asked.length, limits.blobStreamStripes);
  for (const one of [...asked].reverse()) one.answer();
  assert.equal([...((await first).value ?? [])], [0]);
  await settled();
  assert.is(asked.length, limits.blobStreamStripes, 'nothing more before somebody reads');
  assert.equal([...((await chunks.next()).value ?? [])], [1]);
  assert.is(asked.length, limits.blobStreamStripes + 1);
});

test('every stripe comes once, in order', async () => {
  const seen: number[] = [];
  const read = async ({ stripe }: StripeRange) => Buffer.of(stripe);
  for await (const [stripe] of readInChunks(manifest, 5 * MiB, 30 * MiB, read)) {
    seen.push(stripe ?? -1);
  }
  assert.equal(seen, [1, 2, 3, 4, 5, 6, 7]);
});

test('a failed stripe fails the stream at its place, once', async () => {
  const { asked, read } = reader();
  const chunks = readInChunks(manifest, 0, length, read);
  const first = chunks.next();
  asked[1]?.fail();
  await settled();
  asked[0]?.answer();
  assert.equal([...((await first).value ?? [])], [0]);
  assert.match(String(await rejection(chunks.next())), 'unreadable');
  assert.is((await chunks.next()).done, true);
});

test.run();
