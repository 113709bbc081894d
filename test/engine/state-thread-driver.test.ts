/** The driver of the state's thread, with the thread's words and events played by the test. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { StateThreadDriver } from '../../src/engine/state-thread-driver.js';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { StateControl } from '../../src/metadata/index.js';
import { failure } from '../../src/pool/index.js';
import { ThreadPlayed, turns } from './thread-played.js';

function played() {
  const control = new StateControl();
  const thread = new ThreadPlayed();
  const clock = new ManualClock();
  const driver = new StateThreadDriver(thread.asThread, control, memoryTimers(clock));
  return { control, thread, clock, driver };
}

test('a watch keeps the process alive until the state has news', async () => {
  const { control, thread, driver } = played();
  const keepAlive = setInterval(() => undefined, 1000);
  let changes = 0;
  driver.watch(control.signal, () => changes++);
  await turns();
  assert.equal([changes, thread.references], [0, 1]);
  control.publishApplied(8, 1);
  while (changes === 0) await turns();
  assert.equal([changes, thread.references], [1, 0]);
  clearInterval(keepAlive);
});

test('a watch for what has happened already is answered at once, not within the call', async () => {
  const { control, thread, driver } = played();
  const seen = control.signal;
  control.publishApplied(8, 1);
  let changes = 0;
  driver.watch(seen, () => changes++);
  assert.is(changes, 0);
  await turns();
  assert.equal([changes, thread.references], [1, 0]);
});

test('little work waits for more, once, and wakes the thread after a moment', () => {
  const { control, clock, driver } = played();
  let wakes = 0;
  control.wake = () => wakes++;
  for (let i = 0; i < 5; i++) driver.wakeSoon();
  clock.advance(limits.applyLingerMs - 1);
  assert.is(wakes, 0);
  clock.advance(1);
  assert.is(wakes, 1);
  driver.wakeSoon();
  clock.advance(limits.applyLingerMs);
  assert.is(wakes, 2);
});

test('why the loop ended is what the thread reported, with its code', async () => {
  const { thread, driver } = played();
  const waiting = driver.failure();
  assert.is(thread.references, 1);
  thread.reported({ ended: failure(new ThemisError('THEMIS_STATE_CORRUPT', 'damaged')) });
  assert.ok(isThemisError(await waiting, 'THEMIS_STATE_CORRUPT'));
  assert.is(thread.references, 0);
});

test('a loop that ended well is a closed state to whoever asks why', async () => {
  const { thread, driver } = played();
  thread.reported({ ended: { kind: 'ok', value: null } });
  assert.ok(isThemisError(await driver.failure(), 'THEMIS_CLOSED'));
});

test('the death of the thread is published as a failure, unless it is being closed', async () => {
  const death = new ThemisError('THEMIS_TASK_FAILED', 'exit code 3');
  const killed = played();
  killed.thread.died(death);
  assert.ok(killed.control.failed);
  assert.is(await killed.driver.failure(), death);
  const closing = played();
  const closed = closing.driver.close();
  closing.thread.died(death);
  await closed;
  assert.not(closing.control.failed);
});

test('closing waits until the loop has ended, then ends the thread', async () => {
  const { thread, driver } = played();
  const closed = driver.close();
  await turns();
  assert.not(thread.isClosed);
  thread.reported({ ended: { kind: 'ok', value: null } });
  await closed;
  assert.ok(thread.isClosed);
});

test('wakes of one turn end one sleep', async () => {
  const { control, driver } = played();
  let wakes = 0;
  const wake = control.wake.bind(control);
  control.wake = () => {
    wakes++;
    wake();
  };
  for (let i = 0; i < 5; i++) driver.wake();
  await turns();
  assert.is(wakes, 1);
  driver.wake();
  await turns();
  assert.is(wakes, 2);
});

test.run();
