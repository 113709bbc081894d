/** Recovery end to end: tails, damage, marks, headers, loss that was accepted. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { FaultyFileSystem } from '../../src/io/index.js';
import { segmentDataOffset, segmentName } from '../../src/wal/segment.js';
import {
  append,
  assertContents,
  dir,
  folder,
  identity,
  namesOf,
  openLog,
  recover,
  run,
  segmentBytes,
} from './log-fixture.js';

const file = (sequence: number): string => `${dir}/log/${segmentName(sequence)}`;

function codeThrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return isThemisError(error) ? error.code : String(error);
  }
  return 'nothing';
}

test('a new log is empty, has one segment, and takes the first batch', () => {
  const fs = folder();
  const { recovered, found, writer } = openLog(fs);
  assert.equal(found, []);
  assert.equal(recovered.damages, []);
  assert.is(recovered.tail.sequence, 1);
  assert.is(recovered.tail.offset, segmentDataOffset);
  append(writer, run(1, 1, [100, 0, 7]));
  writer.close();
  assert.equal(namesOf(recover(fs).found), ['1/1', '1/2', '1/3']);
});

test('a reopened log has every record once, in order, over many segments and streams', () => {
  const fs = folder();
  const expected: string[] = [];
  for (let round = 0; round < 6; round++) {
    const { found, recovered, writer } = openLog(fs);
    assert.equal(namesOf(found), expected);
    assert.equal(recovered.damages, []);
    assert.is(recovered.torn, null);
    assertContents(found);
    for (let batch = 0; batch < 5; batch++) {
      const first = 1 + (round * 5 + batch) * 2;
      const records = [...run(1, first, [3000, 1000]), ...run(7, first, [0, 2000])];
      append(writer, records);
      expected.push(...namesOf(records));
    }
    if (round % 2 === 0) writer.close();
  }
  const { recovered } = recover(fs);
  assert.ok(recovered.tail.sealed.length >= 2);
  assert.equal(recovered.streams.get(7), { firstIndex: 1, lastIndex: 60, lastBallot: 9 });
});

test('a torn last batch goes aside, and the log continues before it', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [3000]));
  fs.overwrite(file(1), new Uint8Array(512), segmentDataOffset + 4096 + 1024);
  const torn = fs.bytesOf(file(1)).subarray(segmentDataOffset + 4096, segmentDataOffset + 8192);
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1']);
  assert.equal(recovered.damages, []);
  assert.is(recovered.torn?.offset, segmentDataOffset + 4096);
  const aside = fs.bytesOf(recovered.torn?.aside[0] ?? '');
  assert.ok(Buffer.from(torn).subarray(0, aside.length).equals(aside));
  assert.ok(aside.length > 3000);
  const again = openLog(fs);
  assert.is(again.recovered.torn, null);
  append(again.writer, run(1, 2, [50]));
  assert.equal(namesOf(recover(fs).found), ['1/1', '1/2']);
});

test('damage in a batch that a later one proves synced is corrupt, and named exactly', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [200, 200, 200]));
  append(writer, run(1, 5, [100]));
  writer.close();
  fs.flipBit(file(1), segmentDataOffset + 4096 + 64 + 248 + 48 + 5, 3);
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1', '1/2', '1/4', '1/5']);
  assert.is(recovered.damages.length, 1);
  const damage = recovered.damages[0];
  assert.is(damage?.kind, 'corrupt');
  assert.is(damage?.file, file(1));
  assert.is(damage?.offset, segmentDataOffset + 4096);
  assert.equal(damage?.known, [{ stream: 1, index: 3, ballot: 9 }]);
  assert.equal(damage?.lost, [{ stream: 1, firstIndex: 3, lastIndex: 3 }]);
});

test('a damaged batch header costs what its neighbours say, and the scan goes on', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100, 100]));
  append(writer, [...run(1, 3, [100, 100]), ...run(2, 1, [10])]);
  append(writer, run(1, 5, [100]));
  writer.close();
  fs.flipBit(file(1), segmentDataOffset + 4096 + 9, 0);
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1', '1/2', '1/5']);
  assert.equal(
    recovered.damages.map(({ kind }) => kind),
    ['corrupt'],
  );
  assert.equal(recovered.damages[0]?.lost, [{ stream: 1, firstIndex: 3, lastIndex: 4 }]);
  assert.is(recovered.damages[0]?.blind, true);
});

test('damage of the last batch without proof is unknown, never torn', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [2000]));
  fs.flipBit(file(1), segmentDataOffset + 4096 + 700, 1);
  const before = fs.bytesOf(file(1));
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1']);
  assert.is(recovered.torn, null);
  assert.equal(
    recovered.damages.map(({ kind }) => kind),
    ['unknown'],
  );
  assert.equal(recovered.damages[0]?.known, [{ stream: 1, index: 2, ballot: 9 }]);
  assert.ok(Buffer.from(before).equals(fs.bytesOf(file(1))), 'evidence stays as it is');
});

test('acceptLoss cuts before the first damaged record and keeps the ones before it', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [200, 200, 200]));
  for (let i = 0; i < 20; i++) append(writer, run(1, 5 + i, [6000]));
  writer.close();
  assert.ok(recover(fs).recovered.tail.sequence > 1);
  fs.flipBit(file(1), segmentDataOffset + 4096 + 64 + 2 * 248 + 48 + 5, 3);
  const { recovered, found } = recover(fs, { acceptLoss: true });
  assert.equal(namesOf(found), ['1/1', '1/2', '1/3']);
  assert.ok((recovered.cut?.aside.length ?? 0) >= 3);
  assert.is(recovered.tail.sequence, 1);
  const again = openLog(fs);
  assert.equal(namesOf(again.found), ['1/1', '1/2', '1/3']);
  assert.equal(again.recovered.damages, []);
  append(again.writer, run(1, 4, [10]));
  again.writer.close();
  assert.equal(namesOf(recover(fs).found), ['1/1', '1/2', '1/3', '1/4']);
});

test('one damaged copy of a segment header is repaired from the other', () => {
  for (const at of [0, 60, 4096, 4096 + 89]) {
    const fs = folder();
    const { writer } = openLog(fs);
    append(writer, run(1, 1, [100]));
    writer.close();
    const before = fs.bytesOf(file(1));
    fs.flipBit(file(1), at, 4);
    const { recovered, found } = recover(fs);
    assert.equal(recovered.repaired, [{ file: file(1), offset: 0 }]);
    assert.equal(namesOf(found), ['1/1']);
    assert.ok(Buffer.from(before).equals(fs.bytesOf(file(1))));
  }
});

test('a segment without any good header is damage, even when it is all zero', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  fs.overwrite(file(1), new Uint8Array(segmentBytes), 0);
  const { recovered, found } = recover(fs);
  assert.equal(found, []);
  assert.equal(
    recovered.damages.map(({ kind }) => kind),
    ['unknown'],
  );
});

test('a missing segment between others is corrupt', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 30; i++) append(writer, run(1, i, [6000]));
  writer.close();
  fs.unlink(file(2));
  const { recovered, found } = recover(fs);
  assert.is(recovered.damages[0]?.kind, 'corrupt');
  const lost = recovered.damages[0]?.lost[0];
  assert.is(lost?.stream, 1);
  assert.is(found.length, 30 - ((lost?.lastIndex ?? 0) - (lost?.firstIndex ?? 0) + 1));
});

test('a file cut short is damage; acceptLoss gives it its size again', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [100]));
  writer.close();
  const handle = fs.open(file(1), { access: 'read-write' });
  handle.truncate(segmentDataOffset + 4096 + 20);
  handle.sync();
  handle.close();
  const { recovered } = recover(fs);
  assert.equal(
    recovered.damages.map(({ kind }) => kind),
    ['unknown'],
  );
  assert.equal(namesOf(recover(fs, { acceptLoss: true }).found), ['1/1']);
  assert.is(fs.stat(file(1))?.bytes, segmentBytes);
  assert.equal(recover(fs).recovered.damages, []);
});

test('a damaged idle mark is rewritten, at the end and between batches', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  writer.mark();
  append(writer, run(1, 2, [100]));
  writer.mark();
  const before = fs.bytesOf(file(1));
  fs.flipBit(file(1), segmentDataOffset + 4096 + 3, 1);
  fs.flipBit(file(1), segmentDataOffset + 3 * 4096 + 80, 7);
  const { recovered, found } = recover(fs);
  assert.equal(namesOf(found), ['1/1', '1/2']);
  assert.equal(recovered.damages, []);
  assert.is(recovered.repaired.length, 2);
  assert.ok(Buffer.from(before).equals(fs.bytesOf(file(1))));
});

test('the log of another cluster, node, incarnation, size or version is refused', () => {
  const fs = folder();
  openLog(fs).writer.close();
  const other = new Uint8Array(16);
  const refused = (overrides: Parameters<typeof recover>[1]): string =>
    codeThrownBy(() => recover(fs, overrides));
  assert.is(refused({ identity: { ...identity, clusterId: other } }), 'THEMIS_FOLDER_FOREIGN');
  assert.is(refused({ identity: { ...identity, nodeId: other } }), 'THEMIS_FOLDER_FOREIGN');
  assert.is(refused({ identity: { ...identity, incarnation: 2 } }), 'THEMIS_INCARNATION_STALE');
  assert.is(refused({ segmentBytes: 2 * segmentBytes }), 'THEMIS_CONFIG_INVALID');
  assert.is(refused({ identity: { ...identity, incarnation: 4 } }), 'nothing');
});

test('a log goes on under a higher incarnation, in the old segment and in new ones', () => {
  const fs = folder();
  const first = openLog(fs);
  append(first.writer, run(1, 1, [6000]));
  const overrides = { identity: { ...identity, incarnation: 9 } };
  const second = openLog(fs, overrides);
  for (let i = 2; i < 20; i++) append(second.writer, run(1, i, [6000]));
  second.writer.close();
  const { found, recovered } = recover(fs, overrides);
  assert.is(found.length, 19);
  assert.equal(recovered.damages, []);
});

test('a sector that cannot be read is damage, not a torn write', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [100]));
  append(writer, run(1, 2, [2000]));
  fs.overwrite(file(1), new Uint8Array(512), segmentDataOffset + 4096 + 512);
  const broken = new FaultyFileSystem(fs);
  let blocks = 0;
  const failing = new Proxy(broken, {
    get: (target, name) => {
      if (name !== 'open') return Reflect.get(target, name).bind?.(target);
      return (path: string, options: { access: 'read' | 'read-write' }) => {
        const handle = target.open(path, options);
        return {
          read: (to: Uint8Array, at: number, length: number, position: number) => {
            const bad = segmentDataOffset + 4096;
            if (options.access === 'read' && position <= bad && position + length > bad) {
              blocks++;
              throw Object.assign(new RangeError('unreadable'), { code: 'EIO' });
            }
            return handle.read(to, at, length, position);
          },
          write: handle.write.bind(handle),
          sync: () => handle.sync(),
          truncate: (length: number) => handle.truncate(length),
          size: () => handle.size(),
          close: () => handle.close(),
        };
      };
    },
  });
  const { recovered, found } = recover(failing);
  assert.ok(blocks > 1);
  assert.equal(namesOf(found), ['1/1']);
  assert.is(recovered.torn, null);
  assert.equal(
    recovered.damages.map(({ kind }) => kind),
    ['unknown'],
  );
});

test('a tail that no sync is proved for is written again and synced', () => {
  const fs = folder();
  const { writer } = openLog(fs, { syncMode: 'buffered' });
  append(writer, run(1, 1, [100]));
  writer.sync();
  append(writer, run(1, 2, [100]));
  append(writer, run(1, 3, [100]));
  const killed = fs.clone();
  assert.equal(namesOf(recover(killed).found), ['1/1', '1/2', '1/3']);
  const cut = killed.crash('drop-unsynced');
  assert.equal(namesOf(recover(cut).found), ['1/1', '1/2', '1/3']);
});

test('an aside file is never overwritten', () => {
  const fs = folder();
  const names = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const { writer } = openLog(fs);
    append(writer, run(1, 1, [3000]));
    fs.overwrite(file(1), new Uint8Array(512), segmentDataOffset + 512);
    names.add(recover(fs).recovered.torn?.aside[0] ?? '');
  }
  assert.is(names.size, 3);
  assert.is(fs.list(`${dir}/aside`).length, 3);
});

test.run();
