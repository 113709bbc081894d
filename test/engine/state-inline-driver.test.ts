/** The state's loop driven inline: turns, watchers and failures. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, ThemisError } from '../../src/base/index.js';
import { StateInlineDriver } from '../../src/engine/state-inline-driver.js';
import { MemoryStores, StateControl, type StateLoop } from '../../src/metadata/index.js';

interface Scene {
  readonly driver: StateInlineDriver;
  readonly control: StateControl;
  /** Runs what was deferred, and what that defers, to the end. */
  readonly settle: () => Promise<void>;
}

async function scene(turn: () => Promise<boolean>): Promise<Scene> {
  const control = new StateControl();
  const deferred: (() => void)[] = [];
  const store = await new MemoryStores().open('/state');
  const loop = { turn } as StateLoop;
  const defer = (task: () => void): void => void deferred.push(task);
  const settle = async (): Promise<void> => {
    for (let task = deferred.shift(); task !== undefined; task = deferred.shift()) {
      task();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { driver: new StateInlineDriver({ loop, store, control, defer }), control, settle };
}

test('turns run when the scheduler says so, once for several wake-ups, one at a time', async () => {
  let turns = 0;
  let running = 0;
  const { driver, settle } = await scene(async () => {
    assert.is(++running, 1);
    turns++;
    await Promise.resolve();
    running--;
    return true;
  });
  driver.wake();
  driver.wake();
  assert.is(turns, 0);
  await settle();
  assert.is(turns, 1);
  driver.wake();
  await settle();
  assert.is(turns, 2);
  await driver.close();
  assert.is(turns, 3, 'closing takes the last turn');
});

test('who watches is called after a turn, or at once when the signal has changed', async () => {
  const { driver, control, settle } = await scene(async () => true);
  let called = 0;
  driver.watch(control.signal, () => called++);
  await settle();
  assert.is(called, 0);
  driver.wake();
  await settle();
  assert.is(called, 1);
  driver.watch(control.signal + 1, () => called++);
  await settle();
  assert.is(called, 2);
});

test('a turn that fails is told, and no other follows', async () => {
  let turns = 0;
  const cause = new ThemisError('THEMIS_STATE_CORRUPT', 'It rotted; reopen.');
  const { driver, control, settle } = await scene(async () => {
    turns++;
    throw cause;
  });
  let called = 0;
  driver.watch(control.signal, () => called++);
  driver.wake();
  await settle();
  assert.is(called, 1);
  assert.ok(control.failed);
  assert.is(await driver.failure(), cause);
  driver.wake();
  await settle();
  assert.is(turns, 1);
  await driver.close();
});

test('an error without a code gets one', async () => {
  const { driver, settle } = await scene(() => Promise.reject(new TypeError('bad')));
  driver.wake();
  await settle();
  assert.ok(isThemisError(await driver.failure(), 'THEMIS_TASK_FAILED'));
});

test.run();
