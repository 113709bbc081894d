/** Version edits: what they add up to, and what is not an edit. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LevelDbVersion } from '../../src/metadata/leveldb-version.js';

const name = 'leveldb.BytewiseComparator';
const comparator = [1, name.length, ...Buffer.from(name)];
const key = [3, 97, 98, 99];
const add = (level: number, number: number, bytes: number) => [
  ...[7, level, number, bytes],
  ...[...key, ...key],
];
const edit = (...parts: readonly (readonly number[])[]) => Uint8Array.from(parts.flat());

test('tables are those added and not deleted, wherever they moved', () => {
  const version = new LevelDbVersion();
  assert.is(version.apply(edit(comparator, [2, 0], [3, 2], [4, 0])), null);
  assert.is(version.apply(edit([2, 6, 9, 0], add(0, 5, 100), add(0, 7, 50))), null);
  assert.is(version.apply(edit([6, 0, 5], add(1, 5, 100), [5, 1, ...key])), null);
  assert.equal(
    [...version.tables()],
    [
      [7, 50],
      [5, 100],
    ],
  );
  assert.is(version.apply(edit([6, 1, 5], [6, 0, 7], add(2, 9, 120))), null);
  assert.equal([...version.tables()], [[9, 120]]);
  assert.is(version.logNumber, 6);
  assert.is(version.previousLog, 0);
  assert.is(version.missing(), null);
});

test('a MANIFEST that lacks one of its numbers says which', () => {
  const numbers = [
    [2, 4],
    [3, 5],
    [4, 6],
  ];
  const expected = [/log/, /next file/, /sequence/];
  for (const [i, lacking] of expected.entries()) {
    const version = new LevelDbVersion();
    version.apply(edit(...numbers.filter((_, j) => j !== i)));
    assert.match(version.missing() ?? '', lacking);
  }
});

test('edits that are cut short, have unknown tags or another order of keys are refused', () => {
  const whole = edit(comparator, [2, 4], add(0, 5, 100), [6, 0, 5], [5, 1, ...key]);
  const boundaries = new Set<number>();
  for (let length = 0; length < whole.length; length++) {
    if (new LevelDbVersion().apply(whole.subarray(0, length)) === null) boundaries.add(length);
  }
  assert.equal([...boundaries], [0, 28, 30, 42, 45]);
  for (const tag of [0, 8, 10, 127]) {
    assert.match(new LevelDbVersion().apply(Uint8Array.of(tag, 1)) ?? '', 'unknown tag');
  }
  const other = [1, 3, ...Buffer.from('own')];
  assert.is(new LevelDbVersion().apply(edit(other)), 'its comparator is own');
});

test.run();
