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

test('a posted slab is opened once, and replaced by one with another id', () => {
  const one = setting();
  const { memory, byteLength } = Slab.allocate(65_536);
  const first = one.slabOf({ id: 1, memory, byteLength });
  assert.is(one.slabOf({ id: 1, memory, byteLength }), first);
  first.bytes[5] = 7;
  const second = one.slabOf({ id: 2, memory, byteLength });
  assert.is(second.bytes[5], 7);
  assert.ok(first.closed);
  one.close();
  assert.ok(second.closed);
});

test('coders and readers are kept; scratch is kept until more is asked for', () => {
  const one = setting();
  assert.is(one.coderOf({ data: 4, parity: 2 }), one.coderOf({ data: 4, parity: 2 }));
  assert.is.not(one.coderOf({ data: 4, parity: 2 }), one.coderOf({ data: 4, parity: 1 }));
  assert.is(one.readerOf(clusterId), one.readerOf(clusterId.slice()));
  assert.is.not(one.readerOf(clusterId), one.readerOf(new Uint8Array(16)));
  const scratch = one.scratchOf(100);
  assert.is(one.scratchOf(50), scratch);
  const larger = one.scratchOf(200);
  assert.is.not(larger, scratch);
  assert.ok(scratch.closed);
  one.close();
  one.close();
  assert.ok(larger.closed);
});

test.run();
