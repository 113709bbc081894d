/** What status says of large values. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { largeValuesSection, shardText, surveyed } from '../../../src/admin/cli/large-values.js';
import { MemoryFileSystem } from '../../../src/io/index.js';
import type { ShardHealthReport } from '../../../src/shard/index.js';
import { deviceStatus, MemoryStore, repairJob } from './memory-store.js';

const report: ShardHealthReport = {
  shardId: '0',
  status: 'HEALTHY',
  documentsScanned: 1204,
  documentsHealthy: 1204,
  documentsDegraded: 0,
  documentsUnrecoverable: 0,
  lastScan: 1,
  lastRepair: null,
  lastError: null,
};

test('redundancy, coder, values and devices, and a store without devices', () => {
  const health = { isHealthy: true, headline: '', devices: [], shards: [] };
  const byPrefix = { 'logs/': 'MIRROR:3' };
  const redundancy = { words: '4+2', byPrefix, width: 6 };
  const parts = { redundancy, fileSystem: new MemoryFileSystem(), coder: 'portable' };
  const plain = Object.fromEntries(largeValuesSection({ ...parts, health }).pairs);
  assert.is(plain['redundancy'], '4+2, logs/ MIRROR:3');
  assert.match(plain['coder'] ?? '', /portable/);
  assert.is(plain['devices'], 'none yet');
  const devices = [deviceStatus(0), deviceStatus(1, { state: 'failed', why: 'gone' })];
  const filled = { ...health, devices, shards: [report] };
  const pairs = Object.fromEntries(largeValuesSection({ ...parts, health: filled }).pairs);
  assert.is(pairs['devices'], '1 healthy, 1 failed');
  assert.is(pairs['values'], 'HEALTHY: 1,204 values, all are whole');
});

test('what lacks fragments and what is lost is counted', () => {
  const lacking = { ...report, documentsDegraded: 34, documentsUnrecoverable: 1 };
  assert.is(
    shardText({ ...lacking, status: 'FAILED' }),
    'FAILED: 1,204 values, 34 lack fragments, 1 are lost',
  );
});

test('the survey is waited for, not the repairs that it begins', async () => {
  const store = new MemoryStore();
  await surveyed(store);
  assert.equal(store.calls, [], 'without devices there is nothing to survey');
  store.devices_ = [deviceStatus(0)];
  store.repair = (_, onProgress) => {
    onProgress(repairJob());
    return new Promise(() => undefined);
  };
  await surveyed(store);
});

test.run();
