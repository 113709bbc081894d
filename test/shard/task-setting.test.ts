/** What a task's thread keeps: one slab under its id, coders by code, scratch that grows. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel as kernel, portableCoding, Slab } from '../../src/kernel/index.js';
import { TaskSetting } from '../../src/shard/task-setting.js';
import { clusterId } from './blob-fixture.js';

function setting(): TaskSetting {
  return new TaskSetting({ fileSystem: new MemoryFileSystem(), kernel, coding: portableCoding });
}

test('a posted slab is opened once; of many, the oldest goes', () => {
  const one = setting();
  const { memory, byteLength } = Slab.allocate(65_536);
  const opened = [1, 2, 3, 4].map((id) => one.slabOf({ id, memory, byteLength }));
  assert.is(one.slabOf({ id: 1, memory, byteLength }), opened[0]);
  const [first, second] = opened;
  if (first !== undefined) first.bytes[5] = 7;
  assert.is(second?.bytes[5], 7, 'one memory');
  const fifth = one.slabOf({ id: 5, memory, byteLength });
  assert.equal(
    opened.map(({ closed }) => closed),
    [true, false, false, false],
  );
  one.close();
  assert.ok(fifth.closed && second?.closed);
});

test('coders and readers are kept', () => {
  const one = setting();
  assert.is(one.coderOf({ data: 4, parity: 2 }), one.coderOf({ data: 4, parity: 2 }));
  assert.is.not(one.coderOf({ data: 4, parity: 2 }), one.coderOf({ data: 4, parity: 1 }));
  assert.is(one.readerOf(clusterId), one.readerOf(clusterId.slice()));
  assert.is.not(one.readerOf(clusterId), one.readerOf(new Uint8Array(16)));
  one.close();
  one.close();
});

test.run();
