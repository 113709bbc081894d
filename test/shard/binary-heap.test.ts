/** The heap against sorting. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/io/index.js';
import { BinaryHeap } from '../../src/shard/binary-heap.js';

function heapOf(values: readonly number[]): BinaryHeap<number> {
  const heap = new BinaryHeap<number>((a, b) => a < b);
  for (const value of values) heap.push(value);
  return heap;
}

function drain(heap: BinaryHeap<number>): number[] {
  const values: number[] = [];
  for (let value = heap.pop(); value !== undefined; value = heap.pop()) values.push(value);
  return values;
}

test('what is popped is in order, whatever the order of pushes', () => {
  const random = seededRandom(1).stream('heap');
  for (let length = 0; length < 60; length++) {
    const values = Array.from({ length }, () => random.below(20));
    const heap = heapOf(values);
    assert.is(heap.size, length);
    assert.is(heap.peek(), length === 0 ? undefined : Math.min(...values));
    assert.equal(
      drain(heap),
      [...values].sort((a, b) => a - b),
    );
    assert.is(heap.size, 0);
  }
});

test('pushes and pops may alternate', () => {
  const random = seededRandom(2).stream('heap');
  const heap = heapOf([]);
  let model: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    if (random.chance(0.55)) {
      const value = random.below(50);
      heap.push(value);
      model = [...model, value].sort((a, b) => a - b);
    } else {
      assert.is(heap.pop(), model.shift());
    }
  }
});

test('what is not retained never comes', () => {
  const heap = heapOf([5, 3, 8, 1, 9, 2]);
  heap.retain((value) => value % 2 === 1);
  assert.equal(drain(heap), [1, 3, 5, 9]);
});

test.run();
