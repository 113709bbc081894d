/** Streams in: any chunks make the same value, memory stays constant, ends are clean. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { fixture, key, put, randomValue, rejection, settled, watched } from './blob-fixture.js';

/** One data fragment a stripe and little parity: stripes of 4 MiB, quick to code. */
const code = { data: 2, parity: 1 };

test('however a value is cut into chunks, it is the value', async () => {
  const { store } = fixture({ code, devices: 3 });
  const value = randomValue(9 * MiB + 7);
  const cuts = fc.array(fc.nat(value.length), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cuts, async (list) => {
      const stream = await store.openWriteStream(key);
      let at = 0;
      for (const cut of [...list.sort((a, b) => a - b), value.length]) {
        const chunk = value.slice(at, cut);
        await stream.write(chunk);
        chunk.fill(0);
        at = cut;
      }
      assert.is(stream.length, value.length);
      const draft = await stream.finish();
      store.settle(draft, 'committed');
      assert.ok((await store.read(draft.manifest)).equals(value), `cut at ${list.join(' ')}`);
      store.died([draft]);
    }),
    { numRuns: 8 },
  );
});

test('the same value has the same digests, streamed or not', async () => {
  const value = randomValue(5 * MiB);
  const whole = fixture({ code, devices: 3 });
  const streamed = fixture({ code, devices: 3 });
  const stream = await streamed.store.openWriteStream(key);
  await stream.write(value.subarray(0, 1000));
  await stream.write(value.subarray(1000));
  assert.equal((await stream.finish()).manifest, await put(whole.store, value));
});

test('a stream takes no more than a few stripes while devices do not answer', async () => {
  const { store, devices } = fixture({ code, devices: 3 });
  for (let device = 0; device < 3; device++) devices.hold(device);
  const stream = await store.openWriteStream(key);
  const chunk = randomValue(1 * MiB);
  let taken = 0;
  const writing = watched(
    (async () => {
      for (let i = 0; i < 40; i++) {
        await stream.write(chunk);
        taken += 1;
      }
      return stream.finish();
    })(),
  );
  await settled();
  // What is under way, and one stripe that is being gathered.
  assert.is(taken * MiB, (limits.blobStreamStripes + 1) * limits.blobStripeBytes);
  for (let round = 0; writing.value === null && round < 20; round++) {
    for (let device = 0; device < 3; device++) devices.answerHeld(device);
    await settled();
  }
  assert.is(taken, 40);
  assert.ok(writing.value !== null);
});

test('an aborted stream leaves nothing, and says so to whoever goes on', async () => {
  const { store, devices } = fixture({ code, devices: 3 });
  const stream = await store.openWriteStream(key);
  await stream.write(randomValue(6 * MiB));
  await settled();
  assert.ok(devices.blobs.length > 0);
  stream.abort();
  stream.abort();
  assert.is(await rejection(stream.write(new Uint8Array(1))), 'THEMIS_ABORTED');
  assert.is(await rejection(stream.finish()), 'THEMIS_ABORTED');
  await settled();
  assert.equal(devices.blobs, []);
});

test('devices that fail end the stream with their error', async () => {
  const { store, devices } = fixture({ code, devices: 3 });
  const stream = await store.openWriteStream(key);
  await stream.write(randomValue(1 * MiB));
  devices.refuse(0);
  devices.refuse(1);
  const ended = await rejection(
    (async () => {
      for (;;) await stream.write(randomValue(4 * MiB));
    })(),
  );
  assert.is(ended, 'THEMIS_DEVICES_TOO_FEW');
  assert.equal(devices.blobs, []);
});

test('a finished stream takes nothing more; a stream of nothing is a value', async () => {
  const { store } = fixture({ code, devices: 3 });
  const stream = await store.openWriteStream(key);
  const draft = await stream.finish();
  assert.is(await rejection(stream.write(new Uint8Array(1))), 'THEMIS_CLOSED');
  assert.is(await rejection(stream.finish()), 'THEMIS_CLOSED');
  stream.abort();
  store.settle(draft, 'committed');
  assert.is((await store.read(draft.manifest)).length, 0);
});

test('closing the store ends its streams', async () => {
  const { store } = fixture({ code, devices: 3 });
  const stream = await store.openWriteStream(key);
  await stream.write(new Uint8Array(10));
  await store.close();
  assert.is(await rejection(stream.write(new Uint8Array(1))), 'THEMIS_CLOSED');
});

test('streams are bounded in number, and a finished one makes room', async () => {
  const { store } = fixture({ code, devices: 3 });
  const streams = [];
  for (let i = 0; i < limits.blobStreamsMax; i++) streams.push(await store.openWriteStream(key));
  assert.is(await rejection(store.openWriteStream(key)), 'THEMIS_OVERLOADED');
  await streams[0]?.finish();
  await settled();
  assert.is(await rejection(store.openWriteStream(key)), undefined);
  streams[1]?.abort();
  await settled();
  assert.is(await rejection(store.openWriteStream(key)), undefined);
});

test.run();
