/** Lanes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runLanes } from '../../../../src/admin/cli/demo/lanes.js';

test('every piece is done once, by as many lanes as asked for', async () => {
  const done: number[] = [];
  const lanes = new Set<number>();
  let busy = 0;
  let mostBusy = 0;
  await runLanes(4, Array(100).keys(), async (item, lane) => {
    lanes.add(lane);
    mostBusy = Math.max(mostBusy, ++busy);
    await Promise.resolve();
    busy--;
    done.push(item);
  });
  assert.equal(
    done.sort((a, b) => a - b),
    [...Array(100).keys()],
  );
  assert.is(lanes.size, 4);
  assert.is(mostBusy, 4);
});

test('an error stops the others before their next piece, and waits for them', async () => {
  let started = 0;
  let finished = 0;
  const failing = runLanes(4, Array(100).keys(), async (item) => {
    started++;
    if (item === 2) throw new RangeError('piece 2');
    await new Promise((resolve) => setImmediate(resolve));
    finished++;
  });
  const error = await failing.catch((reason: unknown) => reason);
  assert.instance(error, RangeError);
  assert.is(finished, started - 1, 'nothing runs on behind the caller');
  assert.ok(started < 10);
});

test.run();
