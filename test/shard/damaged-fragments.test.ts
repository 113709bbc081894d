/** Damaged fragments are remembered until they are made anew, each once, and bounded. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../src/config/index.js';
import { DamagedFragments } from '../../src/shard/damaged-fragments.js';

const at = (device: number) => ({ device, volume: 1, offset: 4096, bytes: 8192, digest: 7 });

test('what is added is there once, until it is removed or its blob dies', () => {
  const damaged = new DamagedFragments();
  assert.ok(damaged.add(1, 0, 2, at(3)));
  assert.ok(damaged.add(1, 0, 2, at(3)));
  assert.ok(damaged.add(1, 1, 2, at(4)));
  assert.ok(damaged.add(2, 0, 0, at(5)));
  assert.is(damaged.size, 3);
  assert.ok(damaged.has(1, 0, 2));
  assert.not(damaged.has(1, 0, 1));
  assert.equal([...damaged.devices()].sort(), [3, 4, 5]);
  damaged.remove(1, 0, 2);
  damaged.remove(1, 0, 2);
  assert.is(damaged.size, 2);
  damaged.removeBlob(1);
  damaged.removeBlob(9);
  assert.is(damaged.size, 1);
  assert.equal([...damaged.devices()], [5]);
});

test('no more are kept than the limit; the scrub finds the rest again', () => {
  const damaged = new DamagedFragments();
  for (let i = 0; i < limits.damagedFragmentsMax; i++) assert.ok(damaged.add(i, 0, 0, at(1)));
  assert.not(damaged.add(limits.damagedFragmentsMax, 0, 0, at(1)));
  assert.is(damaged.size, limits.damagedFragmentsMax);
});

test.run();
