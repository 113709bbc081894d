/** Writing: when a value is acknowledged, when it is refused, and that nothing half written stays. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  fixture,
  key,
  manifestOf,
  put,
  randomValue,
  rejection,
  settled,
  small,
  twoStripes,
  watched,
} from './blob-fixture.js';

const tickMs = limits.blobGraceMs / 2;

test('a value is acknowledged when all fragments are durable, not before', async () => {
  const { store, devices, missing } = fixture();
  devices.hold(5);
  const write = watched(store.write(key, randomValue(small)));
  await settled();
  assert.is(write.value, null, 'five of six are no reason to hurry');
  devices.release(5);
  await settled();
  assert.ok(write.value !== null);
  store.settle(write.value as never, 'committed');
  assert.equal(missing, []);
});

test('never with fewer than data + spare, however long it takes', async () => {
  const { store, devices, clock } = fixture();
  devices.hold(4);
  devices.hold(5);
  const write = watched(store.write(key, randomValue(small)));
  await settled();
  for (let tick = 0; tick < 6; tick++) clock.advance(tickMs);
  await settled();
  assert.is(write.value, null);
  devices.release(4);
  devices.release(5);
  await settled();
  assert.ok(write.value !== null);
});

test('a slow device is waited for during the grace time, then goes to repair', async () => {
  const { store, devices, clock, missing } = fixture();
  devices.hold(2);
  const write = watched(store.write(key, randomValue(small)));
  await settled();
  clock.advance(tickMs);
  await settled();
  assert.is(write.value, null);
  clock.advance(2 * tickMs);
  await settled();
  const draft = write.value as { blob: number; manifest: Uint8Array } | null;
  assert.ok(draft !== null);
  if (draft === null) return;
  assert.equal(missing, [], 'nothing is repaired before the name is kept');
  store.settle(draft, 'committed');
  assert.is(missing.length, 1);
  assert.ok((await store.read(draft.manifest)).equals(randomValue(small)));
  devices.release(2);
  await settled();
  assert.is(missing.length, 1);
});

test('a device that lags is left out of later writes until it answers', async () => {
  const { store, devices, clock } = fixture({ devices: 7 });
  devices.hold(0);
  const slow = watched(store.write(key, randomValue(small)));
  await settled();
  for (let tick = 0; tick < 3; tick++) clock.advance(tickMs);
  await settled();
  // Blob 1 begins at device 1 and goes round to device 6; blob 2 and later meet device 0.
  const second = watched(store.write(key, randomValue(small)));
  await settled();
  for (let tick = 0; tick < 3; tick++) clock.advance(tickMs);
  await settled();
  assert.ok(slow.value !== null && second.value !== null);
  const held = devices.twin(0).held.length;
  for (let i = 0; i < 7; i++) await put(store, randomValue(small));
  assert.is(devices.twin(0).held.length, held, 'nothing more was asked of it');
  devices.release(0);
  await settled();
  const before = devices.twin(0).end;
  for (let i = 0; i < 7; i++) await put(store, randomValue(small));
  assert.ok(devices.twin(0).end > before, 'it takes part again');
});

test('a device that fails in mid-write: enough are left, the rest goes to repair', async () => {
  const { store, devices, missing } = fixture();
  devices.refuse(3);
  const value = randomValue(twoStripes);
  const draft = await store.write(key, value);
  store.settle(draft, 'committed');
  assert.is(missing.length, 2, 'one of each stripe');
  assert.ok((await store.read(draft.manifest)).equals(value));
});

test('another device takes the fragment when there is one', async () => {
  const { store, devices, missing } = fixture({ devices: 7 });
  devices.refuse(2);
  for (let i = 0; i < 7; i++) {
    const draft = await store.write(key, randomValue(small));
    store.settle(draft, 'committed');
    const places = [0, 1, 2, 3, 4, 5].map((n) => devices.locate(draft.blob, 0, n)?.device);
    assert.is(new Set(places).size, 6);
    assert.not(places.includes(2));
  }
  assert.equal(missing, []);
});

test('too few devices at the start: refused, and nothing is written', async () => {
  const { store, devices } = fixture();
  devices.fail(1, 4);
  const write = store.write(key, randomValue(small));
  let message = '';
  await write.catch((error: Error) => {
    message = error.message;
  });
  assert.is(await rejection(write), 'THEMIS_DEVICES_TOO_FEW');
  assert.match(message, 'needs 5 usable devices; there are 4');
  assert.match(message, 'device 1 (/device-1) is failed; device 4');
  assert.is(devices.appends, 0);
  assert.is(await rejection(store.openWriteStream(key)), 'THEMIS_DEVICES_TOO_FEW');
  const one = fixture({ devices: 5 });
  assert.is((await put(one.store, randomValue(small))).length, 76, 'five are enough');
});

test('too few in mid-write: a typed error, and all fragments are forgotten', async () => {
  const { store, devices } = fixture();
  devices.refuse(1);
  devices.refuse(4);
  assert.is(await rejection(store.write(key, randomValue(twoStripes))), 'THEMIS_DEVICES_TOO_FEW');
  await settled();
  assert.equal(devices.blobs, []);
  const full = fixture();
  for (let device = 0; device < 6; device++) full.devices.refuse(device, 'THEMIS_DEVICE_FULL');
  assert.is(await rejection(full.store.write(key, randomValue(small))), 'THEMIS_DEVICE_FULL');
});

test('what a slow device writes after the value failed is forgotten, too', async () => {
  const { store, devices } = fixture();
  devices.refuse(1);
  devices.refuse(4);
  devices.hold(0);
  assert.is(await rejection(store.write(key, randomValue(small))), 'THEMIS_DEVICES_TOO_FEW');
  devices.release(0);
  await settled();
  assert.equal(devices.blobs, []);
});

test('an abandoned draft leaves nothing, not even what comes late', async () => {
  const { store, devices, clock, missing } = fixture();
  devices.hold(2);
  const write = watched(store.write(key, randomValue(small)));
  await settled();
  for (let tick = 0; tick < 4; tick++) clock.advance(tickMs);
  await settled();
  assert.ok(write.value !== null);
  store.settle(write.value as never, 'abandoned');
  assert.equal(devices.blobs, []);
  devices.release(2);
  await settled();
  assert.equal(devices.blobs, []);
  assert.equal(missing, []);
});

test('devices that never answer are reported, and the write ends with a deadline', async () => {
  const { store, devices, clock } = fixture();
  devices.hold(0);
  devices.hold(1);
  const write = rejection(store.write(key, randomValue(small)));
  await settled();
  for (let at = 0; at < limits.blobWriteMs + limits.blobGraceMs; at += tickMs)
    clock.advance(tickMs);
  assert.is(await write, 'THEMIS_DEADLINE_EXCEEDED');
  assert.equal(devices.faults.map(({ device }) => device).sort(), [0, 1]);
});

test('writers wait in line for memory; too many of them are refused', async () => {
  const { store, devices } = fixture();
  for (let device = 0; device < 6; device++) devices.hold(device);
  const value = randomValue(4 * MiB);
  // Five of these stripes fill the memory of the store.
  const writes = Array.from({ length: 12 }, () => watched(store.write(key, value)));
  await settled();
  assert.is(devices.appends, 5 * 6);
  const others = Array.from({ length: limits.blobWritersMax - 12 }, () =>
    watched(store.write(key, value.subarray(0, 1))),
  );
  assert.is(await rejection(store.write(key, randomValue(1))), 'THEMIS_OVERLOADED');
  for (let round = 0; round < 6; round++) {
    for (let device = 0; device < 6; device++) devices.release(device);
    await settled();
  }
  assert.ok([...writes, ...others].every(({ value: draft }) => draft !== null));
  assert.is(await rejection(store.write(key, randomValue(1))), undefined, 'there is room again');
});

test('values that are too long together are refused; one alone is not', async () => {
  const { store } = fixture();
  const half = new Uint8Array(limits.blobWritersBytesMax / 2);
  const writes = [1, 2].map(() => rejection(store.write(key, half)));
  assert.is(await rejection(store.write(key, randomValue(1))), 'THEMIS_OVERLOADED');
  await store.close();
  assert.equal(await Promise.all(writes), ['THEMIS_CLOSED', 'THEMIS_CLOSED']);
});

test('closing while writes are under way fails them, and waits for the devices', async () => {
  const { store, devices } = fixture();
  devices.hold(0);
  const write = rejection(store.write(key, randomValue(small)));
  await settled();
  const close = watched(store.close().then(() => 'closed'));
  await settled();
  assert.is(await write, 'THEMIS_CLOSED');
  assert.is(close.value, null, 'a device still reads the memory');
  devices.release(0);
  await settled();
  assert.is(close.value, 'closed');
  assert.equal(devices.blobs, []);
});

test('a value longer than any blob is refused before anything is done', async () => {
  const { store, devices } = fixture({ code: { data: 1, parity: 5 } });
  const length = limits.blobBytesMax + 1;
  const monster = new Proxy(new Uint8Array(0), {
    get: (target, name) => (name === 'length' ? length : Reflect.get(target, name)),
  });
  assert.is(await rejection(store.write(key, monster)), 'THEMIS_VALUE_TOO_LARGE');
  assert.is(devices.sessions, 0);
});

test('the zeros behind a value are zeros although the memory was used before', async () => {
  const { store, devices } = fixture();
  await put(store, randomValue(twoStripes).fill(0xff));
  const manifest = await put(store, new Uint8Array(1));
  const { blob } = manifestOf(manifest);
  for (let number = 0; number < 4; number++) {
    const data = devices.bytesOf(blob, 0, number).subarray(limits.blockBytes);
    assert.ok(
      data.every((byte) => byte === 0),
      `fragment ${number}`,
    );
  }
  devices.damage(blob, 0, 0);
  devices.damage(blob, 0, 1);
  assert.equal([...(await store.read(manifest))], [0]);
});

test.run();
