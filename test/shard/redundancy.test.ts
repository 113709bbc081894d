/** Redundancy: what each mode means as a code, what is refused, and which rule a key falls under. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  codeOfRedundancy,
  durableCode,
  type Redundancy,
  RedundancyRules,
} from '../../src/shard/index.js';

function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    return isThemisError(error, 'THEMIS_CONFIG_INVALID');
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('every mode is a code', () => {
  const table: [Redundancy, number, number][] = [
    [{ mode: 'NONE' }, 1, 0],
    [{ mode: 'MIRROR', copies: 2 }, 1, 1],
    [{ mode: 'MIRROR', copies: 3 }, 1, 2],
    [{ mode: 'PARITY', data: 4, parity: 2 }, 4, 2],
    [{ mode: 'PARITY', data: 255, parity: 1 }, 255, 1],
  ];
  for (const [redundancy, data, parity] of table) {
    assert.equal(codeOfRedundancy(redundancy), { data, parity });
  }
});

test('what cannot be coded is refused', () => {
  const table: Redundancy[] = [
    { mode: 'MIRROR', copies: 1 },
    { mode: 'MIRROR', copies: limits.shardsMax + 1 },
    { mode: 'MIRROR', copies: 2.5 },
    { mode: 'PARITY', data: 0, parity: 2 },
    { mode: 'PARITY', data: 4, parity: 0 },
    { mode: 'PARITY', data: limits.shardsMax, parity: 1 },
    { mode: 'PARITY', data: Number.NaN, parity: 1 },
  ];
  for (const redundancy of table) {
    assert.ok(
      isRefused(() => codeOfRedundancy(redundancy)),
      JSON.stringify(redundancy),
    );
  }
});

test('half of the parity, rounded up, must be durable; another number up to all of it', () => {
  const spares = [0, 1, 2, 3, 4].map((parity) => durableCode({ data: 4, parity }).spare);
  assert.equal(spares, [0, 1, 1, 2, 2]);
  assert.is(durableCode({ data: 4, parity: 2 }, 0).spare, 0);
  assert.is(durableCode({ data: 4, parity: 2 }, 2).spare, 2);
  assert.ok(isRefused(() => durableCode({ data: 4, parity: 2 }, 3)));
  assert.ok(isRefused(() => durableCode({ data: 4, parity: 2 }, -1)));
});

test('the longest prefix decides, and the store where none fits', () => {
  const rules = new RedundancyRules({ mode: 'PARITY', data: 4, parity: 2 }, [
    { prefix: bytes('a'), redundancy: { mode: 'MIRROR', copies: 2 } },
    { prefix: bytes('a/b'), redundancy: { mode: 'NONE' } },
    { prefix: bytes('a/b/c'), redundancy: { mode: 'PARITY', data: 10, parity: 4 } },
  ]);
  const table: [string, number, number][] = [
    ['', 4, 2],
    ['b', 4, 2],
    ['a', 1, 1],
    ['a/x', 1, 1],
    ['a/b', 1, 0],
    ['a/b/', 1, 0],
    ['a/b/cd', 10, 4],
  ];
  for (const [key, data, parity] of table) {
    const code = rules.codeOf(bytes(key));
    assert.equal([code.data, code.parity], [data, parity], key);
  }
  assert.is(rules.width, 14);
});

test('a rule keeps its bytes, prefixes are unique and bounded', () => {
  const prefix = bytes('p');
  const rules = new RedundancyRules({ mode: 'NONE' }, [
    { prefix, redundancy: { mode: 'MIRROR', copies: 2 } },
  ]);
  prefix[0] = 0;
  assert.is(rules.codeOf(bytes('p')).parity, 1);
  const none: Redundancy = { mode: 'NONE' };
  const twice = { prefix: bytes('x'), redundancy: none };
  assert.ok(isRefused(() => new RedundancyRules(none, [twice, twice])));
  const many = Array.from({ length: limits.redundancyRulesMax + 1 }, (_, i) => ({
    prefix: bytes(`${i}`),
    redundancy: none,
  }));
  assert.ok(isRefused(() => new RedundancyRules(none, many)));
});

test('a spare for all is cut to the parity of the rules', () => {
  const rules = new RedundancyRules(
    { mode: 'PARITY', data: 4, parity: 2 },
    [{ prefix: bytes('n'), redundancy: { mode: 'NONE' } }],
    2,
  );
  assert.is(rules.codeOf(bytes('x')).spare, 2);
  assert.is(rules.codeOf(bytes('n')).spare, 0);
});

test.run();
