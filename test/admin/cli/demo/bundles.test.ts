/** Values of several MiB made of files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bundles } from '../../../../src/admin/cli/demo/bundles.js';

const MiB = 2 ** 20;

test('files follow each other, and sizes grow in turns', () => {
  const bundles = new Bundles();
  const made: number[] = [];
  const file = Buffer.alloc(0.75 * MiB, 'f');
  for (let i = 0; i < 100; i++) {
    const bundle = bundles.add(file);
    if (bundle !== null) made.push(bundle.length / MiB);
  }
  assert.equal(made.slice(0, 5), [1.5, 2.25, 4.5, 8.25, 1.5]);
  assert.is(made.length, 16, 'no more than a demo has time for');
  assert.equal([...bundles.rest()], []);
});

test('a small corpus is repeated, an empty one gives nothing', () => {
  assert.equal([...new Bundles().rest()], []);
  const bundles = new Bundles();
  assert.is(bundles.add(Buffer.from('abc')), null);
  const rest = [...bundles.rest()];
  assert.equal(
    rest.map((bundle) => bundle.length / MiB),
    [1, 2, 4, 8],
  );
  for (const bundle of rest) assert.is(bundle.subarray(0, 7).toString(), 'abcabca');
});

test.run();
