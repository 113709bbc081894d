/** The inline driver: steps when the scheduler says so, background work, requests, failure. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem, type FileSystem } from '../../src/io/index.js';
import { LogInlineDriver } from '../../src/wal/log-inline-driver.js';
import { logPhases } from '../../src/wal/ring.js';
import { folder, namesOf, recover } from './log-fixture.js';
import { LoopUnderTest } from './loop-fixture.js';

function driverOver(fileSystem: FileSystem) {
  const it = new LoopUnderTest(fileSystem, { ringBytes: 1 << 18 });
  const deferred: (() => void)[] = [];
  const driver = new LogInlineDriver(it.loop, it.writer, (task) => deferred.push(task));
  const run = () => {
    for (const task of deferred.splice(0)) task();
  };
  return { it, driver, deferred, run };
}

test('a wake schedules one run; the run writes all that is published and tells the watcher', () => {
  const { it, driver, deferred, run } = driverOver(folder());
  let changes = 0;
  driver.watch(0, () => changes++);
  for (let batch = 0; batch < 3; batch++) {
    it.putAll(10);
    it.publish();
    driver.wake();
  }
  assert.equal([deferred.length, it.durable, changes], [1, 0, 0]);
  run();
  assert.equal([it.durable, changes], [it.ring.head, 1]);
  driver.wake();
  run();
  assert.is(changes, 1, 'a watch is for one change');
});

test('background work makes spares and marks the end, so that nothing is left unproved', () => {
  const fs = folder();
  const { it, driver, run } = driverOver(fs);
  it.putAll(10);
  it.publish();
  driver.wake();
  run();
  assert.is.not(it.writer.syncedPosition, 0);
  driver.background();
  const { spares, position, syncedPosition } = it.writer.status();
  assert.equal([spares, syncedPosition], [1, position]);
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), ['1/1']);
});

test('a full disk is no failure: background work looks again and the rest is written', () => {
  const faulty = new FaultyFileSystem(folder());
  const { it, driver, run } = driverOver(faulty);
  faulty.inject({ operation: 'write', path: 'spare-', error: 'ENOSPC', sticky: true });
  it.putAll(40_000, 40_000);
  it.publish();
  driver.wake();
  run();
  driver.background();
  assert.equal([it.word('full'), it.loop.waiting], [1, true]);
  faulty.heal();
  driver.background();
  run();
  assert.equal([it.word('full'), it.loop.waiting], [0, false]);
});

test('a failure wakes the watcher, also one that comes later, and says why', async () => {
  const faulty = new FaultyFileSystem(folder());
  const { it, driver, run } = driverOver(faulty);
  faulty.inject({ operation: 'write', error: 'EIO' });
  it.putAll(10);
  it.publish();
  driver.wake();
  let changes = 0;
  driver.watch(0, () => changes++);
  run();
  driver.watch(0, () => changes++);
  run();
  assert.is(changes, 2);
  assert.is(it.word('phase'), logPhases.failed);
  assert.ok(isThemisError(await driver.failure(), 'THEMIS_LOG_FAILED'));
  driver.background();
  assert.is(it.durable, 0);
});

test('requests are those of the thread; after stop nothing runs', async () => {
  const { it, driver, run } = driverOver(folder());
  it.putAll(10);
  it.publish();
  const status = await driver.request<{ state: string }>('status', null);
  assert.is(status.state, 'open');
  await driver.request('truncate', { stream: 1, index: 1 });
  await driver.request('restart', { stream: 1 });
  await driver.request('stop', null);
  assert.equal([it.durable, it.word('phase')], [it.ring.head, logPhases.stopped]);
  it.putAll(10);
  it.publish();
  driver.wake();
  run();
  driver.background();
  assert.ok(it.loop.waiting);
  const unknown = await driver.request('sing', null).catch((error: unknown) => error);
  assert.ok(isThemisError(unknown, 'THEMIS_ASSERTION'));
  await driver.close();
});

test.run();
