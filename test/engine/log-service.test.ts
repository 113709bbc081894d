/** How the log starts: ballots, the superblock's guard over it, and what the report says. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, KiB } from '../../src/base/index.js';
import {
  commandStream,
  type LogStart,
  type LogSurroundings,
  type StartedLog,
  serveLog,
  startLog,
} from '../../src/engine/log-service.js';
import {
  FaultyFileSystem,
  type FileSystem,
  ManualClock,
  MemoryFileSystem,
} from '../../src/io/index.js';
import { portableKernel } from '../../src/kernel/index.js';
import type { ThreadPort } from '../../src/pool/index.js';
import { Log, LogInlineDriver, logControlWords } from '../../src/wal/index.js';
import { commandOf } from '../metadata/commands.js';

const directory = '/data';
const segmentBytes = 64 * KiB;
const identity = {
  clusterId: new Uint8Array(16).fill(1),
  nodeId: new Uint8Array(16).fill(2),
};

function dataFolder(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(directory);
  fs.syncDirectory('/');
  return fs;
}

function aroundOf(fileSystem: FileSystem): LogSurroundings {
  return {
    fileSystem,
    kernel: portableKernel,
    clock: new ManualClock(),
    staging: new Uint8Array(segmentBytes),
    memory: new Uint8Array(new SharedArrayBuffer(segmentBytes)),
    control: new Int32Array(new SharedArrayBuffer(logControlWords * 4)),
    meter: { batch: () => undefined },
  };
}

function start(fileSystem: FileSystem, overrides: Partial<LogStart> = {}): StartedLog {
  const options = { directory, identity, syncMode: 'dsync', segmentBytes } as const;
  const around = aroundOf(fileSystem);
  return startLog({ ...options, acceptLoss: false, appliedIndex: 0, ...overrides }, around);
}

/** Writes commands 1 to `count`, each in a batch of its own, and closes the log. */
async function fill(fileSystem: FileSystem, count: number): Promise<void> {
  const around = aroundOf(fileSystem);
  const options = { directory, identity, syncMode: 'dsync', segmentBytes } as const;
  const started = startLog({ ...options, acceptLoss: false, appliedIndex: 0 }, around);
  const driver = new LogInlineDriver(started.loop, started.writer, (task) => task());
  const log = new Log(around.memory, around.control, driver);
  for (let index = 1; index <= count; index++) {
    const command = commandOf([{ key: Buffer.from(`k${index}`), value: Buffer.from('v') }]);
    log.memory.set(command, log.reserve(command.length));
    log.append(commandStream, index, started.report.ballot, command.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
}

function codeThrown(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isThemisError(error)) return error.code;
    throw error;
  }
}

test('every run has a higher ballot than all before, also when the power fails in between', () => {
  let fs = dataFolder();
  for (let run = 1; run <= 4; run++) {
    assert.is(start(fs).report.ballot, run);
    fs = fs.crash('drop-unsynced');
  }
});

test('the ballot is durable before anything of the log is touched', () => {
  const faulty = new FaultyFileSystem(dataFolder());
  start(faulty);
  const calls = faulty.calls();
  const lastOfSuperblock = calls.findLastIndex(({ path }) => path.includes('superblock'));
  const isChange = (operation: string) => ['write', 'rename', 'makeDirectory'].includes(operation);
  const firstOfLog = calls.findIndex(
    ({ path, operation }) => path.startsWith('/data/log') && isChange(operation),
  );
  assert.ok(lastOfSuperblock >= 0 && lastOfSuperblock < firstOfLog);
});

test('a log without its superblock is refused, since nobody knows what was promised', async () => {
  const fs = dataFolder();
  await fill(fs, 2);
  fs.unlink('/data/superblock');
  assert.is(
    codeThrown(() => start(fs)),
    'THEMIS_INCARNATION_STALE',
  );
  assert.is(fs.stat('/data/superblock'), null, 'the refusal changes nothing');
  const { report } = start(fs, { acceptLoss: true });
  assert.equal([report.ballot, report.lastIndex], [1, 2]);
});

test('the report says what the log holds and what the state lacks of it', async () => {
  const fs = dataFolder();
  assert.equal(reportOf(fs, 0), { first: 0, last: 0, backlog: null, replay: null });
  await fill(fs, 5);
  const all = reportOf(fs, 0);
  assert.equal([all.first, all.last, all.backlog], [1, 5, 5]);
  const half = reportOf(fs, 3);
  assert.is(half.backlog, 2);
  assert.ok((half.replay ?? 0) > (all.replay ?? 0), 'replay begins behind what is applied');
  assert.equal(reportOf(fs, 5), { first: 1, last: 5, backlog: null, replay: null });
});

function reportOf(fileSystem: MemoryFileSystem, appliedIndex: number) {
  const { report } = start(fileSystem.clone(), { appliedIndex });
  const { firstIndex: first, lastIndex: last, backlog, replayFrom } = report;
  return { first, last, backlog: backlog?.size ?? null, replay: replayFrom?.offset ?? null };
}

test("the system's errors at the superblock are typed", () => {
  for (const [error, code] of [
    ['EIO', 'THEMIS_IO'],
    ['ENOSPC', 'THEMIS_DISK_FULL'],
  ] as const) {
    const faulty = new FaultyFileSystem(dataFolder());
    faulty.inject({ operation: 'write', path: 'superblock', error });
    assert.is(
      codeThrown(() => start(faulty)),
      code,
    );
  }
});

test('another folder than the one the identity is of is refused', async () => {
  const fs = dataFolder();
  await fill(fs, 1);
  const foreign = { ...identity, clusterId: new Uint8Array(16).fill(9) };
  assert.is(
    codeThrown(() => start(fs, { identity: foreign })),
    'THEMIS_FOLDER_FOREIGN',
  );
});

test('a served log ends with its stop request, closed', () => {
  const fs = dataFolder();
  const started = start(fs);
  const answered: unknown[] = [];
  const requests = [{ id: 1, task: 'stop', argument: null }];
  const port: ThreadPort = {
    receive: () => requests.shift() ?? null,
    answer: (request, value) => answered.push([request.id, value]),
    refuse: () => undefined,
    report: () => undefined,
    close: () => undefined,
  };
  serveLog(started, aroundOf(fs), port, false);
  assert.equal(answered, [[1, null]]);
  assert.is(started.writer.status().state, 'closed');
});

test.run();
