/** The backlog finds exactly the newest record of each key that the state does not have. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Backlog,
  BacklogBuilder,
  type KeyOperation,
  operationOn,
} from '../../src/metadata/index.js';
import { LogRecord } from '../../src/wal/log-record.js';
import { type Change, commandOf } from './commands.js';

const stream = 3;

function recordOf(index: number, changes: readonly Change[], ofStream = stream): LogRecord {
  const bytes = commandOf(changes);
  const record = new LogRecord(bytes);
  record.stream = ofStream;
  record.index = index;
  record.payloadLength = bytes.length;
  record.batchPosition = index * 4096;
  return record;
}

function keyOf(number: number): Buffer {
  return Buffer.from(`key-${number}`);
}

/** What a reader does: asks the places in turn. */
function newest(
  backlog: Backlog,
  log: ReadonlyMap<number, LogRecord>,
  key: Uint8Array,
): KeyOperation {
  for (const place of backlog.places(key)) {
    assert.is(place.batch, place.index * 4096);
    const record = log.get(place.index);
    assert.ok(record !== undefined, 'a place names a record that was added');
    const found = operationOn(key, record);
    if (found.kind !== 'absent') return found;
  }
  return { kind: 'absent' };
}

const change = fc.record({
  key: fc.integer({ min: 0, max: 40 }).map(keyOf),
  value: fc.option(fc.uint8Array({ maxLength: 12 }), { nil: null }),
});
const commands = fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { maxLength: 80 });

test('the newest operation behind the applied index is found, for every key', () => {
  fc.assert(
    fc.property(commands, fc.integer({ min: 0, max: 80 }), (batches, applied) => {
      const builder = new BacklogBuilder(stream, applied);
      const log = new Map<number, LogRecord>();
      const expected = new Map<string, Uint8Array | null>();
      batches.forEach((changes, i) => {
        const record = recordOf(i + 1, changes);
        builder.add(record);
        log.set(record.index, record);
        if (record.index <= applied) return;
        for (const { key, value } of changes) expected.set(key.toString(), value);
      });
      const data = builder.finish();
      if (batches.length <= applied) {
        assert.is(data, null);
        return;
      }
      assert.ok(data !== null);
      assert.is(data.lastIndex, batches.length);
      const backlog = new Backlog(data);
      for (let number = 0; number <= 41; number++) {
        const found = newest(backlog, log, keyOf(number));
        const value = expected.get(`key-${number}`);
        if (value === undefined) assert.is(found.kind, 'absent');
        else if (value === null) assert.is(found.kind, 'delete');
        else assert.ok(found.kind === 'put' && Buffer.compare(found.value, value) === 0);
      }
    }),
  );
});

test('records of other streams are not collected', () => {
  const builder = new BacklogBuilder(stream, 0);
  builder.add(recordOf(1, [{ key: keyOf(1), value: new Uint8Array(1) }], stream + 1));
  assert.is(builder.finish(), null);
});

test('it grows, and a key with many records names the newest first and each once', () => {
  const builder = new BacklogBuilder(stream, 0);
  const records = 10_000;
  for (let index = 1; index <= records; index++) {
    const key = keyOf(index % 7);
    builder.add(
      recordOf(index, [
        { key, value: null },
        { key, value: new Uint8Array(1) },
      ]),
    );
  }
  const data = builder.finish();
  assert.ok(data !== null);
  assert.is(data.size, 2 * records);
  const places = [...new Backlog(data).places(keyOf(3))].map(({ index }) => index);
  const expected = Array.from({ length: records }, (_, i) => records - i).filter(
    (i) => i % 7 === 3,
  );
  assert.equal(places, expected);
});

test('a value that was found does not change when the record it came from does', () => {
  const record = recordOf(1, [{ key: keyOf(1), value: Uint8Array.of(7) }]);
  const found = operationOn(keyOf(1), record);
  record.bytes.fill(0);
  assert.ok(found.kind === 'put' && found.value[0] === 7);
});

test.run();
