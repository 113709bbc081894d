/** The words between the main loop and the state thread. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StateControl } from '../../src/metadata/index.js';

function pair(): { main: StateControl; thread: StateControl } {
  const main = new StateControl();
  return { main, thread: new StateControl(main.buffer) };
}

test('what one side publishes the other side loads, over the whole range', () => {
  const { main, thread } = pair();
  main.reset(2 ** 32 - 1, 2 ** 50);
  assert.is(thread.committedPosition, 2 ** 32 - 1);
  assert.is(thread.appliedPosition, 2 ** 32 - 1);
  assert.is(thread.appliedIndex, 2 ** 50);
  assert.is(thread.syncedIndex, 2 ** 50);
  main.publishCommitted(2 ** 31);
  assert.is(thread.committedPosition, 2 ** 31);
  thread.publishApplied(2 ** 31, 2 ** 50 + 1);
  assert.is(main.appliedPosition, 2 ** 31);
  assert.is(main.appliedIndex, 2 ** 50 + 1);
  assert.not(main.failed);
  thread.publishFailure();
  assert.ok(main.failed);
  assert.not(thread.stopWanted);
  main.requestStop();
  assert.ok(thread.stopWanted);
});

test('every kind of news changes the signal', () => {
  const { main, thread } = pair();
  const news = [
    () => thread.publishApplied(8, 1),
    () => thread.publishSynced(1, 1),
    () => thread.publishFailure(),
  ];
  for (const publish of news) {
    const before = main.signal;
    publish();
    assert.is.not(main.signal, before);
  }
});

test('a sync request is done when its number is', () => {
  const { main, thread } = pair();
  const request = main.requestSync();
  assert.is.not(main.syncDone, request);
  assert.is(thread.syncWanted, request);
  thread.publishSynced(request, 5);
  assert.is(main.syncDone, request);
  assert.is(main.syncedIndex, 5);
});

test('work that came before the sleep was announced is not slept over', () => {
  const { main, thread } = pair();
  main.publishCommitted(8);
  main.wake();
  let asked = 0;
  thread.sleep(() => ++asked > 0);
  assert.is(asked, 1);
});

test('work that comes after the sleep was announced wakes the sleeper', () => {
  const { main, thread } = pair();
  // The producer's call falls between the announcement and the wait; the wait must not begin.
  thread.sleep(() => {
    main.publishCommitted(8);
    main.wake();
    return false;
  });
  assert.is(thread.committedPosition, 8);
});

test.run();
