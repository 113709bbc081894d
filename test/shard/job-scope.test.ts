/** A job waits for its own blobs, counts each once, and never succeeds by being stopped. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { JobScope } from '../../src/shard/job-scope.js';

test('it waits until each of its blobs has come out, and counts them', async () => {
  let changes = 0;
  const scope = new JobScope(
    () => true,
    () => {
      changes += 1;
    },
  );
  scope.settled(1, 'repaired');
  let isDone = false;
  const done = scope.settle([1, 2, 3]).then(() => {
    isDone = true;
  });
  assert.is(scope.pending, 2);
  scope.settled(2, 'failed');
  scope.settled(2, 'failed');
  await Promise.resolve();
  assert.is(isDone, false);
  scope.settled(3, 'gone');
  await done;
  assert.equal([scope.repaired, scope.failed, scope.pending], [1, 1, 0]);
  scope.settled(2, 'repaired');
  assert.equal([scope.repaired, scope.failed], [2, 0], 'the last outcome counts');
  assert.is(changes, 5);
  await scope.settle([2]);
});

test('what others repair is not its business', async () => {
  const scope = new JobScope(
    (blob) => blob === 7,
    () => assert.unreachable('nothing of it changed'),
  );
  scope.settled(8, 'failed');
  assert.equal([scope.repaired, scope.failed], [0, 0]);
  await scope.settle([]);
});

test('what had no room in line failed', async () => {
  const scope = new JobScope(
    () => true,
    () => undefined,
  );
  scope.refused(4);
  await scope.settle([4]);
  assert.is(scope.failed, 1);
});

test('a stop ends the wait, and is no success', async () => {
  const scope = new JobScope(
    () => true,
    () => undefined,
  );
  const waiting = scope.settle([1]).catch(codeOf);
  scope.stop();
  assert.is(await waiting, 'THEMIS_CLOSED');
  assert.is(await scope.settle([2]).catch(codeOf), 'THEMIS_CLOSED');
});

test.run();
