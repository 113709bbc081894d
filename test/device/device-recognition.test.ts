/** What becomes of the folders that an open finds: every row of the table, by what it compares. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import type { DeviceIdentity } from '../../src/device/device-identity.js';
import {
  type FolderAtPath,
  recognizeDevices,
  unnamedRows,
} from '../../src/device/device-recognition.js';
import type { DeviceTable } from '../../src/device/device-table.js';
import type { FoundFolder } from '../../src/device/recognition.js';
import { clusterId, nodeId } from './device-fixture.js';

const owner = { clusterId, nodeId };
const idOf = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);

function device(id: number, change: Partial<DeviceIdentity> = {}): FoundFolder {
  const identity = { ...owner, deviceId: idOf(id), session: 4, createdMs: 1, number: id };
  return { kind: 'device', identity: { ...identity, ...change }, repaired: false };
}

/** Device 1 is at /a, device 2 at /b; both were written to in session 4. */
function tableOf(isRebuilding = false): DeviceTable {
  const rows = [1, 2].map((number) => ({
    number,
    role: 'active' as const,
    isRebuilding,
    session: 4,
    deviceId: idOf(number),
    path: number === 1 ? '/a' : '/b',
  }));
  return { ...owner, session: 4, nextNumber: 3, rows };
}

/** What a folder at /a becomes beside what is at /b: `number state`, or the code of the error. */
function outcome(at: FoundFolder, table: DeviceTable | null, besides = device(2)): string {
  const folders: FolderAtPath[] = [
    { path: '/a', role: 'active', found: at },
    { path: '/b', role: 'active', found: besides },
  ];
  try {
    const [first] = recognizeDevices(folders, table, owner);
    const state = first?.state;
    return `${first?.number} ${state?.kind === 'failed' ? state.cause : state?.kind}`;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

const unreadable = { kind: 'unreadable', code: 'EIO', why: 'EIO' } as const;
const strange = { kind: 'strange', name: 'x' } as const;

test('folders without an identity', () => {
  const table: readonly (readonly [FoundFolder, string, string])[] = [
    [{ kind: 'empty' }, 'null rebuilding', 'null healthy'],
    [{ kind: 'missing' }, '1 vanished', 'null healthy'],
    [unreadable, '1 vanished', 'THEMIS_FOLDER_INVALID'],
    [{ kind: 'damaged' }, '1 broken', 'THEMIS_FOLDER_INVALID'],
    [strange, '1 broken', 'THEMIS_FOLDER_INVALID'],
  ];
  for (const [found, known, unknown] of table) {
    assert.is(outcome(found, tableOf()), known, `${found.kind}, known`);
    assert.is(outcome(found, null), unknown, `${found.kind}, no table`);
  }
});

test('folders with an identity', () => {
  const table: readonly (readonly [FoundFolder, DeviceTable | null, string])[] = [
    [device(1), tableOf(), '1 healthy'],
    [device(1), tableOf(true), '1 rebuilding'],
    [device(1, { session: 3 }), tableOf(), '1 rebuilding'],
    [device(1, { session: 5 }), tableOf(), '1 healthy'],
    [device(9), tableOf(), 'null rebuilding'],
    [device(1), null, '1 healthy'],
    [device(1, { session: 3 }), null, '1 rebuilding'],
    [device(1, { number: 2 }), null, 'null healthy'],
    [device(2), tableOf(), 'THEMIS_DEVICE_DUPLICATE'],
    [device(1, { clusterId: idOf(99) }), tableOf(), 'THEMIS_FOLDER_FOREIGN'],
    [device(1, { nodeId: idOf(99) }), tableOf(), 'THEMIS_FOLDER_FOREIGN'],
  ];
  for (const [found, known, expected] of table) assert.is(outcome(found, known), expected);
});

test('of a device that was replaced nothing is expected, and it is used when it comes back', () => {
  const rows = tableOf().rows.map((row) =>
    row.number === 1 ? { ...row, role: 'replaced' as const } : row,
  );
  const table = { ...tableOf(), rows };
  const missing = { kind: 'missing' } as const;
  const damaged = { kind: 'damaged' } as const;
  const at = (found: FoundFolder, role: FolderAtPath['role']): string => {
    const folders: FolderAtPath[] = [
      { path: '/a', role, found },
      { path: '/b', role: 'active', found: device(2) },
    ];
    return recognizeDevices(folders, table, owner)
      .filter(({ path }) => path === '/a')
      .map((one) => `${one.number} ${one.role} ${one.state.kind}`)
      .join();
  };
  for (const found of [missing, damaged, unreadable, strange]) {
    assert.is(at(found, 'active'), '', 'left out, though it is named');
    assert.is(at(found, 'replaced'), '', 'left out');
  }
  assert.is(at({ kind: 'empty' }, 'active'), 'null active rebuilding', 'a new drive is used');
  assert.is(at({ kind: 'empty' }, 'replaced'), '', 'where nobody names it, it is not');
  assert.is(at(device(1), 'active'), '1 active rebuilding');
  assert.is(at(device(1), 'spare'), '1 spare rebuilding');
  assert.is(at(device(1), 'replaced'), '1 active rebuilding', 'its fragments may be needed');
});

test('devices whose paths changed places are known by their ids', () => {
  assert.is(outcome(device(2), tableOf(), device(1)), '2 healthy');
  assert.is(outcome({ kind: 'empty' }, tableOf(), device(1)), 'null healthy', 'it moved to /b');
});

test('a spare that became active stays active, though its folder is named as a spare', () => {
  const folders: FolderAtPath[] = [{ path: '/a', role: 'spare', found: device(1) }];
  assert.is(recognizeDevices(folders, tableOf(), owner)[0]?.role, 'active');
  const { rows, ...rest } = tableOf();
  const spares = { ...rest, rows: rows.map((row) => ({ ...row, role: 'spare' as const })) };
  assert.is(recognizeDevices(folders, spares, owner)[0]?.role, 'spare');
});

test('devices of the table that nobody names are those at no named path under no named id', () => {
  const named = (at: FoundFolder, path: string) =>
    unnamedRows(tableOf().rows, [{ path, role: 'active', found: at }]).map(({ number }) => number);
  assert.equal(named(device(1), '/elsewhere'), [2], 'it moved');
  assert.equal(named({ kind: 'missing' }, '/b'), [1], 'it vanished');
  assert.equal(named({ kind: 'empty' }, '/c'), [1, 2]);
});

test.run();
