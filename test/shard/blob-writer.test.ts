/** One value: when it is acknowledged, what slow devices cost, and that nothing stays of what fails. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

test('memory is not used again while a device still reads it', async () => {
  const { store, devices, clock } = fixture();
  const value = randomValue(small);
  devices.hold(2);
  const write = watched(store.write(key, value));
  await settled();
  for (let tick = 0; tick < 4; tick++) clock.advance(tickMs);
  await settled();
  assert.ok(write.value !== null, 'acknowledged without the slow device');
  const draft = write.value as { blob: number; manifest: Uint8Array };
  store.settle(draft as never, 'committed');
  for (let i = 0; i < 4; i++) await put(store, randomValue(small, i + 2));
  devices.release(2);
  await settled();
  // Only what was written late is left to read the value from, with three others.
  const late = [0, 1, 2, 3, 4, 5].find((n) => devices.locate(draft.blob, 0, n)?.device === 2);
  const others = [0, 1, 2, 3, 4, 5].filter((n) => n !== late).slice(0, 2);
  for (const number of others) devices.lose(draft.blob, 0, number);
  assert.ok((await store.read(draft.manifest)).equals(value));
});

test.run();
