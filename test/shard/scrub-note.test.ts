/** The scrub's note: what is written is read, and anything else means that a pass begins anew. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryFileSystem } from '../../src/io/index.js';
import { portableKernel as kernel, portableCoding } from '../../src/kernel/index.js';
import {
  decodeScrubNote,
  encodeScrubNote,
  readScrubNote,
  writeScrubNote,
} from '../../src/shard/scrub-note.js';
import { TaskSetting } from '../../src/shard/task-setting.js';

const clusterId = Uint8Array.from({ length: 16 }, (_, i) => i);
const place = { directory: '/data', clusterId };
const note = { passMs: 2 ** 41, after: 2 ** 40 + 3, found: 7, completedMs: 2 ** 40 };

function setting(): { readonly files: MemoryFileSystem; readonly task: TaskSetting } {
  const files = new MemoryFileSystem();
  files.makeDirectory('/data');
  return { files, task: new TaskSetting({ fileSystem: files, kernel, coding: portableCoding }) };
}

test('a note comes back, also after a power cut and with one copy damaged', () => {
  const { files, task } = setting();
  assert.is(readScrubNote(place, task), null);
  writeScrubNote({ place, note: { ...note, after: 1 } }, task);
  writeScrubNote({ place, note }, task);
  const cut = files.crash('drop-unsynced');
  const parts = { fileSystem: cut, kernel, coding: portableCoding };
  assert.equal(readScrubNote(place, new TaskSetting(parts)), note);
  cut.flipBit('/data/scrub', 40, 1);
  assert.equal(readScrubNote(place, new TaskSetting(parts)), note);
});

test('every flipped bit, and another cluster, is no note', () => {
  const block = encodeScrubNote(kernel, clusterId, note);
  assert.equal(decodeScrubNote(kernel, clusterId, block), note);
  assert.is(decodeScrubNote(kernel, clusterId.slice().reverse(), block), null);
  assert.is(decodeScrubNote(kernel, clusterId, block.subarray(0, 512)), null);
  for (let bit = 0; bit < block.length * 8; bit += 7) {
    const damaged = block.slice();
    damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.is(decodeScrubNote(kernel, clusterId, damaged), null, `bit ${bit}`);
  }
});

test.run();
