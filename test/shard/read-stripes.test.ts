/** Several stripes as one value: each at its place, few at a time, and the first error ends it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { Manifest } from '../../src/shard/index.js';
import { readStripes } from '../../src/shard/read-stripes.js';
import { layoutOf, type StripeRange, stripeRanges } from '../../src/shard/stripe-layout.js';
import { rejection, settled } from './blob-fixture.js';

const length = 33 * MiB;
const layout = layoutOf({ data: 4, parity: 2 }, length);
const manifest = { ...layout, blob: 1 } as Manifest;

interface Asked {
  readonly stripe: number;
  readonly answer: () => void;
  readonly fail: () => void;
}

function reader() {
  const asked: Asked[] = [];
  const read = (_: Manifest, range: StripeRange, deliver: (bytes: Uint8Array) => void) =>
    new Promise<void>((resolve, reject) => {
      const answer = (): void => {
        deliver(new Uint8Array(range.to - range.from).fill(range.stripe + 1));
        resolve();
      };
      const fail = (): void => reject(new RangeError(`stripe ${range.stripe}`));
      asked.push({ stripe: range.stripe, answer, fail });
    });
  return { asked, reader: { read } };
}

test('stripes come in any order and lie at their places; a few are asked for at once', async () => {
  const { asked, reader: one } = reader();
  const whole = readStripes(manifest, stripeRanges(manifest, 0, length), one);
  assert.is(asked.length, limits.blobStreamStripes);
  for (let round = 0; round < 9; round++) {
    for (const { answer } of asked.splice(0).reverse()) answer();
    await settled();
  }
  const bytes = await whole;
  assert.is(bytes.length, length);
  for (let stripe = 0; stripe < 9; stripe++) {
    const part = bytes.subarray(stripe * 4 * MiB, (stripe + 1) * 4 * MiB);
    assert.ok(part[0] === stripe + 1 && part.at(-1) === stripe + 1, `stripe ${stripe}`);
  }
});

test('the first error ends it when all that runs has ended; no more is asked for', async () => {
  const { asked, reader: one } = reader();
  let isOver = false;
  const whole = rejection(readStripes(manifest, stripeRanges(manifest, 0, length), one));
  whole.then(() => {
    isOver = true;
  });
  asked[1]?.fail();
  await settled();
  assert.is(isOver, false, 'others still write');
  asked[0]?.answer();
  asked[2]?.answer();
  assert.match(String(await whole), 'stripe 1');
  assert.is(asked.length, limits.blobStreamStripes);
});

test('no stripes are no bytes', async () => {
  assert.is((await readStripes(manifest, [], reader().reader)).length, 0);
});

test.run();
