/** The order of writes to one key: who waits for whom, and that nothing is kept. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KeyOrder } from '../../src/engine/key-order.js';

const [a, b, c] = ['a', 'b', 'c'].map((name) => Buffer.from(name)) as [Buffer, Buffer, Buffer];

function write() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end: () => end() };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test('only keys of a write that is under way are waited for, until it ends', async () => {
  const order = new KeyOrder();
  assert.is(order.before([a]), null);
  const one = write();
  order.enter([a, b], one.ended);
  assert.is(order.before([c]), null);
  let isFree = false;
  void order.before([c, b])?.then(() => {
    isFree = true;
  });
  await turns();
  assert.is(isFree, false);
  one.end();
  await turns();
  assert.ok(isFree);
  assert.ok(order.isEmpty, 'nothing is kept');
  assert.is(order.before([a]), null);
});

test('the last write of a key counts, and an earlier one that ends does not free it', async () => {
  const order = new KeyOrder();
  const [one, two] = [write(), write()];
  order.enter([a], one.ended);
  order.enter([a], two.ended);
  one.end();
  await turns();
  assert.not(order.isEmpty);
  two.end();
  await turns();
  assert.ok(order.isEmpty);
});

test.run();
