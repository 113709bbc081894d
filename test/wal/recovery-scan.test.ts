/** The scan changes nothing, numbers what it saw, and stops where the log ends. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryFileSystem } from '../../src/io/index.js';
import { RecoveryScan, type ScanStop } from '../../src/wal/recovery-scan.js';
import { segmentDataOffset } from '../../src/wal/segment.js';
import { findSegments } from '../../src/wal/segment-files.js';
import { SegmentStore } from '../../src/wal/segment-store.js';
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

function scanAll(fileSystem: MemoryFileSystem): {
  scan: RecoveryScan;
  stop: ScanStop | null;
  positions: number[];
} {
  const store = new SegmentStore({ fileSystem, directory: dir, kernel, segmentBytes });
  const segments = findSegments(store, { fileSystem, kernel, identity });
  const positions: number[] = [];
  const scan = new RecoveryScan({
    kernel,
    segmentBytes,
    memory: new Uint8Array(64 * 1024),
    acceptLoss: false,
    onRecord: (record) => positions.push(record.position),
  });
  let stop: ScanStop | null = null;
  for (const [i, segment] of segments.entries()) {
    const handle = fileSystem.open(segment.path, { access: 'read' });
    stop = scan.scanSegment(segment, handle, segments[i + 1] ?? null);
    handle.close();
  }
  return { scan, stop, positions };
}

test('records have the positions of their headers; the scan ends behind the last batch', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [8, 8]));
  append(writer, run(1, 3, [8]));
  const { scan, stop, positions } = scanAll(fs);
  const start = segmentBytes + segmentDataOffset;
  assert.equal(positions, [start + 64, start + 64 + 56, start + 4096 + 64]);
  assert.equal(stop?.end, { kind: 'clean' });
  assert.is(stop?.offset, segmentDataOffset + 2 * 4096);
  assert.is(scan.records, 3);
  assert.is(scan.bytes, 8192);
  assert.is(scan.number, 2);
  assert.is(scan.syncedPosition, start + 4096);
});

test('every segment has the last index of each stream in it', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  for (let i = 1; i <= 9; i++) append(writer, run(1, i, [6000]));
  append(writer, run(2, 1, [6000]));
  const { extents } = scanAll(fs).scan;
  assert.equal(
    extents.map(({ lastIndexes }) => [...lastIndexes]),
    [
      [[1, 7]],
      [
        [1, 9],
        [2, 1],
      ],
    ],
  );
});

test('a scan with damage, torn writes and damaged marks changes no byte', () => {
  const fs = folder();
  const { writer } = openLog(fs);
  append(writer, run(1, 1, [3000]));
  writer.mark();
  append(writer, run(1, 2, [3000]));
  append(writer, run(1, 3, [3000]));
  const path = fs.paths().find((name) => name.endsWith('.wal')) ?? '';
  fs.flipBit(path, segmentDataOffset + 200, 1);
  fs.flipBit(path, segmentDataOffset + 4096, 1);
  fs.overwrite(path, new Uint8Array(512), segmentDataOffset + 3 * 4096 + 512);
  const before = fs.bytesOf(path);
  const { scan, stop } = scanAll(fs);
  assert.is(stop?.end.kind, 'torn');
  assert.is(scan.ledger.count, 1);
  assert.is(scan.repairs.length, 1);
  assert.equal(fs.bytesOf(path), before);
});

test.run();
