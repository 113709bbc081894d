/** A slab is one memory for all threads, with attachments and scratch that are taken and given back. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { Slab } from '../../src/kernel/index.js';
import { scratchBytes } from '../../src/kernel/slab.js';

function refuses(call: () => unknown): void {
  assert.throws(call, (error: unknown) => isThemisError(error, 'THEMIS_KERNEL_ARGUMENT'));
}

test('a slab has zeroed bytes, as many as were asked for, at the start of its memory', () => {
  for (const length of [1, 100, 65_536, 65_537]) {
    const slab = Slab.allocate(length);
    assert.is(slab.bytes.length, length);
    assert.is(slab.byteLength, length);
    assert.ok(slab.bytes.every((byte) => byte === 0));
    assert.is(slab.bytes.byteOffset, 0);
    assert.is(slab.bytes.buffer, slab.memory.buffer);
    slab.close();
  }
});

test('sizes that are none are refused', () => {
  for (const length of [0, -1, 1.5, Number.NaN, limits.slabBytesMax + 1, '100', undefined, 1n]) {
    refuses(() => Reflect.apply(Slab.allocate, Slab, [length]));
  }
});

test('another Slab over the same memory sees the same bytes', () => {
  const slab = Slab.allocate(100);
  const other = Slab.over({ memory: slab.memory, byteLength: slab.byteLength });
  slab.bytes[99] = 7;
  assert.is(other.bytes[99], 7);
  slab.close();
  assert.is(other.closed, false);
  assert.is(other.bytes[99], 7);
});

test('what is not the memory of a slab is refused', () => {
  const { memory } = Slab.allocate(65_536);
  for (const byteLength of [0, 65_537, 1.5, Number.NaN, undefined]) {
    refuses(() => Reflect.apply(Slab.over, Slab, [{ memory, byteLength }]));
  }
  for (const other of [null, {}, new SharedArrayBuffer(100), memory.buffer]) {
    refuses(() => Reflect.apply(Slab.over, Slab, [{ memory: other, byteLength: 1 }]));
  }
});

test('a slab goes to another thread and comes back written', async () => {
  const slab = Slab.allocate(100);
  const worker = new Worker(new URL('./coder-worker.js', import.meta.url), {
    workerData: { kind: 'fill', memory: slab.memory, byteLength: slab.byteLength, value: 9 },
  });
  await once(worker, 'exit');
  assert.ok(slab.bytes.every((byte) => byte === 9));
});

test('an attachment is opened once for each owner, and closed with the slab', () => {
  const slab = Slab.allocate(100);
  const log: string[] = [];
  const owner = (name: string) => ({
    attach: (attached: Slab) => {
      assert.is(attached, slab);
      log.push(`open ${name}`);
      return { name, close: () => log.push(`close ${name}`) };
    },
  });
  const [one, two] = [owner('one'), owner('two')];
  assert.is(slab.attachment(one).name, 'one');
  assert.is(slab.attachment(two).name, 'two');
  assert.is(slab.attachment(one), slab.attachment(one));
  slab.close();
  slab.close();
  assert.equal(log, ['open one', 'open two', 'close one', 'close two']);
});

test('a closed slab has no bytes', () => {
  const slab = Slab.allocate(100);
  slab.close();
  assert.is(slab.closed, true);
  assert.is(slab.bytes.length, 0);
});

test('scratch lies behind the bytes, is nobody else’s during a call, and is given back', () => {
  const slab = Slab.allocate(100);
  const other = Slab.over(slab);
  const taken: number[] = [];
  const take = (): number | null =>
    other.withScratch((offset) => {
      taken.push(offset);
      return take() ?? taken.length;
    });
  const count = take();
  assert.is(count, taken.length);
  assert.ok(taken.length >= 4);
  const sorted = [...taken].sort((a, b) => a - b);
  for (const [i, offset] of sorted.entries()) {
    assert.ok(offset >= (i === 0 ? slab.byteLength : (sorted[i - 1] as number) + scratchBytes));
    assert.is(offset % 64, 0);
  }
  assert.ok((sorted.at(-1) as number) + scratchBytes <= slab.memory.buffer.byteLength);
  const failing = (): never => {
    throw new RangeError('inside');
  };
  for (let i = 0; i < 20; i++) assert.throws(() => slab.withScratch(failing), 'inside');
  assert.is(
    slab.withScratch((offset) => offset),
    taken[0],
  );
});

test.run();
