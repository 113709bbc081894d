/** Undo: newest first, every step, once, and the first failure is told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Undo } from '../../src/engine/undo.js';

test('steps are taken back newest first, each after the one before it has ended', async () => {
  const undo = new Undo();
  const log: string[] = [];
  for (const name of ['lock', 'log', 'state']) {
    undo.add(async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
    });
  }
  await undo.run();
  const expected = ['state', 'log', 'lock'].flatMap((name) => [`${name} begins`, `${name} ends`]);
  assert.equal(log, expected);
});

test('a step that fails keeps no other from being taken; the first failure is thrown', async () => {
  const undo = new Undo();
  const taken: number[] = [];
  for (let step = 1; step <= 4; step++) {
    undo.add(async () => {
      taken.push(step);
      if (step % 2 === 0) throw new RangeError(`step ${step}`);
    });
  }
  const error = await undo.run().then(
    () => null,
    (thrown: Error) => thrown,
  );
  assert.equal(taken, [4, 3, 2, 1]);
  assert.is(error?.message, 'step 4');
});

test('a second run takes nothing twice', async () => {
  const undo = new Undo();
  let taken = 0;
  undo.add(async () => {
    taken++;
  });
  await undo.run();
  await undo.run();
  assert.is(taken, 1);
});

test.run();
