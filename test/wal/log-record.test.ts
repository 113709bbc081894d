/** One record object shows each record of a window in turn. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fillRecord, LogRecord } from '../../src/wal/log-record.js';
import { SegmentWindow } from '../../src/wal/segment-window.js';
import { layOut, run } from './log-fixture.js';

test('fields and payload are those of the record, the payload a view', () => {
  const records = [...run(3, 2 ** 40, [100]), ...run(4, 7, [0])];
  const window = new SegmentWindow(new Uint8Array(4096));
  window.bytes.set(layOut(records));
  const record = new LogRecord(window.bytes);
  fillRecord(record, window, 0);
  assert.equal(
    [record.kind, record.stream, record.index, record.ballot, record.payloadLength],
    [1, 3, 2 ** 40, 9, 100],
  );
  assert.is(record.payload.length, 100);
  window.bytes[48] = 0xaa;
  assert.is(record.payload[0], 0xaa);
  fillRecord(record, window, 152);
  assert.equal([record.stream, record.index, record.payload.length], [4, 7, 0]);
});

test.run();
