/** The table of devices. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, viewOf } from '../../src/base/index.js';
import {
  type DeviceTable,
  encodeTable,
  readTable,
  writeTable,
} from '../../src/device/device-table.js';
import { MemoryFileSystem } from '../../src/io/index.js';
import { clusterId, kernel, nodeId } from './device-fixture.js';

const row = fc.record({
  number: fc.nat(2 ** 24),
  role: fc.constantFrom('active' as const, 'spare' as const, 'replaced' as const),
  isRebuilding: fc.boolean(),
  session: fc.maxSafeNat(),
  deviceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  path: fc.string({ unit: 'grapheme', maxLength: 300 }).map((name) => `/${name}`),
});
const tables = fc
  .record({ session: fc.maxSafeNat(), nextNumber: fc.nat(2 ** 24), rows: fc.array(row) })
  .map(({ session, nextNumber, rows }): DeviceTable => {
    return { clusterId, nodeId, session, nextNumber, rows: rows.map((one) => ({ ...one })) };
  });

test('any table is read as it was written', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const fs = new MemoryFileSystem();
      writeTable(fs, '', kernel, table);
      assert.equal(readTable(fs, '', kernel), { kind: 'valid', value: table, repaired: false });
    }),
  );
});

test('devices inside the data folder are found where that is now, others where they were', () => {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/data');
  const row = {
    role: 'active' as const,
    isRebuilding: false,
    session: 1,
    deviceId: new Uint8Array(16),
  };
  const paths = ['/data/device-0', '/data/a/b', '/database', '/mnt/data/x'];
  const rows = paths.map((path, number) => ({ ...row, number, path }));
  writeTable(fs, '/data', kernel, { clusterId, nodeId, session: 1, nextNumber: 4, rows });
  fs.rename('/data', '/moved');
  const read = readTable(fs, '/moved', kernel);
  assert.equal(read.kind === 'valid' ? read.value.rows.map(({ path }) => path) : [], [
    '/moved/device-0',
    '/moved/a/b',
    '/database',
    '/mnt/data/x',
  ]);
});

test('one bit flipped in any sector is repaired; other lengths are damage', () => {
  const rows = Array.from({ length: 100 }, (_, number) => ({
    number,
    role: 'active' as const,
    isRebuilding: false,
    session: 3,
    deviceId: new Uint8Array(16).fill(number),
    path: `/devices/${'x'.repeat(number)}`,
  }));
  const table: DeviceTable = { clusterId, nodeId, session: 3, nextNumber: 100, rows };
  const fs = new MemoryFileSystem();
  writeTable(fs, '', kernel, table);
  const bytes = fs.bytesOf('/devices').length;
  assert.ok(bytes > 8_192);
  for (let at = 5; at < bytes; at += 512) {
    const state = fs.clone();
    state.flipBit('/devices', at, at % 8);
    assert.equal(readTable(state, '', kernel), { kind: 'valid', value: table, repaired: true });
  }
  const handle = fs.open('/devices', { access: 'read-write' });
  for (const length of [bytes - 4_096, 4_096, 100, 0]) {
    handle.truncate(length);
    assert.is(readTable(fs, '', kernel).kind, 'damaged', `${length} bytes`);
  }
});

test('a later version is refused', () => {
  const fs = new MemoryFileSystem();
  const table: DeviceTable = { clusterId, nodeId, session: 1, nextNumber: 1, rows: [] };
  writeTable(fs, '', kernel, table);
  const copy = encodeTable(kernel, table);
  viewOf(copy).setUint32(8, 2, true);
  viewOf(copy).setUint32(4_092, kernel.crc32c(copy, 0, 4_092, 0), true);
  for (const at of [0, 4_096]) fs.overwrite('/devices', copy, at);
  try {
    readTable(fs, '', kernel);
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_FORMAT_NEWER');
  }
});

test.run();
