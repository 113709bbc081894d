/** The log's thread from its beginning to its end, on real files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, KiB } from '../../src/base/index.js';
import type { LogReport } from '../../src/engine/log-service.js';
import type { LogThreadArgument } from '../../src/engine/log-thread-start.js';
import { defineMetrics } from '../../src/engine/metric-catalog.js';
import { ResidentThread, workerUrls } from '../../src/pool/index.js';
import { MetricsArena } from '../../src/telemetry/index.js';
import { Log, LogThreadDriver, logControlWords } from '../../src/wal/index.js';
import { commandOf } from '../metadata/commands.js';
import { temporaryFolder } from './temporary-folder.js';

const identity = {
  clusterId: new Uint8Array(16).fill(1),
  nodeId: new Uint8Array(16).fill(2),
};

function argumentFor(directory: string) {
  const arena = new MetricsArena();
  defineMetrics(arena);
  const argument: LogThreadArgument = {
    start: {
      directory,
      identity,
      syncMode: 'dsync',
      segmentBytes: 64 * KiB,
      acceptLoss: false,
      appliedIndex: 0,
    },
    kernel: 'portable',
    memory: new Uint8Array(new SharedArrayBuffer(64 * KiB)),
    control: new Int32Array(new SharedArrayBuffer(logControlWords * 4)),
    metrics: arena.layout(),
  };
  return { argument, arena };
}

async function startedIn(directory: string) {
  const { argument, arena } = argumentFor(directory);
  const thread = new ResidentThread({ name: 'log', url: workerUrls.log });
  const driver = new LogThreadDriver(thread, argument.control, () => Promise.resolve(null));
  const report = await thread.start<LogReport>(argument);
  return { report, arena, log: new Log(argument.memory, argument.control, driver) };
}

test('the thread recovers, makes durable what is appended, counts it, and ends', async () => {
  const directory = temporaryFolder();
  const { report, log, arena } = await startedIn(directory);
  assert.equal([report.ballot, report.lastIndex, report.mode], [1, 0, 'dsync']);
  const command = commandOf([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
  const durable = new Promise<number>((resolve, reject) => {
    log.listener = { durable: (_stream, index) => resolve(index), failed: reject };
  });
  log.memory.set(command, log.reserve(command.length));
  log.append(0, 1, report.ballot, command.length);
  assert.is(await durable, 1);
  await log.close();
  assert.is(arena.read('themis_log_batch_records').series[0]?.value, 1);
  const again = await startedIn(directory);
  const { ballot, lastIndex, backlog } = again.report;
  assert.equal([ballot, lastIndex, backlog?.size], [2, 1, 1]);
  await again.log.close();
});

test('a start that fails tells why, with its code', async () => {
  const directory = temporaryFolder();
  mkdirSync(`${directory}/log`);
  writeFileSync(`${directory}/log/0000000000000001.wal`, '');
  const thread = new ResidentThread({ name: 'log', url: workerUrls.log });
  const error = await thread.start(argumentFor(directory).argument).catch(codeOf);
  assert.is(error, 'THEMIS_INCARNATION_STALE');
  await thread.close();
});

test.run();
