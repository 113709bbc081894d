/** themis bench: what is handed over. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBenchArguments, suiteNames } from '../../../bench/main.js';
import { benchWords } from '../../../src/admin/cli/bench.js';
import { commands } from '../../../src/admin/cli/commands.js';
import { Settings } from '../../../src/admin/cli/settings.js';
import { must } from '../../../src/base/index.js';

const command = must(
  commands.find(({ path }) => path[0] === 'bench'),
  'the command bench',
);

function wordsOf(given: Record<string, string | number | boolean>): string[] {
  const values = Object.entries(given).map(
    ([key, value]) => [key, { value, source: 'flag' as const }] as const,
  );
  return benchWords({ command, settings: new Settings(new Map(values)), words: ['kv'] });
}

test('every flag of the command is one that the benchmarks understand', () => {
  const samples: Record<string, string | number | boolean> = {
    seconds: 2,
    rounds: '3',
    workload: 'fillsync',
    writers: '1,64',
    valueBytes: '100',
    keys: '5k',
    peers: 'none',
    sync: 'dsync',
    compare: 'old.json',
    quick: true,
  };
  assert.equal(Object.keys(samples).sort(), command.flags.map(({ key }) => key).sort());
  const { options } = parseBenchArguments(wordsOf({ ...samples, dir: '/tmp' }));
  assert.equal(options.writers, [1, 64]);
  assert.is(options.keys, 5000);
  assert.is(options.dir, '/tmp');
  assert.is(options.quick, true);
});

test('what was not given, or switched off, is not passed on', () => {
  assert.equal(wordsOf({}), ['kv']);
  assert.equal(wordsOf({ quick: false }), ['kv']);
});

test('both know the same suites', () => {
  assert.equal([...(command.arguments[0]?.choices ?? [])].sort(), [...suiteNames].sort());
});

test.run();
