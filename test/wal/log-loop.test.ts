/** The loop: batches and their caps, the end of the ring, a full disk, and failure. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { recordHeaderBytes } from '../../src/wal/record.js';
import { logPhases, logWords } from '../../src/wal/ring.js';
import { assertContents, folder, kernel, namesOf, recover } from './log-fixture.js';
import { LoopUnderTest } from './loop-fixture.js';

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `1/${i + 1}`);
}

test('nothing is written before it is published; then all of it is one batch', () => {
  const fs = folder();
  const it = new LoopUnderTest(fs);
  it.putAll(10, 20, 0);
  assert.equal([it.loop.step().kind, it.loop.waiting], ['idle', false]);
  it.publish();
  assert.ok(it.loop.waiting);
  const before = it.word('signal');
  const bytes = it.ring.head * 8;
  assert.equal(it.loop.step(), { kind: 'worked', records: 3, bytes });
  assert.equal([it.durable, it.loop.waiting, it.batches], [it.ring.head, false, [3]]);
  assert.is.not(it.word('signal'), before);
  assert.is(it.loop.step().kind, 'idle');
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), names(3));
});

test('a batch ends at the bytes that one may have; a longer record has one of its own', () => {
  const it = new LoopUnderTest(folder(), { staging: new Uint8Array(8192) });
  const most = it.writer.batchBytesMax;
  it.putAll(
    most / 2 - recordHeaderBytes,
    most / 2 - recordHeaderBytes,
    8,
    most - recordHeaderBytes,
  );
  it.publish();
  it.drain();
  assert.equal(it.batches, [2, 1, 1]);
});

test('a batch ends at the records that one may have', () => {
  const count = limits.batchRecordsMax + 10;
  const it = new LoopUnderTest(folder(), {
    ringBytes: 1 << 20,
    segmentBytes: 1 << 20,
    staging: new Uint8Array(1 << 20),
  });
  for (let i = 0; i < count; i++) it.putAll(0);
  it.publish();
  it.drain();
  assert.equal(it.batches, [limits.batchRecordsMax, 10]);
});

test('whatever is published in whatever steps, across the end of the ring, is there', () => {
  const lengths = fc.array(fc.nat(900), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 5 }), (sizes, step) => {
      const fs = folder();
      const it = new LoopUnderTest(fs, { ringBytes: 4096 });
      for (const [i, bytes] of sizes.entries()) {
        if (!it.put(bytes)) {
          it.publish();
          it.drain();
          it.putAll(bytes);
        }
        if (i % step === 0) {
          it.publish();
          it.loop.step();
        }
      }
      it.publish();
      it.drain();
      assert.is(it.durable, it.ring.head);
      const { found } = recover(fs.crash('drop-unsynced'));
      assert.equal(namesOf(found), names(sizes.length));
      assert.equal(
        found.map(({ payload }) => payload.length),
        sizes,
      );
      assertContents(found);
    }),
    { numRuns: 60 },
  );
});

test('what is published while a batch is formed goes into it, as long as more is announced', () => {
  for (const announced of [true, false]) {
    let more: () => void = () => undefined;
    const watched: Kernel = {
      ...kernel,
      crc32cRanges: (...args) => {
        kernel.crc32cRanges(...args);
        more();
      },
    };
    const fs = folder();
    const it = new LoopUnderTest(fs, { kernel: watched });
    Atomics.store(it.control, logWords.appending, announced ? 1 : 0);
    it.putAll(100, 100);
    it.publish();
    it.putAll(100);
    more = () => {
      it.publish();
      Atomics.store(it.control, logWords.appending, 0);
    };
    it.drain();
    more = () => undefined;
    assert.equal(it.batches, [3], 'sealing takes a moment, and so much was published in it');
    assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), names(3));
  }
});

test('a batch does not wait for a producer that falls silent', () => {
  const it = new LoopUnderTest(folder());
  Atomics.store(it.control, logWords.appending, 1);
  it.putAll(10, 20);
  it.publish();
  it.drain();
  assert.equal(it.batches, [2]);
});

test('a batch that grows ends at the end of its segment', () => {
  const fs = folder();
  let grow: () => void = () => undefined;
  const growing: Kernel = {
    ...kernel,
    crc32cRanges: (...args) => {
      kernel.crc32cRanges(...args);
      grow();
    },
  };
  const it = new LoopUnderTest(fs, { kernel: growing, ringBytes: 1 << 17 });
  let left = 60;
  grow = () => {
    if (left > 0 && it.put(1000)) left--;
    it.publish();
  };
  Atomics.store(it.control, logWords.appending, 1);
  it.putAll(1000);
  it.publish();
  it.drain();
  assert.is(it.durable, it.ring.head);
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), names(61));
  assert.ok(it.writer.sequence > 1);
});

test('a full disk refuses new records and keeps what waits, until there is space', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const it = new LoopUnderTest(faulty, { ringBytes: 1 << 17 });
  faulty.inject({ operation: 'write', path: 'spare-', error: 'ENOSPC', sticky: true });
  it.putAll(30_000, 30_000, 30_000);
  it.publish();
  it.loop.step();
  const durable = it.durable;
  for (let attempt = 0; attempt < 2; attempt++) assert.is(it.loop.step().kind, 'full');
  assert.equal([it.word('full'), it.durable, it.loop.waiting], [1, durable, true]);
  assert.is(it.word('phase'), logPhases.running);
  faulty.heal();
  it.loop.setFull(false);
  assert.is(it.word('full'), 0);
  it.drain();
  assert.is(it.durable, it.ring.head);
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), names(3));
});

test('after a failure nothing more is published as durable, and whoever waits is woken', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const it = new LoopUnderTest(faulty);
  it.putAll(100);
  it.publish();
  it.drain();
  const { durable } = it;
  const signal = it.word('signal');
  faulty.inject({ operation: 'write', error: 'EIO' });
  it.putAll(100);
  it.publish();
  for (let attempt = 0; attempt < 2; attempt++) {
    let thrown: unknown = null;
    try {
      it.loop.step();
    } catch (error) {
      thrown = error;
    }
    assert.ok(isThemisError(thrown, 'THEMIS_LOG_FAILED'));
  }
  assert.equal([it.durable, it.word('phase')], [durable, logPhases.failed]);
  assert.is.not(it.word('signal'), signal);
});

test('a stop is told as a stop', () => {
  const it = new LoopUnderTest(folder());
  const signal = it.word('signal');
  it.loop.stop();
  assert.is(it.word('phase'), logPhases.stopped);
  assert.is.not(it.word('signal'), signal);
});

test.run();
