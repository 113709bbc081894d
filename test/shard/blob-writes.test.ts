/** All that is written: what is refused early, who waits for memory, and closing in between. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  fixture,
  key,
  put,
  randomValue,
  rejection,
  settled,
  small,
  watched,
} from './blob-fixture.js';

const tickMs = limits.blobGraceMs / 2;

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

test.run();
