/** The devices of a store as a whole: sessions, appends, deletes, what a reopening finds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { append, disk, openSet, readBack } from './device-fixture.js';

const nameOf = (session: number, counter: number, stripe = 0, number = 0) => ({
  blob: session * 2 ** 32 + counter,
  stripe,
  number,
});

test('a store that writes no blob starts no thread and changes no folder', async () => {
  const fs = disk();
  const { set, threads } = await openSet(fs);
  assert.equal(threads.ran, []);
  await set.close();
  assert.equal(fs.paths(), []);
  assert.equal(threads.ran, []);
});

test('what was appended is read back, also after a reopening', async () => {
  const fs = disk();
  const opened = await openSet(fs);
  const { session } = await opened.set.startSession(0);
  assert.is(session, 1);
  const sizes = [1, 4_095, 4_096, 4_097, 65_536, 65_537, 150_000];
  for (const [i, bytes] of sizes.entries()) {
    assert.is(await append(opened.set, i % 2, nameOf(session, i), bytes), null);
  }
  const check = (set: typeof opened.set): void => {
    for (const [i, bytes] of sizes.entries()) {
      assert.is(readBack(fs, set, nameOf(session, i), bytes), 'right');
    }
  };
  check(opened.set);
  await opened.set.close();
  const again = await openSet(fs);
  check(again.set);
  assert.is((await again.set.startSession(0)).session, 2);
  await again.set.close();
});

test.run();
