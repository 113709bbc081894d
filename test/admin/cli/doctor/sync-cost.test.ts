/** What a sync costs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureSyncs } from '../../../../src/admin/cli/doctor/sync-cost.js';
import {
  ManualClock,
  MemoryFileSystem,
  nodeClock,
  nodeFileSystem,
} from '../../../../src/io/index.js';
import { temporaryFolder } from '../spawn-cli.js';

test('every mode is measured on a real disk, and nothing stays behind', () => {
  const folder = temporaryFolder();
  const files = nodeFileSystem();
  const costs = measureSyncs(files, nodeClock(), folder);
  assert.equal(
    costs.map(({ mode }) => mode),
    ['direct', 'dsync', 'fdatasync'],
  );
  const plain = costs.find(({ mode }) => mode === 'fdatasync');
  assert.ok(plain !== undefined && 'p50Ms' in plain && plain.p50Ms <= plain.p99Ms);
  assert.equal(files.list(folder), []);
});

test('a slow disk is given up on instead of waited for', () => {
  const files = new MemoryFileSystem();
  files.makeDirectory('/d');
  const clock = new ManualClock();
  const slow = {
    monotonicMs: () => {
      clock.advance(400);
      return clock.monotonicMs();
    },
    wallMs: () => clock.wallMs(),
  };
  const costs = measureSyncs(files, slow, '/d');
  assert.ok(clock.monotonicMs() < 20_000);
  for (const cost of costs) assert.ok('p50Ms' in cost && cost.p50Ms >= 399);
});

test('a disk that fails is told, for each mode, and the file is removed', () => {
  const full = new MemoryFileSystem({ capacityBytes: 8192 });
  full.makeDirectory('/d');
  const costs = measureSyncs(full, new ManualClock(), '/d');
  for (const cost of costs) assert.ok('problem' in cost && cost.problem.includes('ENOSPC'));
  assert.equal(full.list('/d'), []);
});

test.run();
