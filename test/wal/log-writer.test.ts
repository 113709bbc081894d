/** The writer: durability, fail-stop, marks, truncation, full disks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import type { LogWriter } from '../../src/wal/log-writer.js';
import { segmentDataOffset, segmentName } from '../../src/wal/segment.js';
import type { SyncMode } from '../../src/wal/sync-mode.js';
import {
  append,
  dir,
  folder,
  namesOf,
  openLog,
  recover,
  run,
  segmentBytes,
} from './log-fixture.js';

const first = segmentBytes + segmentDataOffset;

function code(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return isThemisError(error) ? error.code : String(error);
  }
  return 'nothing';
}

/** One record of 6000 bytes takes two blocks. */
function fill(writer: LogWriter, from: number, to: number, stream = 1): void {
  for (let i = from; i <= to; i++) append(writer, run(stream, i, [6000]));
}

for (const syncMode of ['direct', 'dsync', 'fdatasync'] as const) {
  test(`what write returned survives a power cut, mode ${syncMode}`, () => {
    const fs = folder();
    const { writer } = openLog(fs, { syncMode });
    for (let i = 1; i <= 20; i++) {
      append(writer, run(1, i, [6000]));
      assert.is(writer.syncedPosition, writer.position);
      assert.is(recover(fs.crash('drop-unsynced')).found.length, i);
    }
  });
}

test('a batch is one write, and one sync in fdatasync mode', () => {
  const counted = (syncMode: SyncMode): string[] => {
    const faulty = new FaultyFileSystem(folder());
    const { writer } = openLog(faulty, { syncMode });
    const before = faulty.calls().length;
    append(writer, run(1, 1, [100, 5000, 0]));
    return faulty
      .calls()
      .slice(before)
      .map(({ operation }) => operation);
  };
  assert.equal(counted('direct'), ['write']);
  assert.equal(counted('dsync'), ['write']);
  assert.equal(counted('fdatasync'), ['write', 'sync']);
  assert.equal(counted('buffered'), ['write']);
});

test('write says what it wrote and what is durable; buffered waits for sync', () => {
  const { writer } = openLog(folder(), { syncMode: 'buffered' });
  const bytes = new Uint8Array(2 * 48);
  const source = new DataView(bytes.buffer);
  for (const [at, index] of [
    [0, 1],
    [48, 2],
  ] as const) {
    source.setUint32(at + 8, 1, true);
    source.setUint32(at + 16, index, true);
  }
  const written = { ...writer.write(bytes, 0, 96) };
  assert.equal(written, {
    records: 2,
    bytes: 4096,
    position: first + 4096,
    syncedPosition: first,
  });
  writer.sync();
  assert.is(writer.syncedPosition, first + 4096);
});

test('short writes are continued', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const { writer } = openLog(faulty);
  faulty.inject({ operation: 'write', error: 'short-write', sticky: true });
  append(writer, run(1, 1, [20000]));
  assert.ok(faulty.fired() > 2);
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), ['1/1']);
});

for (const operation of ['write', 'sync', 'rename', 'syncDirectory', 'open'] as const) {
  test(`after a failed ${operation} everything is refused and nothing more is written`, () => {
    const fs = folder();
    const faulty = new FaultyFileSystem(fs);
    const { writer } = openLog(faulty, { syncMode: 'fdatasync' });
    append(writer, run(1, 1, [100]));
    faulty.inject({ operation, error: 'EIO' });
    let index = 2;
    assert.is(
      code(() => {
        for (; index < 20; index++) append(writer, run(1, index, [6000]));
      }),
      'THEMIS_LOG_FAILED',
    );
    const calls = faulty.calls().length;
    for (const call of [
      () => append(writer, run(1, index, [1])),
      () => writer.mark(),
      () => writer.sync(),
      () => writer.truncate(1, 1),
      () => writer.prepareSpare(),
    ]) {
      assert.is(code(call), 'THEMIS_LOG_FAILED');
    }
    assert.is(faulty.calls().length, calls);
    assert.is(writer.status().state, 'failed');
    writer.close();
    assert.is(
      code(() => writer.sync()),
      'THEMIS_CLOSED',
    );
    assert.ok(recover(fs.crash('drop-unsynced')).found.length >= index - 1);
  });
}

test('after a failed sync a restart writes the tail again: the disk may not have it', () => {
  const fs = folder();
  const faulty = new FaultyFileSystem(fs);
  const { writer } = openLog(faulty, { syncMode: 'fdatasync' });
  append(writer, run(1, 1, [100]));
  // The pages stay readable although the disk lost them; later syncs find nothing to do.
  faulty.inject({ operation: 'sync', error: 'EIO', loses: false });
  assert.is(
    code(() => append(writer, run(1, 2, [100]))),
    'THEMIS_LOG_FAILED',
  );
  const writes = new FaultyFileSystem(fs);
  assert.equal(namesOf(recover(writes).found), ['1/1', '1/2']);
  const last = writes
    .calls()
    .filter(({ operation }) => operation === 'write' || operation === 'sync');
  assert.equal(
    last.map(({ operation }) => operation),
    ['write', 'sync'],
  );
  assert.equal(namesOf(recover(fs.crash('drop-unsynced')).found), ['1/1', '1/2']);
});

for (const syncMode of ['dsync', 'buffered'] as const)
  test(`a mark proves the batch before it, once, mode ${syncMode}`, () => {
    const fs = folder();
    const faulty = new FaultyFileSystem(fs);
    const { writer } = openLog(faulty, { syncMode });
    append(writer, run(1, 1, [100]));
    writer.mark();
    const calls = faulty.calls().length;
    writer.mark();
    assert.is(faulty.calls().length, calls);
    fs.flipBit(`${dir}/log/${segmentName(1)}`, segmentDataOffset + 70, 1);
    assert.equal(
      recover(fs).recovered.damages.map(({ kind }) => kind),
      ['corrupt'],
    );
  });

test('segments go when every stream is past them, oldest first, and become spares', () => {
  const fs = folder();
  const { writer } = openLog(fs, { spareSegments: 1 });
  fill(writer, 1, 7, 1);
  append(writer, run(2, 1, [10]));
  fill(writer, 8, 20, 1);
  fill(writer, 2, 8, 2);
  const { segments } = writer.status();
  assert.ok(segments >= 4);
  writer.truncate(1, 20);
  assert.is(writer.status().segments, segments - 1);
  writer.truncate(2, 1);
  assert.ok(writer.status().segments < segments - 1);
  writer.truncate(2, 8);
  assert.is(writer.status().segments, 1);
  const found = recover(fs).recovered;
  assert.equal(found.damages, []);
  assert.is(found.tail.sealed.length, 0);
  assert.is(writer.status().spares, 0);
  while (writer.prepareSpare());
  assert.is(writer.status().spares, 1);
});

test('the current segment stays, and records behind the truncation are kept', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  fill(writer, 1, 20);
  writer.truncate(1, 9);
  const names = namesOf(recover(fs).found);
  assert.ok(names.includes('1/10') && names.includes('1/20'));
  assert.not(names.includes('1/1'));
  writer.truncate(1, 20);
  assert.is(writer.status().segments, 1);
});

test('an index that does not follow ends the log before anything is written', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [10]));
  assert.is(
    code(() => append(writer, run(1, 3, [10]))),
    'THEMIS_LOG_FAILED',
  );
  assert.equal(namesOf(recover(fs).found), ['1/1']);
});

test('a stream can be restarted at another index, and recovery understands', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [10, 10]));
  writer.restartStream(1);
  append(writer, run(1, 100, [10]));
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1', '1/2', '1/100']);
  assert.equal(recovered.damages, []);
  assert.is(recovered.streams.get(1)?.firstIndex, 100);
});

test('a full disk refuses writes that need a segment, and they go on when there is space', () => {
  const capacity = 5 * segmentBytes + 8192;
  const fs = folder(capacity);
  const { writer } = openLog(fs, { ballastBytes: segmentBytes });
  while (writer.prepareSpare());
  assert.is(writer.status().ballast, 'kept');
  let index = 1;
  const writeOn = (): void => {
    for (; index < 200; index++) append(writer, run(1, index, [6000]));
  };
  assert.is(code(writeOn), 'THEMIS_DISK_FULL');
  assert.is(writer.status().state, 'open');
  assert.is(writer.status().ballast, 'released');
  const full = index;
  // The ballast's space lasts for one more segment.
  assert.is(code(writeOn), 'THEMIS_DISK_FULL');
  assert.ok(index > full);
  assert.is(
    code(() => writer.prepareSpare()),
    'THEMIS_DISK_FULL',
  );
  const written = index - 1;
  writer.truncate(1, written - 5);
  append(writer, run(1, index, [6000]));
  const kept = recover(fs.crash('drop-unsynced')).found;
  assert.is(kept.at(-1)?.index, index);
  assert.is(kept.at(-2)?.index, written);
  writer.close();
});

test('closing on a full disk leaves the mark out and loses nothing', () => {
  const fs = folder(segmentBytes);
  const { writer } = openLog(fs, { spareSegments: 0 });
  fill(writer, 1, 7);
  writer.close();
  assert.is(recover(fs).found.length, 7);
});

test.run();
