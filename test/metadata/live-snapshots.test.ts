/** Live snapshots: what the state thread sees of what the main loop holds. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { LiveSnapshots } from '../../src/metadata/index.js';
import { someVersionIn } from '../../src/metadata/live-snapshots.js';

test('another view of the memory sees the held versions, sorted and once each', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(6)), { maxLength: 80 }), (script) => {
      const live = new LiveSnapshots(undefined, 32);
      const seen = new LiveSnapshots(live.buffer);
      const held: number[] = [];
      for (const [acquire, n] of script) {
        const version = 2 ** 40 + n;
        const at = held.indexOf(version);
        if (acquire && held.length < 32) {
          live.acquire(version);
          held.push(version);
        } else if (!acquire && at >= 0) {
          live.release(version);
          held.splice(at, 1);
        }
        const expected = [...new Set(held)].sort((a, b) => a - b);
        assert.equal([...seen.versions()], expected);
        assert.is(seen.oldest(), expected[0] ?? -1);
        assert.is(seen.newest(), expected.at(-1) ?? -1);
        assert.is(seen.count, expected.length);
        assert.is(live.holds(version), held.includes(version));
      }
    }),
  );
});

test('version 0 can be held', () => {
  const live = new LiveSnapshots();
  live.acquire(0);
  assert.equal([...live.versions()], [0]);
});

test('one snapshot too many is THEMIS_SNAPSHOT_LIMIT, and a released one makes room', () => {
  const live = new LiveSnapshots(undefined, 2);
  live.acquire(1);
  live.acquire(1);
  assert.throws(
    () => live.acquire(2),
    (error: unknown) => isThemisError(error, 'THEMIS_SNAPSHOT_LIMIT'),
  );
  live.release(1);
  live.acquire(2);
  assert.equal([...live.versions()], [1, 2]);
});

test('releasing what is not held is a defect', () => {
  const live = new LiveSnapshots();
  assert.throws(
    () => live.release(3),
    (error: unknown) => isThemisError(error, 'THEMIS_ASSERTION'),
  );
});

test('a closed snapshot and the count of history are seen by the other side', () => {
  const live = new LiveSnapshots();
  const seen = new LiveSnapshots(live.buffer);
  live.acquire(1);
  const before = seen.released;
  live.release(1);
  assert.is.not(seen.released, before);
  seen.setHistoryRecords(12);
  assert.is(live.historyRecords, 12);
});

test('someVersionIn is a search in [from, until)', () => {
  const versions = Float64Array.of(2, 5, 6, 9);
  for (let from = 0; from < 12; from++) {
    for (let until = from; until < 12; until++) {
      const expected = [...versions].some((v) => from <= v && v < until);
      assert.is(someVersionIn(versions, from, until), expected, `[${from}, ${until})`);
    }
  }
});

test.run();
