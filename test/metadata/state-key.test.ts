/** Stored keys keep the order of user keys and give them back. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareBytes } from '../../src/base/index.js';
import {
  historyBound,
  historyBoundAfter,
  historyEnd,
  historyKey,
  historyRange,
  metaKey,
  toStoredKey,
  toUserKey,
  userKeyOfReserved,
  userKeysEnd,
  versionsKey,
  versionsRange,
} from '../../src/metadata/state-key.js';

/** Short keys out of the bytes that escaping cares about, so that prefixes and ties are common. */
const keys = fc
  .array(fc.constantFrom(0x00, 0x01, 0x61, 0xfd, 0xfe, 0xff), { maxLength: 5 })
  .map((bytes) => Uint8Array.from(bytes));
const versions = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('stored keys are ordered as user keys are, come back, and stay below what is reserved', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const [storedA, storedB] = [toStoredKey(a), toStoredKey(b)];
      assert.is(Math.sign(compareBytes(storedA, storedB)), Math.sign(compareBytes(a, b)));
      assert.equal(toUserKey(Buffer.from(storedA)), Buffer.from(a));
      assert.ok(compareBytes(storedA, userKeysEnd) < 0);
    }),
    { numRuns: 2000 },
  );
});

test('a key that does not start with FE or FF is stored as it is, without a copy', () => {
  for (const key of [Uint8Array.of(), Uint8Array.of(0xfd, 0xff), Uint8Array.of(0)]) {
    assert.is(toStoredKey(key), key);
    const stored = Buffer.from(key);
    assert.is(toUserKey(stored), stored);
  }
  assert.equal(toStoredKey(Uint8Array.of(0xff)), Uint8Array.of(0xfe, 0xff));
});

test('history is ordered by user key, then version, and gives the key back', () => {
  fc.assert(
    fc.property(keys, versions, keys, versions, (a, versionA, b, versionB) => {
      const order = compareBytes(a, b) || versionA - versionB;
      const [storedA, storedB] = [historyKey(a, versionA), historyKey(b, versionB)];
      assert.is(Math.sign(compareBytes(storedA, storedB)), Math.sign(order));
      assert.equal(Buffer.from(userKeyOfReserved(storedA) ?? []), Buffer.from(a));
      assert.equal(Buffer.from(userKeyOfReserved(versionsKey(a)) ?? []), Buffer.from(a));
    }),
    { numRuns: 2000 },
  );
});

test('bounds in the history lie exactly around the history of a key', () => {
  fc.assert(
    fc.property(keys, keys, versions, (bound, key, version) => {
      const stored = historyKey(key, version);
      assert.is(compareBytes(stored, historyBound(bound)) >= 0, compareBytes(key, bound) >= 0);
      assert.is(compareBytes(stored, historyBoundAfter(bound)) > 0, compareBytes(key, bound) > 0);
      assert.is(compareBytes(stored, historyEnd(bound)) > 0, compareBytes(key, bound) > 0);
      assert.ok(compareBytes(historyEnd(bound), historyBoundAfter(bound)) < 0);
    }),
    { numRuns: 2000 },
  );
});

test('the reserved spaces do not overlap', () => {
  const key = Uint8Array.of(0xff, 0xff);
  const inside = (stored: Uint8Array, range: { gte: Uint8Array; lt: Uint8Array }): boolean =>
    compareBytes(stored, range.gte) >= 0 && compareBytes(stored, range.lt) < 0;
  assert.ok(inside(historyKey(key, 1), historyRange) && !inside(historyKey(key, 1), versionsRange));
  assert.ok(inside(versionsKey(key), versionsRange) && !inside(versionsKey(key), historyRange));
  assert.not(inside(metaKey, historyRange) || inside(metaKey, versionsRange));
});

test('a malformed reserved key has no user key', () => {
  for (const bytes of [
    [0xff, 0x68],
    [0xff, 0x68, 0x61],
    [0xff, 0x68, 0x00, 0x07, 0x00, 0x00],
  ]) {
    assert.is(userKeyOfReserved(Uint8Array.from(bytes)), null);
  }
});

test.run();
