/** The picture of a moment. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healthPanel } from '../../../../src/admin/cli/demo/health-panel.js';
import { createStyle } from '../../../../src/admin/cli/style.js';
import { deviceStatus } from '../memory-store.js';

const latency = { count: 10, p50Ms: 1, p99Ms: 3, p999Ms: 4, maxMs: 5 };
const reads = { reads: 10, bytes: 2 ** 20, durationMs: 1000, latency };

test('devices, values and reads have their lines', () => {
  const shard = {
    shardId: '0',
    status: 'REBUILDING',
    documentsScanned: 100,
    documentsHealthy: 75,
    documentsDegraded: 25,
    documentsUnrecoverable: 0,
    lastScan: 1,
    lastRepair: null,
    lastError: null,
  } as const;
  const health = { isHealthy: true, headline: '', devices: [deviceStatus(0)], shards: [shard] };
  const [device, values, read, none] = healthPanel(health, reads, createStyle(false), 100);
  assert.match(device ?? '', /^ {4}device {2}0 {2}healthy /);
  assert.match(
    values ?? '',
    /values {5}REBUILDING {2}█{15}░{5} {2}100: 25 lack fragments, all can be read$/,
  );
  assert.match(read ?? '', /reads {6}10\/s, 1 MiB\/s, p99 3 ms, every byte right$/);
  assert.is(none, undefined);
});

test.run();
