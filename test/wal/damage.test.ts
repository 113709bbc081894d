/** The ledger: which ranges damage may have cost follows from the neighbours of each stream. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DamageLedger } from '../../src/wal/damage.js';

const hole = {
  kind: 'corrupt',
  file: '/f',
  offset: 0,
  bytes: 4096,
  what: 'hole',
  known: [],
  blind: true,
} as const;

test('without damage streams are runs, and nothing is lost', () => {
  const ledger = new DamageLedger();
  for (let i = 5; i < 9; i++) ledger.see(1, i, i * 2);
  ledger.see(2, 1, 1);
  assert.equal(ledger.finish(), []);
  assert.equal(ledger.streams().get(1), { firstIndex: 5, lastIndex: 8, lastBallot: 16 });
  assert.equal(ledger.streams().get(2), { firstIndex: 1, lastIndex: 1, lastBallot: 1 });
});

test('a gap behind blind damage is lost; no gap, nothing lost', () => {
  const ledger = new DamageLedger();
  ledger.see(1, 1, 0);
  ledger.see(2, 1, 0);
  ledger.add(hole);
  ledger.see(1, 4, 0);
  ledger.see(2, 2, 0);
  assert.equal(ledger.finish()[0]?.lost, [{ stream: 1, firstIndex: 2, lastIndex: 3 }]);
  assert.is(ledger.streams().get(1)?.firstIndex, 1);
});

test('a stream that is not seen again may have lost everything behind its last', () => {
  const ledger = new DamageLedger();
  ledger.see(1, 7, 0);
  ledger.add(hole);
  assert.equal(ledger.finish()[0]?.lost, [{ stream: 1, firstIndex: 8, lastIndex: null }]);
});

test('a gap behind two blind damages is charged to both, and only to those', () => {
  const ledger = new DamageLedger();
  ledger.see(1, 1, 0);
  ledger.add(hole);
  ledger.add(hole);
  ledger.see(1, 9, 0);
  ledger.add(hole);
  ledger.see(1, 10, 0);
  const lost = ledger.finish().map((damage) => damage.lost);
  const range = { stream: 1, firstIndex: 2, lastIndex: 8 };
  assert.equal(lost, [[range], [range], []]);
});

test('a stream first seen behind blind damage may have lost everything before', () => {
  const ledger = new DamageLedger();
  ledger.add(hole);
  ledger.see(3, 5, 0);
  assert.equal(ledger.finish()[0]?.lost, [{ stream: 3, firstIndex: 1, lastIndex: 4 }]);
});

test('damage that names its records costs exactly these', () => {
  const ledger = new DamageLedger();
  ledger.see(1, 1, 0);
  ledger.see(1, 2, 0);
  ledger.add({ ...hole, known: [{ stream: 1, index: 2, ballot: 0 }], blind: false });
  ledger.see(1, 3, 0);
  assert.equal(ledger.finish()[0]?.lost, [{ stream: 1, firstIndex: 2, lastIndex: 2 }]);
  assert.is(ledger.count, 1);
});

test('a jump without damage is the writer restarting the stream', () => {
  const ledger = new DamageLedger();
  ledger.see(1, 1, 0);
  ledger.see(1, 50, 0);
  ledger.see(1, 51, 0);
  assert.equal(ledger.finish(), []);
  assert.equal(ledger.streams().get(1), { firstIndex: 50, lastIndex: 51, lastBallot: 0 });
});

test.run();
