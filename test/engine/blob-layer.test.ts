/** Large values under the whole store, on a machine in memory: when devices open, what is forgotten. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import type { Store } from '../../src/engine/store.js';
import {
  bytesOf,
  contentsOf,
  finished,
  newMachine,
  onDevices,
  openOn,
  powerCut,
  textOf,
} from '../crash/memory-machine.js';

const devices = onDevices.devices ?? [];
const key = bytesOf('key');
const large = (text: string): Uint8Array => bytesOf(text.padEnd(2000, '.'));
const none = { inlineBytesMax: 300 };

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

function fragmentsOf(store: Store): number {
  return store.blobs.devices.reduce((sum, { fragments }) => sum + fragments, 0);
}

test('a store without large values has no devices and makes no folder', async () => {
  const machine = newMachine();
  const { store } = await openOn(machine, none);
  await store.put(key, bytesOf('small'));
  assert.equal(store.blobs.devices, []);
  assert.not(store.blobs.inUse);
  await store.close();
  assert.equal(machine.files.list('/'), ['data']);
  assert.not(machine.files.list('/data').some((name) => name.startsWith('device')));
});

test('the first large value makes six devices; the next open finds them', async () => {
  const machine = newMachine();
  const first = await openOn(machine, none);
  await first.store.put(key, large('one'));
  assert.is(first.store.blobs.devices.length, 6);
  await first.store.close();
  const second = await openOn(machine, none);
  assert.ok(second.store.blobs.inUse, 'before any large value is asked for');
  assert.is(textOf(await second.store.get(key)), textOf(large('one')));
  assert.is(textOf(second.store.getSync(key)), textOf(large('one')));
  assert.equal(await second.store.getMany([key, bytesOf('no')]), [
    Buffer.from(large('one')),
    undefined,
  ]);
  assert.ok(await second.store.has(key));
  assert.equal(await second.store.hasMany([key, bytesOf('no')]), [true, false]);
  await second.store.close();
});

test('devices that were named once are found by an open that names none', async () => {
  const machine = newMachine();
  const first = await openOn(machine, onDevices);
  await first.store.put(key, large('one'));
  await first.store.close();
  const { devices: _, ...unnamed } = onDevices;
  const second = await openOn(machine, unnamed);
  assert.equal(
    second.store.blobs.devices.map(({ path }) => path),
    devices,
  );
  assert.is(textOf(await second.store.get(key)), textOf(large('one')));
  await second.store.close();
});

test('what was replaced or deleted is forgotten; what a snapshot reads is not', async () => {
  const { store } = await openOn(newMachine(), onDevices);
  await store.put(key, large('one'));
  await store.put(bytesOf('other'), large('other'));
  assert.is(fragmentsOf(store), 6);
  const version = store.acquireSnapshot();
  await store.put(key, large('two'));
  await store.delete(bytesOf('other'));
  await settle();
  assert.is(fragmentsOf(store), 9, 'the snapshot needs both');
  assert.is(textOf(await store.get(key, version)), textOf(large('one')));
  assert.is(textOf(await store.get(bytesOf('other'), version)), textOf(large('other')));
  store.releaseSnapshot(version);
  await store.put(bytesOf('small'), bytesOf('s'));
  await settle();
  assert.is(fragmentsOf(store), 3, 'only the present value is left');
  assert.equal([...(await contentsOf(store)).keys()], ['key', 'small']);
  await store.close();
});

test('an iterator reads what was there when it was created, whatever is replaced', async () => {
  const { store } = await openOn(newMachine(), onDevices);
  for (const name of ['a', 'b', 'c']) await store.put(bytesOf(name), large(`${name} before`));
  const cursor = store.iterate({});
  const entries = await cursor.nextv(10);
  for (const name of ['a', 'b', 'c']) await store.put(bytesOf(name), large(`${name} after`));
  await settle();
  for (const [name, value] of entries) {
    assert.ok(!(value instanceof Buffer), 'it lies on devices');
    const whole = await store.whole(value as never);
    assert.is(textOf(whole), textOf(large(`${textOf(name)} before`)));
  }
  await cursor.close();
  await settle();
  await store.put(bytesOf('d'), bytesOf('d'));
  await settle();
  assert.is(fragmentsOf(store), 9);
  await store.close();
});

test('fragments of a write that was cut off before its name are collected', async () => {
  const machine = newMachine();
  const volumes = 8 * 2 ** 20;
  const { store, backend } = await openOn(machine, onDevices, machine.files, volumes);
  await store.put(key, large('one'));
  // A stream whose first stripe is durable on the devices, and then the machine dies.
  const waiting = new Promise<never>(() => undefined);
  const source = async function* () {
    for (let i = 0; i < 3; i++) yield new Uint8Array(limits.blobStripeBytes / 2).fill(i);
    await waiting;
  };
  void store.putStream(bytesOf('lost'), source());
  await settle();
  const cut = powerCut(machine, 'keep-all');
  const listed = cut.files.list('/device-0/volumes');
  assert.ok(listed.length > 0);
  const again = await openOn(cut, onDevices, cut.files, volumes);
  await settle();
  assert.is(fragmentsOf(again.store), 3, 'the garbage is gone');
  assert.is(await again.store.get(bytesOf('lost')), undefined);
  assert.is(textOf(await again.store.get(key)), textOf(large('one')));
  await again.store.close();
  await finished(store.close(), () => backend.tick());
});

test('values stream in and out in parts, and a failed stream leaves the old value', async () => {
  const { store } = await openOn(newMachine(), onDevices);
  const part = large('part');
  const source = async function* (fails: boolean) {
    for (let i = 0; i < 5; i++) yield part;
    if (fails) throw new RangeError('the source broke');
  };
  await store.putStream(key, source(false));
  const failed = await store.putStream(key, source(true)).catch(String);
  assert.is(failed, 'RangeError: the source broke');
  const read = async (range: { start?: number; end?: number }) => {
    const found: Buffer[] = [];
    for await (const chunk of store.getStream(key, range)) found.push(chunk);
    return textOf(Buffer.concat(found));
  };
  const whole = textOf(part).repeat(5);
  assert.is(await read({}), whole);
  assert.is(await read({ start: 1990, end: 2010 }), whole.slice(1990, 2010));
  assert.is(await read({ start: 99_999 }), '');
  assert.is(fragmentsOf(store), 3, 'of the failed stream nothing is left');
  await store.put(key, bytesOf('small'));
  assert.is(await read({ start: 1 }), 'mall');
  const missing = async () => {
    for await (const _ of store.getStream(bytesOf('no'), {})) assert.unreachable();
  };
  assert.is(await missing().catch(codeOf), 'THEMIS_KEY_NOT_FOUND');
  await store.close();
});

test('stat says what a key holds, and what of it is present', async () => {
  const { store } = await openOn(newMachine(), onDevices);
  await store.put(key, large('one'));
  await store.put(bytesOf('s'), bytesOf('small'));
  assert.equal(await store.stat(bytesOf('s')), { bytes: 5, large: null });
  assert.is(await store.stat(bytesOf('no')), undefined);
  const stat = await store.stat(key);
  const { blob, ...large_ } = stat?.large ?? { blob: 0 };
  assert.ok(blob > 2 ** 32);
  assert.is(stat?.bytes, 2000);
  assert.equal(large_, { data: 2, parity: 1, stripes: 1, fragments: 3, present: 3 });
  await store.close();
});

test('devices come and go while the store is open; wrong numbers are named', async () => {
  const machine = newMachine();
  const { store } = await openOn(machine, onDevices);
  await store.put(key, large('one'));
  const added = await store.blobs.addDevice('/device-4', true);
  assert.equal([added.role, added.state], ['spare', 'healthy']);
  const codes = [
    await store.blobs.addDevice('/device-4', false).catch(codeOf),
    await store.blobs.replaceDevice(99, '/device-9').catch(codeOf),
    await store.blobs.removeDevice(-1).catch(codeOf),
  ];
  assert.equal(codes, [
    'THEMIS_DEVICE_DUPLICATE',
    'THEMIS_CONFIG_INVALID',
    'THEMIS_CONFIG_INVALID',
  ]);
  await store.close();
  const again = await openOn(machine, onDevices);
  assert.is(again.store.blobs.devices.length, 5, 'what was added is known');
  await again.store.blobs.removeDevice(added.number);
  assert.is(again.store.blobs.devices.length, 4);
  await again.store.close();
});

test('a store whose log is buffered forgets only what is durable', async () => {
  const machine = newMachine();
  const options = { ...onDevices, durability: 'buffered' } as const;
  const { store, backend } = await openOn(machine, options);
  await finished(store.put(key, large('one')), () => backend.tick());
  await finished(store.takeSnapshot(), () => backend.tick());
  await finished(store.put(key, large('two')), () => backend.tick());
  await settle();
  const cut = await openOn(powerCut(machine, 'drop-unsynced'), options);
  const found = textOf(await cut.store.get(key));
  assert.ok([large('one'), large('two')].map(textOf).includes(found), 'either, whole');
  await finished(cut.store.close(), () => cut.backend.tick());
  await finished(store.close(), () => backend.tick());
});

test.run();
