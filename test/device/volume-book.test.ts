/** What is known of volumes, and which is compacted. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fragmentFootprint } from '../../src/device/fragment.js';
import { VolumeBook } from '../../src/device/volume-book.js';

const volumeBytes = 1 << 20;
const bytes = 60_000;
const footprint = fragmentFootprint(bytes);

function bookOf(...fragments: number[]): VolumeBook {
  const book = new VolumeBook(volumeBytes);
  for (const [i, count] of fragments.entries()) {
    book.add(i + 1, volumeBytes, 4_096 + 15 * footprint, true);
    for (let n = 0; n < count; n++) book.added(i + 1, bytes);
  }
  return book;
}

test('bytes live and dead add up', () => {
  const book = bookOf(3, 0);
  assert.is(book.fragments, 3);
  assert.is(book.liveBytes, 3 * footprint);
  assert.is(book.deadBytes, 27 * footprint);
  book.removed(1, bytes);
  assert.is(book.liveBytes, 2 * footprint);
  const empty = book.volume(2);
  assert.ok(empty !== undefined);
  if (empty !== undefined) book.drop(empty);
  assert.is(book.deadBytes, 13 * footprint);
  book.removed(2, bytes);
  assert.is(book.liveBytes, 2 * footprint, 'a fragment of a volume that is gone counts nowhere');
});

test('the emptiest sealed volume that is at most half alive is compacted first', () => {
  const candidates = (book: VolumeBook, mayCopy = true) => book.candidate(mayCopy)?.number ?? null;
  assert.is(candidates(bookOf(8, 9, 15)), null, 'all more than half alive');
  assert.is(candidates(bookOf(7, 5, 15)), 2);
  assert.is(candidates(bookOf(7, 5), false), null, 'only empty ones when nothing can be copied');
  assert.is(candidates(bookOf(7, 0), false), 2);
  const book = bookOf(0, 5);
  const first = book.volume(1);
  if (first !== undefined) first.hold = 'blocked';
  assert.is(candidates(book), 2);
  book.release();
  assert.is(candidates(book), 1);
  const open = bookOf(0);
  const volume = open.volume(1);
  if (volume !== undefined) open.use(volume);
  assert.is(candidates(open), null, 'not the one that is appended to');
});

test('a volume that is held is a candidate again when something in it is forgotten', () => {
  const book = bookOf(2);
  const volume = book.volume(1);
  if (volume !== undefined) volume.hold = 'blocked';
  assert.is(book.candidate(true), null);
  book.removed(1, bytes);
  assert.is(book.candidate(true)?.number, 1);
});

test('numbers are above all that were seen, spares included, and given once', () => {
  const book = bookOf(1, 1);
  book.addSpare(7);
  assert.is(book.takeNumber(), 8);
  assert.is(book.takeNumber(), 9);
  assert.is(book.takeSpare(), 7);
  assert.is(book.takeSpare(), null);
});

test('spares are few, and of the right size', () => {
  const book = bookOf();
  assert.is(book.wantsSpare(volumeBytes), true);
  assert.is(book.wantsSpare(volumeBytes / 2), false);
  book.addSpare(1);
  book.addSpare(2);
  assert.is(book.wantsSpare(volumeBytes), false);
});

test.run();
