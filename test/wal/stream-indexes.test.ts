/** Stream indexes: only the next index of a stream is accepted; segments know their last ones. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { markStream, StreamIndexes } from '../../src/wal/stream-indexes.js';

test('each stream goes on where the log left it, interleaved or not', () => {
  const streams = new StreamIndexes(new Map([[1, 10]]), new Map());
  streams.note(1, 11);
  streams.note(2, 500);
  streams.note(1, 12);
  streams.note(2, 501);
  streams.flush();
  assert.throws(() => streams.note(1, 14), /goes on at index 13, not at 14/);
  assert.throws(() => streams.note(2, 501), /goes on at index 502/);
  streams.note(1, 13);
});

test('a segment has the last index of each stream in it, and the next one begins empty', () => {
  const streams = new StreamIndexes(new Map(), new Map([[7, 3]]));
  streams.note(1, 1);
  streams.note(1, 2);
  assert.equal(
    streams.cutSegment(),
    new Map([
      [7, 3],
      [1, 2],
    ]),
  );
  assert.equal(streams.segment(), new Map());
  streams.note(1, 3);
  assert.equal(streams.segment(), new Map([[1, 3]]));
});

test('a restarted stream goes on anywhere, once', () => {
  const streams = new StreamIndexes(new Map([[1, 10]]), new Map());
  streams.restart(1);
  streams.note(1, 99);
  streams.flush();
  assert.throws(() => streams.note(1, 11));
});

test('the maps that were given are not changed', () => {
  const given = new Map([[1, 10]]);
  const streams = new StreamIndexes(given, given);
  streams.note(1, 11);
  streams.flush();
  assert.equal(given, new Map([[1, 10]]));
  assert.is(markStream, 2 ** 32 - 1);
});

test.run();
