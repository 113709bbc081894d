/** What the killed writers write. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crashLanes, createCrashPlan } from '../../../../src/admin/cli/demo/crash-writes.js';
import { seededRandom } from '../../../../src/io/index.js';

test('parent and child know the same writes from the seed alone', () => {
  const [a, b] = [createCrashPlan(seededRandom(7)), createCrashPlan(seededRandom(7))];
  const other = createCrashPlan(seededRandom(8));
  let differences = 0;
  for (let number = 0; number < 200; number++) {
    assert.equal(a(1, 3, number), b(1, 3, number));
    const [mine, theirs] = [a(1, 3, number), other(1, 3, number)];
    if (mine.key !== theirs.key || String(mine.value) !== String(theirs.value)) differences++;
  }
  assert.ok(differences > 150);
});

test('lanes never share a key', () => {
  const plan = createCrashPlan(seededRandom(1));
  const owner = new Map<string, number>();
  for (let lane = 0; lane < crashLanes; lane++) {
    for (let number = 0; number < 300; number++) {
      const { key } = plan(2, lane, number);
      assert.is(owner.get(key) ?? lane, lane, key);
      owner.set(key, lane);
    }
  }
});

test('no two writes of a key are alike, so that an old one is never taken for a new one', () => {
  const plan = createCrashPlan(seededRandom(1));
  const seen = new Set<string>();
  for (let round = 1; round <= 3; round++) {
    for (let number = 0; number < 500; number++) {
      const { key, value } = plan(round, 0, number);
      if (value === null) continue;
      const text = `${key} ${value.toString('latin1')}`;
      assert.not.ok(seen.has(text));
      seen.add(text);
    }
  }
});

test('keys are overwritten, some writes are deletes, some are large', () => {
  const plan = createCrashPlan(seededRandom(1));
  const writes = Array.from({ length: 640 }, (_, number) => plan(1, 0, number));
  assert.ok(new Set(writes.map(({ key }) => key)).size <= 64);
  assert.is(writes.filter(({ value }) => value === null).length, 40);
  assert.ok(writes.some(({ value }) => (value?.length ?? 0) > 100_000));
});

test.run();
