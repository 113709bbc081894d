/** Options: what the command line means, and what it is told when it means nothing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBenchArguments, runBench } from '../../bench/main.js';
import { planOf } from '../../bench/options.js';
import { isThemisError } from '../../src/base/index.js';

test('every option is read', () => {
  const { options, json } = parseBenchArguments([
    ...['kv', '--json', '--dir', '/x', '--rounds', '7', '--seconds', '0.5', '--quick'],
    ...['--workload', 'fillsync,ycsb', '--writers', '1,16', '--value-bytes', '100,1024'],
    ...['--keys', '5m', '--peers', 'lmdb,classic-level', '--sync', 'dsync', '--seed', '9'],
    ...['--in-process', '--compare', 'old.json'],
  ]);
  assert.is(json, true);
  assert.equal(options, {
    suite: 'kv',
    dir: '/x',
    rounds: 7,
    seconds: 0.5,
    workload: ['fillsync', 'ycsb'],
    writers: [1, 16],
    valueBytes: [100, 1024],
    keys: 5_000_000,
    peers: ['lmdb', 'classic-level'],
    sync: 'dsync',
    seed: 9,
    quick: true,
    isolate: false,
    compare: 'old.json',
  });
});

const refused: readonly (readonly [string, readonly string[]])[] = [
  ['no suite', []],
  ['an unknown suite', ['disk']],
  ['two suites', ['kv', 'wal']],
  ['an unknown flag', ['kv', '--fast']],
  ['a number that is none', ['kv', '--rounds', 'many']],
  ['a list with something else', ['kv', '--writers', '1,x']],
  ['an unknown way to sync', ['wal', '--sync', 'hope']],
];

for (const [what, words] of refused) {
  test(`${what} is refused as usage`, () => {
    assert.throws(
      () => parseBenchArguments(words),
      (error: unknown) => isThemisError(error, 'THEMIS_USAGE'),
    );
  });
}

const senseless = [
  { rounds: 0 },
  { rounds: 1.5 },
  { seconds: 0 },
  { seconds: Number.NaN },
  { keys: -1 },
  { writers: [] },
  { writers: [0] },
  { valueBytes: [2.5] },
];

for (const options of senseless) {
  test(`${JSON.stringify(options)} is refused as usage`, () => {
    assert.throws(
      () => planOf({ suite: 'kv', ...options }),
      (error: unknown) => isThemisError(error, 'THEMIS_USAGE'),
    );
  });
}

for (const options of [{ workload: ['fillslow'] }, { peers: ['oracle'] }]) {
  test(`${JSON.stringify(options)} is refused as usage when the suite starts`, async () => {
    try {
      await runBench({ suite: 'kv', quick: true, peers: ['none'], ...options });
      assert.unreachable();
    } catch (error) {
      assert.ok(isThemisError(error, 'THEMIS_USAGE'), String(error));
    }
  });
}

test('tails are measured over long windows, except in a quick run', () => {
  assert.is(planOf({ suite: 'kv', seconds: 3 }).tailMs, 20_000);
  assert.is(planOf({ suite: 'kv', seconds: 60 }).tailMs, 60_000);
  assert.is(planOf({ suite: 'kv', quick: true, seconds: 0.2 }).tailMs, 200);
});

test.run();
