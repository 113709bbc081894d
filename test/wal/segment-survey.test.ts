/** The survey of what lies behind a bad place. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { segmentDataOffset, segmentName, segmentTag } from '../../src/wal/segment.js';
import { SegmentSurvey } from '../../src/wal/segment-survey.js';
import {
  append,
  dir,
  folder,
  identity,
  kernel,
  openLog,
  run,
  segmentBytes,
} from './log-fixture.js';

const path = `${dir}/log/${segmentName(1)}`;
const tag = segmentTag(identity.clusterId, identity.incarnation, 1);
const start = segmentDataOffset;

/** Three batches of one block: numbers 1 to 3. */
function threeBatches(): MemoryFileSystem {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 3; i++) append(writer, run(1, i, [1000]));
  return fs;
}

function survey(fs: MemoryFileSystem, offset = start, searched = tag): SegmentSurvey {
  const handle = fs.open(path, { access: 'read' });
  try {
    return new SegmentSurvey(handle, offset, segmentBytes, searched, kernel);
  } finally {
    handle.close();
  }
}

test('it finds the end of the data and the next batch with a higher number', () => {
  const found = survey(threeBatches());
  assert.is(found.dataEnd, start + 8192 + 64 + 48 + 1000);
  assert.is(found.batchFrom(start, 0), start);
  assert.is(found.batchFrom(start + 4096, 0), start + 4096);
  assert.is(found.batchFrom(start, 2), start + 8192);
  assert.is(found.batchFrom(start, 3), null);
  assert.is(survey(threeBatches(), start, tag + 1).batchFrom(start, 0), null);
});

test('proof is the highest synced position behind the place, of higher numbers only', () => {
  const found = survey(threeBatches());
  assert.is(found.syncedBehind(start, 1), segmentBytes + start + 8192);
  assert.is(found.syncedBehind(start + 8192, 1), 0);
  assert.is(found.syncedBehind(start, 3), 0);
});

test('an empty rest has no data and no batches', () => {
  const found = survey(threeBatches(), start + 3 * 4096);
  assert.is(found.dataEnd, start + 3 * 4096);
  assert.is(found.batchFrom(0, 0), null);
  assert.not(found.unreadableFrom(0));
});

test('a file that is too short is unreadable to its end', () => {
  const fs = threeBatches();
  const handle = fs.open(path, { access: 'read-write' });
  handle.truncate(start + 5000);
  handle.close();
  const found = survey(fs);
  assert.ok(found.unreadableFrom(start));
  assert.is(found.dataEnd, segmentBytes);
});

test('a value that holds a copy of an older batch proves nothing', () => {
  const fs = threeBatches();
  const copy = fs.bytesOf(path).slice(start, start + 4096);
  fs.overwrite(path, copy, start + 5 * 4096);
  const found = survey(fs, start + 4 * 4096);
  assert.is(found.batchFrom(start, 3), null);
  assert.is(found.syncedBehind(start + 4 * 4096, 3), 0);
});

test.run();
