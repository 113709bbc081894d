/** Redundancy in words and as objects: each shape that is meant, and each that is not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redundancyByPrefixOf, redundancyOf } from '../../src/config/redundancy-option.js';

const parity = (data: number, count: number) => ({ mode: 'PARITY', data, parity: count });

const accepted: readonly [unknown, unknown][] = [
  ['NONE', { mode: 'NONE' }],
  [{ mode: 'NONE' }, { mode: 'NONE' }],
  ['MIRROR:3', { mode: 'MIRROR', copies: 3 }],
  [{ copies: 2 }, { mode: 'MIRROR', copies: 2 }],
  [
    { mode: 'MIRROR', copies: 256 },
    { mode: 'MIRROR', copies: 256 },
  ],
  ['4+2', parity(4, 2)],
  ['17+3', parity(17, 3)],
  [{ data: 10, parity: 4 }, parity(10, 4)],
  [{ mode: 'PARITY', data: 255, parity: 1 }, parity(255, 1)],
];

const refused: readonly unknown[] = [
  null,
  undefined,
  4,
  [],
  '',
  'none',
  'MIRROR',
  'MIRROR:1',
  'MIRROR:257',
  '4+0',
  '0+2',
  '4 + 2',
  '200+57',
  { mode: 'RAID5' },
  { mode: 'MIRROR' },
  { mode: 'MIRROR', data: 4, parity: 2 },
  { mode: 'NONE', copies: 2 },
  { mode: 'NONE', parity: 2 },
  { copies: 1 },
  { copies: 2.5 },
  { copies: '3' },
  { data: 4 },
  { parity: 2 },
  { data: 4, parity: 2, spare: 1 },
  { data: 4, parity: 2, copies: 2 },
  { data: Number.NaN, parity: 2 },
  { data: 256, parity: 1 },
];

test('words and objects that say a redundancy are brought into one shape', () => {
  for (const [raw, expected] of accepted) assert.equal(redundancyOf(raw), expected);
});

test('everything else is refused', () => {
  for (const raw of refused) assert.is(redundancyOf(raw), null, JSON.stringify(raw));
});

test('prefixes have their redundancy, in words and as an object', () => {
  const expected = { 'logs/': { mode: 'MIRROR', copies: 3 }, 'a=b/': parity(8, 3) };
  assert.equal({ ...redundancyByPrefixOf('logs/=MIRROR:3,a=b/=8+3') }, expected);
  assert.equal({ ...redundancyByPrefixOf({ 'logs/': { copies: 3 }, 'a=b/': '8+3' }) }, expected);
  for (const raw of [
    null,
    1,
    [],
    '',
    '=NONE',
    'a=',
    'a',
    'a=NONE,a=NONE',
    { a: 'x' },
    { '': 'NONE' },
  ]) {
    assert.is(redundancyByPrefixOf(raw), null, JSON.stringify(raw));
  }
});

test.run();
