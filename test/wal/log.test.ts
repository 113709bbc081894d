/** The log as its producer sees it, over the loop and files in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import { Log } from '../../src/wal/log.js';
import { LogInlineDriver } from '../../src/wal/log-inline-driver.js';
import { logWords } from '../../src/wal/ring.js';
import { assertContents, folder, namesOf, payloadOf, recover } from './log-fixture.js';
import { LoopUnderTest } from './loop-fixture.js';

interface World {
  readonly log: Log;
  readonly loop: LoopUnderTest;
  /** `stream/index at position` for each report, and failures by code. */
  readonly heard: string[];
  /** Runs what the driver deferred. */
  readonly run: () => void;
  put(stream: number, index: number, bytes: number): boolean;
}

function world(fileSystem: FileSystem, ringBytes = 1 << 16): World {
  const loop = new LoopUnderTest(fileSystem, { ringBytes });
  const deferred: (() => void)[] = [];
  const driver = new LogInlineDriver(loop.loop, loop.writer, (task) => deferred.push(task));
  const log = new Log(loop.memory, loop.control, driver);
  const heard: string[] = [];
  log.listener = {
    durable: (stream, index, position) => heard.push(`${stream}/${index} at ${position}`),
    failed: (error) => heard.push(isThemisError(error) ? error.code : String(error)),
  };
  const put = (stream: number, index: number, bytes: number): boolean => {
    const offset = log.reserve(bytes);
    if (offset < 0) return false;
    log.memory.set(payloadOf(stream, index, bytes), offset);
    log.append(stream, index, 9, bytes);
    return true;
  };
  const run = () => {
    for (const task of deferred.splice(0)) task();
  };
  return { log, loop, heard, run, put };
}

async function turn({ run }: World): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  run();
  await new Promise((resolve) => setImmediate(resolve));
}

test('appends of one turn are published together and reported by one watermark', async () => {
  const fs = folder();
  const it = world(fs);
  for (let index = 1; index <= 3; index++) it.put(1, index, 100);
  assert.is(it.loop.word('published'), 0, 'nothing is published before the turn ends');
  assert.is(it.log.inFlight, 3);
  await turn(it);
  const position = it.log.usedBytes / 8;
  assert.equal([it.heard, it.loop.batches, it.log.inFlight], [[`1/3 at ${position}`], [3], 0]);
  const { found } = recover(fs.crash('drop-unsynced'));
  assert.equal(namesOf(found), ['1/1', '1/2', '1/3']);
  assertContents(found);
});

test('a fault while nothing is in flight is told at close, which ends well', async () => {
  const it = world(folder());
  it.put(1, 1, 8);
  await turn(it);
  it.loop.loop.fail();
  await it.log.close();
  assert.is(it.heard.length, 2);
  assert.not(it.heard[1]?.includes(' at '), 'a failure');
});

test('a long turn publishes what it has and says that it goes on', async () => {
  const fs = folder();
  const it = world(fs);
  const appending: number[] = [];
  for (let index = 1; index <= 70; index++) {
    it.put(1, index, 8);
    appending.push(it.loop.word('appending'));
  }
  const perRecord = it.log.usedBytes / 8 / 70;
  assert.is(it.loop.word('published'), 64 * perRecord);
  assert.ok(appending.every((word) => word === 1));
  await turn(it);
  assert.equal([it.loop.word('published'), it.loop.word('appending')], [70 * perRecord, 0]);
  assert.is(namesOf(recover(fs.crash('drop-unsynced')).found).length, 70);
});

test('each run of one stream has its own report, in the order of append', async () => {
  const it = world(folder());
  for (const [stream, index] of [
    [1, 1],
    [1, 2],
    [2, 7],
    [1, 3],
  ] as const)
    it.put(stream, index, 8);
  await turn(it);
  assert.equal(
    it.heard.map((text) => text.split(' ')[0]),
    ['1/2', '2/7', '1/3'],
  );
});

test('more records in flight than the first buffer holds are all reported', async () => {
  const it = world(folder(), 1 << 18);
  const count = 3000;
  for (let index = 1; index <= count; index++) assert.ok(it.put(1, index, 0));
  assert.is(it.log.inFlight, count);
  await turn(it);
  assert.is(it.log.inFlight, 0);
  assert.match(it.heard.at(-1) ?? '', new RegExp(`^1/${count} at`));
});

test('a full ring has no room until what is durable is released', async () => {
  const it = world(folder(), 4096);
  let index = 0;
  while (it.put(1, index + 1, 500)) index++;
  const full = it.log.usedBytes;
  await turn(it);
  assert.is(it.put(1, index + 1, 500), false, 'durable is not released');
  it.log.release(it.loop.durable);
  assert.is(it.log.usedBytes, 0);
  assert.ok(it.put(1, index + 1, 500));
  assert.ok(it.log.appendedBytes > full);
});

test('a full disk refuses records at once, before they take room', async () => {
  const it = world(folder());
  Atomics.store(it.loop.control, logWords.full, 1);
  assert.throws(
    () => it.put(1, 1, 8),
    (error: unknown) => isThemisError(error, 'THEMIS_DISK_FULL'),
  );
  assert.is(it.log.usedBytes, 0);
  Atomics.store(it.loop.control, logWords.full, 0);
  assert.ok(it.put(1, 1, 8));
  await turn(it);
});

test('a failure is told once, and nothing is durable or taken after it', async () => {
  const faulty = new FaultyFileSystem(folder());
  const it = world(faulty);
  it.put(1, 1, 8);
  await turn(it);
  faulty.inject({ operation: 'write', error: 'EIO' });
  it.put(1, 2, 8);
  await turn(it);
  await turn(it);
  assert.equal(it.heard.slice(1), ['THEMIS_LOG_FAILED']);
  assert.throws(
    () => it.put(1, 3, 8),
    (error: unknown) => isThemisError(error, 'THEMIS_CLOSED'),
  );
  await it.log.close();
  assert.is(it.heard.length, 2);
});

test('closing writes what was appended, reports it, and proves it synced', async () => {
  const fs = folder();
  const it = world(fs);
  it.put(1, 1, 8);
  await it.log.close();
  assert.match(it.heard[0] ?? '', '1/1 at');
  assert.is(it.heard.length, 1);
  const { found, recovered } = recover(fs.crash('drop-unsynced'));
  assert.equal([namesOf(found), recovered.repaired], [['1/1'], []]);
  assert.throws(
    () => it.put(1, 2, 8),
    (error: unknown) => isThemisError(error, 'THEMIS_CLOSED'),
  );
  await it.log.close();
});

test('closing on a full disk tells that the rest was not written', async () => {
  const faulty = new FaultyFileSystem(folder());
  const it = world(faulty, 1 << 18);
  faulty.inject({ operation: 'write', path: 'spare-', error: 'ENOSPC', sticky: true });
  it.put(1, 1, 40_000);
  it.put(1, 2, 40_000);
  await it.log.close();
  assert.match(it.heard[0] ?? '', '1/1 at');
  assert.equal(it.heard.slice(1), ['THEMIS_DISK_FULL']);
});

test('truncate, restart and status reach the writer', async () => {
  const it = world(folder(), 1 << 18);
  for (let index = 1; index <= 5; index++) it.put(1, index, 30_000);
  await turn(it);
  const before = await it.log.status<{ segments: number }>();
  await it.log.truncate(1, 5);
  const after = await it.log.status<{ segments: number }>();
  assert.ok(before.segments > 1 && after.segments === 1);
  await it.log.restart(1);
  it.put(1, 100, 8);
  await turn(it);
  assert.match(it.heard.at(-1) ?? '', '1/100 at');
});

test.run();
